"""The file that says which labels in front matter are ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import UsageError
from classifier.outputs.label_file import FILE, LabelFile

HEAD = "# Labels that classify wrote, by path and key. Commit this file. Lines may be merged.\n"


def lines(folder: Path) -> list[str]:
    return (folder / FILE).read_text().splitlines()[1:]


def test_there_is_no_file_until_there_is_a_label(tmp_path: Path) -> None:
    file = LabelFile.read(tmp_path)
    assert (file.whole, file.written("a.md", "tags")) == (False, ())
    file.settle("a.md", "tags", [])
    file.save()
    assert not list(tmp_path.iterdir())


def test_an_intention_is_a_line_with_a_mark_until_it_is_settled(tmp_path: Path) -> None:
    file = LabelFile.read(tmp_path)
    file.intend("b.md", "tags", ["Wine"])
    file.intend("a.md", "Tags", ["Wine", "Bread"])
    file.save()
    assert lines(tmp_path) == ["a.md\ttags\tBread\t?", "a.md\ttags\tWine\t?", "b.md\ttags\tWine\t?"]
    again = LabelFile.read(tmp_path)
    assert (again.written("a.md", "TAGS"), again.intended("a.md", "TAGS")) == (
        (),
        ("Bread", "Wine"),
    )
    again.settle("a.md", "tags", ["Wine"])
    again.settle("b.md", "tags", [])
    again.save()
    assert lines(tmp_path) == ["a.md\ttags\tWine"]
    assert LabelFile.read(tmp_path).whole


@pytest.mark.parametrize("cell", ["a\tb", "a\nb", "a\r", "a\\tb", "\\", "caf\u00e9", "\udce9.md"])
def test_any_path_key_and_label_comes_back(tmp_path: Path, cell: str) -> None:
    file = LabelFile.read(tmp_path)
    file.settle(cell, "tags", [cell])
    file.settle("a.md", cell, ["x"])
    file.save()
    again = LabelFile.read(tmp_path)
    assert not again.damage
    assert again.written(cell, "tags") == (cell,)
    assert again.written("a.md", cell) == ("x",)


@pytest.mark.parametrize(
    "bad", ["a.md", "a.md\ttags", "a.md\ttags\t", "\ttags\tx", "a.md\ttags\tx\ty", "a\0\ttags\tx"]
)
def test_a_damaged_line_is_named_and_the_others_count(tmp_path: Path, bad: str) -> None:
    (tmp_path / FILE).write_text(f"{HEAD}b.md\ttags\tWine\n{bad}\nc.md\ttags\tBread\n")
    file = LabelFile.read(tmp_path)
    assert (FILE in file.damage, "line 3 is" in file.damage) == (True, True)
    assert not file.whole
    assert (file.written("b.md", "tags"), file.written("c.md", "tags")) == (("Wine",), ("Bread",))


def test_of_a_merge_conflict_both_sides_count(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        f"{HEAD}a.md\ttags\tA\n<<<<<<< HEAD\nb.md\ttags\tB\n||||||| base\nold.md\ttags\tO\n"
        "=======\nc.md\ttags\tC\n>>>>>>> topic\n"
    )
    file = LabelFile.read(tmp_path)
    assert "lines 3, 5, 7, 9 are" in file.damage
    assert [bool(file.written(f"{name}.md", "tags")) for name in ("a", "b", "c", "old")] == [
        True,
        True,
        True,
        False,
    ]


def test_windows_line_ends_a_mark_and_no_order_are_fine(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(
        b"\xef\xbb\xbfb.md\ttags\tB\r\na.md\ttags\tA\t?\r\na.md\ttags\tA\r\n"
    )
    file = LabelFile.read(tmp_path)
    assert (file.whole, file.written("a.md", "tags"), file.intended("a.md", "tags")) == (
        True,
        ("A",),
        (),
    )


def test_what_another_process_wrote_meanwhile_stays(tmp_path: Path) -> None:
    one, other = LabelFile.read(tmp_path), LabelFile.read(tmp_path)
    one.settle("a.md", "tags", ["A"])
    other.settle("b.md", "tags", ["B"])
    one.save()
    other.save()
    one.settle("a.md", "tags", [])
    one.save()
    assert lines(tmp_path) == ["b.md\ttags\tB"]


def test_a_link_is_neither_read_nor_written_through(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("mine")
    (tmp_path / FILE).symlink_to(target)
    with pytest.raises(UsageError, match="no ordinary file"):
        LabelFile.read(tmp_path)
    assert target.read_text() == "mine"


def test_an_emptied_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("")
    assert not LabelFile.read(tmp_path).whole
