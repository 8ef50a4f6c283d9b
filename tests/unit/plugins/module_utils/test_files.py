"""A file that others see as a whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.files import PRIVATE, PUBLIC, digest, whole


@pytest.mark.parametrize("mode", [PRIVATE, PUBLIC])
def test_a_file_appears_when_all_is_written(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    before = os.umask(0o077)
    try:
        with whole(path, mode) as handle:
            handle.write(b"one")
            assert not path.exists()
            (draft,) = tmp_path.iterdir()
            assert stat.S_IMODE(draft.stat().st_mode) == PRIVATE
    finally:
        os.umask(before)
    assert path.read_bytes() == b"one"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_leaves_the_earlier_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"earlier")

    def interrupted() -> None:
        with whole(path) as handle:
            handle.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), whole(tmp_path / "none/file"):
        pass


def test_the_digest_is_that_of_sha256sum() -> None:
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
