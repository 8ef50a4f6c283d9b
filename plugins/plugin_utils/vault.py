# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""ansible-vault with the passwords of this run: what is encrypted here, `ansible-vault view` shows."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible.errors import AnsibleError
from ansible.parsing.vault import VaultLib, match_encrypt_secret
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError

ADVICE = (
    "Give one: --vault-password-file FILE, --vault-id NAME@FILE, or --ask-vault-pass, as for ansible-vault; keep it, "
    "because nothing else opens the backup."
)


class Vault:
    """Encrypts and decrypts by the vault passwords that a run was started with."""

    def __init__(self, loader: Any) -> None:
        """Take the passwords of a DataLoader. Raises EngineError without one."""
        self._secrets = loader._vault.secrets or []
        if not self._secrets:
            raise EngineError(f"a backup is encrypted by ansible-vault, and this run has no vault password. {ADVICE}")
        self._library = VaultLib(self._secrets)

    def encrypt(self, plain: bytes) -> bytes:
        """Return the text of a vault. Raises EngineError when DEFAULT_VAULT_ENCRYPT_IDENTITY names no password."""
        try:
            name, secret = match_encrypt_secret(
                self._secrets, constants.config.get_config_value("DEFAULT_VAULT_ENCRYPT_IDENTITY")
            )
            return bytes(self._library.encrypt(plain, secret, vault_id=name))
        except AnsibleError as error:
            raise EngineError(f"ansible-vault cannot encrypt the backup: {error}") from None

    def decrypt(self, sealed: bytes) -> bytes:
        """Return what a vault holds. Raises EngineError for another password."""
        try:
            return bytes(self._library.decrypt(sealed))
        except AnsibleError:
            raise EngineError(
                "the backup cannot be decrypted by the vault passwords of this run. Give the one that it was made "
                "with: --vault-password-file FILE, --vault-id NAME@FILE or --ask-vault-pass."
            ) from None
