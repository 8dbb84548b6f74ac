from __future__ import annotations

import errno
import json
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from classifier.errors import OutputError
from classifier.outputs.files import replacing, write_text


def failing(number: int):
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "out.csv"
    path.write_text("old", encoding="utf-8")
    return path


def alone(path: Path) -> bool:
    return [it.name for it in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("there", [True, False])
def test_the_file_appears_when_the_block_ends_and_not_before(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "a.txt"
    if there:
        path.write_text("old", encoding="utf-8")
    with replacing(path) as file:
        file.write("new\r\nKäse\n")
        file.flush()
        assert (path.read_text(encoding="utf-8") == "old") if there else not path.exists()
    assert path.read_bytes() == "new\r\nKäse\n".encode()
    assert alone(path)


def test_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    with replacing(tmp_path / "a", "wb") as file:
        file.write(b"\x00\r\n\xff")
    assert (tmp_path / "a").read_bytes() == b"\x00\r\n\xff"


@pytest.mark.parametrize("trouble", [KeyError("x"), KeyboardInterrupt(), ConnectionError("gone")])
def test_an_exception_of_the_block_passes_through_and_leaves_the_old_file(
    old: Path, trouble: BaseException
) -> None:
    def interrupted() -> None:
        with replacing(old) as file:
            file.write("half")
            raise trouble

    with pytest.raises(type(trouble)) as caught:
        interrupted()
    assert caught.value is trouble
    assert old.read_text(encoding="utf-8") == "old"
    assert alone(old)


@pytest.mark.parametrize("step", ["fsync", "fchmod", "replace"])
def test_a_disk_that_fills_up_at_the_end_leaves_the_old_file(
    old: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(Path if step == "replace" else os, step, failing(errno.ENOSPC))
    with (
        pytest.raises(OutputError, match=r"'.*out\.csv'.*no space.*make room"),
        replacing(old) as f,
    ):
        f.write("new")
    assert old.read_text(encoding="utf-8") == "old"
    assert alone(old)


def test_a_disk_that_fills_up_while_writing_leaves_the_old_file(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = os.open

    def full(path: object, flags: int, mode: int = 0o777) -> int:
        if not str(path).endswith(".tmp"):
            return create(path, flags, mode)  # type: ignore[arg-type]
        os.close(create(path, flags, mode))  # type: ignore[arg-type]
        return create("/dev/full", os.O_WRONLY)

    monkeypatch.setattr(os, "open", full)
    with pytest.raises(OutputError, match="no space left"), replacing(old) as file:
        file.write("x" * 1_000_000)
    assert old.read_text(encoding="utf-8") == "old"
    assert alone(old)


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="no attributes of files in Python")
def test_what_was_attached_to_an_old_file_is_kept(old: Path) -> None:
    try:
        os.setxattr(old, "user.note", b"mine")
    except OSError:
        pytest.skip("the file system has no attributes")
    with replacing(old) as file:
        file.write("new")
    assert old.read_text(encoding="utf-8") == "new"
    assert os.getxattr(old, "user.note") == b"mine"


def test_attributes_that_cannot_be_copied_are_left(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(_: int, name: str, __: bytes) -> None:
        asked.append(name)
        raise OSError(errno.ENOTSUP, "not supported")

    names = ["security.selinux", "user.a", "user.b", "system.posix_acl_access"]
    monkeypatch.setattr(os, "listxattr", lambda _: names, raising=False)
    monkeypatch.setattr(os, "getxattr", lambda *_: b"x", raising=False)
    monkeypatch.setattr(os, "setxattr", refuse, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with replacing(old) as file:
        file.write("new")
    assert old.read_text(encoding="utf-8") == "new"
    assert asked == names[1:]


@pytest.mark.skipif(not hasattr(os, "fchmod"), reason="no POSIX permissions")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_permissions_of_an_old_file_are_kept(old: Path, mode: int) -> None:
    old.chmod(mode)
    with replacing(old) as file:
        (temporary,) = set(old.parent.iterdir()) - {old}
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        file.write("new")
    assert stat.S_IMODE(old.stat().st_mode) == mode


def test_what_an_old_group_was_allowed_is_not_given_to_another(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.chmod(0o664)
    monkeypatch.setattr(os, "fchown", failing(errno.EPERM))
    with replacing(old) as file:
        file.write("new")
    assert stat.S_IMODE(old.stat().st_mode) == 0o604


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    with replacing(tmp_path / "ours") as file:
        file.write("new")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_stays_a_link_and_what_it_points_to_is_replaced(old: Path) -> None:
    folder = old.parent / "folder"
    folder.mkdir()
    link = folder / "link.csv"
    link.symlink_to("../out.csv")
    with replacing(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert old.read_text(encoding="utf-8") == "new"
    assert alone(link)


def test_a_link_to_nothing_makes_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("later")
    with replacing(tmp_path / "link") as file:
        file.write("new")
    assert (tmp_path / "later").read_text(encoding="utf-8") == "new"


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match="circle"), replacing(tmp_path / "a"):
        pass


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="it is a folder; name a file in it"), replacing(tmp_path):
        pass


def test_a_missing_folder_is_named_before_anything_is_written(tmp_path: Path) -> None:
    with (
        pytest.raises(OutputError, match=r"no/out\.csv'.*make the folder first"),
        replacing(tmp_path / "no" / "out.csv"),
    ):
        pytest.fail("the block was entered")


def test_a_text_file_makes_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.txt"
    write_text(path, "Käse\n")
    assert path.read_bytes() == "Käse\n".encode()


def test_a_folder_that_cannot_be_made_is_one_line(old: Path) -> None:
    with pytest.raises(OutputError, match=r"^cannot write .*c\.txt'"):
        write_text(old / "b" / "c.txt", "new")
    assert old.read_text("utf-8") == "old"


def test_a_device_is_never_replaced_by_a_file() -> None:
    with pytest.raises(OutputError, match="device"), replacing(Path("/dev/null")):
        pass
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize(
    ("number", "hint"), [(errno.EACCES, "may write to"), (errno.EROFS, "can be written to")]
)
def test_a_folder_that_takes_no_file_is_one_line(
    old: Path, monkeypatch: pytest.MonkeyPatch, number: int, hint: str
) -> None:
    monkeypatch.setattr(os, "open", failing(number))
    with pytest.raises(OutputError, match=hint) as caught, replacing(old):
        pass
    assert "\n" not in str(caught.value)


def test_a_read_only_file_stays(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write to anything
    with pytest.raises(OutputError, match="read-only"), replacing(old):
        pass
    assert old.read_text(encoding="utf-8") == "old"


def test_readers_see_the_old_file_or_the_new_one_never_a_half(old: Path) -> None:
    texts = {letter * 300_000 for letter in "abc"}
    seen: set[str] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.add(old.read_text(encoding="utf-8"))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for text in sorted(texts) * 5:
            with replacing(old) as file:
                for n in range(0, len(text), 50_000):
                    file.write(text[n : n + 50_000])
    finally:
        stop.set()
        reader.join()
    assert seen <= texts | {"old"}


def test_a_name_that_is_not_utf8_becomes_an_escape(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "names.json"
    write_text(path, json.dumps(["bad\udcff.md", "\u00e9"], ensure_ascii=False))
    assert json.loads(path.read_text("utf-8")) == ["bad\udcff.md", "\u00e9"]
