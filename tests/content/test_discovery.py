"""The walk finds every article below a folder, once, and never leaves it."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier.content.discovery import Found, Selection, Skipped, UnmatchedPatterns, walk
from classifier.errors import UsageError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")


def found(root: Path, **selection: tuple[str, ...]) -> list[str]:
    """Return paths below the root; fails where anything was skipped."""
    articles = list(walk(root, Selection(**selection)))
    assert all(isinstance(article, Found) for article in articles), articles
    return [os.path.relpath(article.path, root) for article in articles]


def skipped(root: Path) -> dict[str, str]:
    return {
        os.path.relpath(one.path, root): one.why for one in walk(root) if isinstance(one, Skipped)
    }


def test_markdown_is_found_in_the_order_of_names_at_every_depth(root: Path) -> None:
    write(root, "b.md", "a/z.MD", "a/b/c/d.markdown", "c.mdx", "a.md", "x.txt", "y.md.bak", "a/md")
    assert found(root) == ["a/b/c/d.markdown", "a/z.MD", "a.md", "b.md", "c.mdx"]


def test_size_and_time_are_those_of_the_file(root: Path) -> None:
    write(root, "a.md")
    os.utime(root / "a.md", ns=(1, 1_700_000_000_123_456_789))
    assert list(walk(root)) == [Found(f"{root}/a.md", 1, 1_700_000_000_123_456_789)]


def test_paths_are_written_as_the_caller_wrote_the_folder(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, "p/a.md")
    monkeypatch.chdir(root)
    for given, expected in [(".", "p/a.md"), ("p", "p/a.md"), ("../content", "../content/p/a.md")]:
        assert [one.path for one in walk(Path(given))] == [expected]


def test_hidden_and_section_pages_are_left_out(root: Path) -> None:
    write(root, "a.md", ".b.md", ".git/c.md", "_index.md", "d/_index.en.md", "d/index.md", "_e.md")
    assert found(root) == ["_e.md", "a.md", "d/index.md"]


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        (("posts/",), (), ["posts/2024/b.md", "posts/a.md"]),
        (("posts/*.md",), (), ["posts/a.md"]),
        (("**/b.md",), (), ["posts/2024/b.md"]),
        (("*.md", "!posts/**"), (), ["drafts/c.md", "top.md"]),
        ((), ("drafts/", "/top.md"), ["posts/2024/b.md", "posts/a.md"]),
        (("posts/",), ("2024/",), ["posts/a.md"]),
        (("_index.md",), (), ["posts/_index.md"]),
        (("posts/", "_index.md"), ("b.md",), ["posts/_index.md", "posts/a.md"]),
        (("*.jpg",), (), []),
    ],
)
def test_patterns_are_those_of_gitignore(
    root: Path, include: tuple[str, ...], exclude: tuple[str, ...], expected: list[str]
) -> None:
    write(root, "posts/a.md", "posts/2024/b.md", "posts/_index.md", "posts/a.jpg", "drafts/c.md")
    write(root, "top.md")
    assert found(root, include=include, exclude=exclude) == expected


@pytest.mark.parametrize("option", ["include", "exclude"])
def test_a_pattern_that_cannot_be_understood_is_named(root: Path, option: str) -> None:
    with pytest.raises(UsageError, match=f"{option} pattern.*'!'"):
        walk(root, Selection(**{option: ("!",)}))


@pytest.mark.parametrize(
    ("include", "exclude", "expected"),
    [
        ((), (), []),
        (("posts/",), ("drafts/", "*.mdx"), [("exclude", "*.mdx")]),
        (("*.rst", "top.md"), (), [("include", "*.rst")]),
        (("# note", ""), ("!posts/", "!nowhere/"), [("exclude", "!nowhere/")]),
        (("_index.md",), ("*.jpg",), [("exclude", "*.jpg")]),
    ],
)
def test_patterns_that_match_nothing_are_known_after_a_walk(
    root: Path,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    expected: list[tuple[str, str]],
) -> None:
    write(root, "posts/a.md", "posts/_index.md", "posts/a.jpg", "drafts/c.md", "top.md")
    selection = Selection(include=include, exclude=exclude)
    unmatched = UnmatchedPatterns(selection)
    list(walk(root, selection, unmatched=unmatched))
    assert list(unmatched) == expected


def test_an_excluded_folder_is_not_even_opened(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, "a.md", "big/b.md")
    opened: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: opened.append(path) or scandir(path))
    assert found(root, exclude=("big/",)) == ["a.md"]
    assert opened == [f"{root}/"]


def test_no_loop_of_links_is_walked(root: Path) -> None:
    write(root, "a/x.md", "b/y.md")
    (root / "a" / "up").symlink_to(root)
    (root / "a" / "here").symlink_to(".")
    (root / "a" / "b").symlink_to("../b")
    (root / "b" / "a").symlink_to("../a")
    (root / "itself").symlink_to("itself")
    (root / "itself.md").symlink_to("itself.md")
    assert [one.path for one in walk(root) if isinstance(one, Found)] == [
        f"{root}/a/x.md",
        f"{root}/b/y.md",
    ]
    whys = skipped(root)
    assert whys.pop("itself.md").startswith("cannot be read: ")
    assert whys == dict.fromkeys(
        ["a/up", "a/here", "a/b", "b/a"], "a link to a folder: these are not followed"
    )


def test_links_that_lead_out_are_refused_and_links_to_files_inside_are_followed(
    root: Path,
) -> None:
    write(root, "a/x.md")
    write(root.parent, "secret.md", "content-2/y.md")
    (root / "alias.md").symlink_to("a/x.md")
    (root / "out.md").symlink_to("../secret.md")
    (root / "sibling.md").symlink_to(root.parent / "content-2" / "y.md")
    (root / "folder").symlink_to(root.parent / "content-2")
    (root / "broken.md").symlink_to("nowhere.md")
    (root / "picture.png").symlink_to("../secret.md")
    assert [one.path for one in walk(root) if isinstance(one, Found)] == [
        f"{root}/a/x.md",
        f"{root}/alias.md",
    ]
    assert skipped(root) == {
        "out.md": "a link that leads out of the folder",
        "sibling.md": "a link that leads out of the folder",
        "folder": "a link to a folder: these are not followed",
        "broken.md": "cannot be read: No such file or directory",
    }


def test_a_root_that_is_a_link_itself_is_walked(root: Path) -> None:
    write(root, "a/x.md")
    (root / "alias.md").symlink_to("a/x.md")
    link = root.parent / "link"
    link.symlink_to("content")
    assert found(link) == ["a/x.md", "alias.md"]


def test_a_pipe_is_not_read(root: Path) -> None:
    os.mkfifo(root / "pipe.md")
    assert skipped(root) == {"pipe.md": "not a regular file"}


def test_a_file_given_directly_is_taken_whatever_its_name(root: Path) -> None:
    write(root, ".hidden", "_index.md")
    for name in (".hidden", "_index.md"):
        path = root / name
        assert [one.path for one in walk(path, Selection(exclude=("*",)))] == [str(path)]


def test_a_root_that_is_not_there_is_named_before_anything_is_asked_for(root: Path) -> None:
    with pytest.raises(UsageError, match=r"no such file or folder: .*nowhere"):
        walk(root / "nowhere")
    write(root, "a.md")
    with pytest.raises(UsageError, match="no such file or folder"):
        walk(root / "a.md" / "b.md")


def test_names_that_are_not_utf8_are_found(root: Path) -> None:
    name = os.fsdecode(b"caf\xe9.md")
    folder = os.fsdecode(b"\xff")
    write(root, name, f"{folder}/a.md")
    assert found(root) == [name, f"{folder}/a.md"]
    assert found(root, include=("caf*",)) == [name]


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that another user can reach, as root's tmp_path is not."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_folder_that_cannot_be_listed_is_named_and_passed_by(reachable: Path) -> None:
    write(reachable, "a/x.md", "closed/y.md", "z.md")
    (reachable / "closed").chmod(0)
    root = os.geteuid() == 0
    if root:  # who may read everything
        os.seteuid(65534)
    try:
        assert list(walk(reachable))[1] == Skipped(
            f"{reachable}/closed", "cannot be listed: Permission denied"
        )
        assert len(list(walk(reachable))) == 3
        with pytest.raises(UsageError, match="Permission denied"):
            walk(reachable / "closed" / "y.md")
    finally:
        if root:
            os.seteuid(0)
        (reachable / "closed").chmod(0o755)


def test_the_walk_is_lazy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, *(f"{n}/a.md" for n in range(9)))
    opened: list[str] = []
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: opened.append(path) or scandir(path))
    walking = walk(root)
    assert opened == []
    assert next(walking).path == f"{root}/0/a.md"
    assert opened == [f"{root}/", f"{root}/0/"]


@pytest.mark.slow
def test_folders_nested_deeper_than_calls_may_be_are_walked(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = 1500  # the system takes paths of 4096 bytes at most
    monkeypatch.chdir(root)
    for _ in range(deep):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.md").write_text("x", encoding="utf-8")
    os.chdir(root)
    try:
        assert [one.path for one in walk(Path())] == ["d/" * deep + "a.md"]
    finally:  # pytest would do it by recursion
        Path("d/" * deep + "a.md").unlink()
        for depth in range(deep, 0, -1):
            Path("d/" * depth).rmdir()


def test_the_order_is_the_same_in_every_walk(root: Path) -> None:
    write(root, *(f"{n % 7}/{n * 7919 % 100}.md" for n in range(100)))
    assert found(root) == found(root)
    assert found(root / "3") == sorted(found(root / "3"))


def test_other_formats_are_taken_where_they_are_asked_for_and_counted_otherwise(
    root: Path,
) -> None:
    write(root, "a.md", "b.html", "c.HTM", "d.ipynb", "e.txt", "f.css")
    left: Counter[str] = Counter()
    assert [os.path.relpath(it.path, root) for it in walk(root, left=left)] == ["a.md"]
    assert left == {".html": 1, ".htm": 1, ".ipynb": 1, ".txt": 1}
    assert found(root, formats=("HTML", ".txt")) == ["a.md", "b.html", "e.txt"]
    assert found(root, include=("*.ipynb",)) == ["d.ipynb"]
    assert found(root, include=("*.css",)) == []


def test_a_format_that_nothing_reads_is_refused() -> None:
    with pytest.raises(UsageError, match=r"formats: 'exe' is none that can be read \(.*html"):
        Selection(formats=("html", "exe"))
