"""A tree on disk: only what was written there before is changed or removed, whatever else the folder holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.folder import LIST, Changes, Folder, Refused

FILES = {"README.md": "one\n", "00-a/b.yaml": "two\n"}


def write(path: Path, files: dict[str, str], kept: tuple[str, ...] = ()) -> Changes:
    folder = Folder(path)
    changes = folder.changes(files, kept)
    folder.apply(files, kept, changes)
    return changes


def there(path: Path) -> dict[str, str]:
    found = [each for each in path.rglob("*") if each.is_file() and each.name != LIST]
    return {str(each.relative_to(path)): each.read_text() for each in found}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with the files."""
    write(tmp_path / "tree", FILES)
    return tmp_path / "tree"


def test_a_new_folder_holds_the_files_and_a_second_run_changes_nothing(tree: Path) -> None:
    assert there(tree) == FILES
    assert not write(tree, FILES)


def test_what_is_not_wanted_any_more_goes_with_its_folder(tree: Path) -> None:
    assert write(tree, {"README.md": "new\n"}) == Changes(("README.md",), ("00-a/b.yaml",))
    assert there(tree) == {"README.md": "new\n"}
    assert not (tree / "00-a").exists()


def test_files_of_others_and_of_other_chapters_stay(tree: Path) -> None:
    (tree / "00-a/theirs.yaml").write_text("theirs\n")
    write(tree, {"README.md": "new\n"}, kept=("00-a/b.yaml",))
    assert there(tree) == {"README.md": "new\n", "00-a/b.yaml": "two\n", "00-a/theirs.yaml": "theirs\n"}
    assert "00-a/b.yaml" in Folder(tree).listed


def test_what_somebody_edited_is_written_again_but_not_removed(tree: Path) -> None:
    (tree / "00-a/b.yaml").write_text("edited\n")
    assert write(tree, FILES).written == ("00-a/b.yaml",)
    (tree / "00-a/b.yaml").write_text("edited\n")
    assert write(tree, {"README.md": "one\n"}).left == ("00-a/b.yaml",)
    assert there(tree)["00-a/b.yaml"] == "edited\n"


def test_an_interrupted_run_leaves_a_list_of_all_it_wrote(tree: Path) -> None:
    folder = Folder(tree)
    more = {**FILES, "00-a/c.yaml": "three\n", "01-b": "x"}
    (tree / "00-a/b.yaml").unlink()
    (tree / "00-a").rmdir()
    (tree / "00-a").symlink_to("/nowhere")
    with pytest.raises(OSError, match="00-a"):
        folder.apply(more, (), Changes(("01-b", "00-a/c.yaml")))
    assert {"01-b", "00-a/c.yaml", *FILES} == Folder(tree).listed.keys()


def foreign(path: Path) -> None:
    path.mkdir()
    (path / "mine.txt").write_text("mine")


def no_folder(path: Path) -> None:
    path.write_text("a file")


def broken_list(path: Path) -> None:
    path.mkdir()
    (path / LIST).write_text("[]")


def leaving_list(path: Path) -> None:
    path.mkdir()
    (path / LIST).write_text(json.dumps({"files": {"../../etc/passwd": "x"}}))


def in_the_way(path: Path) -> None:
    write(path, {"other": "x"})
    (path / "README.md").write_text("mine")


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "others' files": (foreign, r"did not write \(mine.txt\). Nothing was written"),
    "no folder": (no_folder, "is no folder"),
    "a broken list": (broken_list, "not as this playbook writes it"),
    "a list that leads out": (leaving_list, "outside of the tree: ../../etc/passwd"),
    "a file of another in the way": (in_the_way, "in the way: README.md"),
}


@pytest.mark.parametrize(("prepare", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_a_folder_is_refused(tmp_path: Path, prepare: Callable[[Path], None], why: str) -> None:
    prepare(tmp_path / "tree")
    with pytest.raises(Refused, match=why):
        write(tmp_path / "tree", FILES)


def test_a_folder_of_git_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, FILES)
    assert there(tmp_path) == FILES
