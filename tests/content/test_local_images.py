"""Which images of an article may be shown: files of the content folder, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.content.local_images import image_folders, local_image

FILES = ("content/posts/a.png", "content/top.JPG", "content/b c.webp", "secret.png")
REFUSED = (
    "",
    "missing.png",
    "../../secret.png",
    "%2e%2e/%2e%2e/secret.png",
    "/../secret.png",
    "out.png",
    "hidden/.git/x.png",
    "/.hidden/x.png",
    "notes.txt",
    "sneaky.png",
    "drawing.svg",
    "folder.png",
    "http://example.org/a.png",
    "//example.org/a.png",
    r"\\example.org\a.png",
    "data:image/png;base64,AAAA",
    "file:///etc/a.png",
    "a\0.png",
    "x" * 5000 + ".png",
)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    top = tmp_path / "content"
    for name in (*FILES, "content/.hidden/x.png", "content/posts/notes.txt", "content/drawing.svg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (top / "posts/folder.png").mkdir()
    (top / "posts/out.png").symlink_to(tmp_path / "secret.png")
    (top / "posts/sneaky.png").symlink_to(top / "posts/notes.txt")
    return top


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("a.png", "posts/a.png"),
        ("./a.png?v=2#top", "posts/a.png"),
        ("../top.JPG", "top.JPG"),
        ("/top.JPG", "top.JPG"),
        ("/b%20c.webp", "b c.webp"),
    ],
)
def test_files_of_the_content_folder_are_shown(content: Path, target: str, name: str) -> None:
    article = content / "posts/article.md"
    assert local_image(target, article, [content]) == (content / name).resolve()


@pytest.mark.parametrize("target", REFUSED, ids=range(len(REFUSED)))
def test_nothing_else_is(content: Path, target: str) -> None:
    assert local_image(target, content / "posts/article.md", [content]) is None


# --- images of the site --------------------------------------------------------------------------


@pytest.fixture
def hugo(tmp_path: Path) -> Path:
    """A site of which one part is under review, and what lies around it."""
    for name in (
        "site/static/img/a.png",
        "site/assets/b.png",
        "site/en/static/c.png",
        "site/en/content/d.png",
        "site/static/.git/x.png",
        "site/private/x.png",
        "static/x.png",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "site/static/out.png").symlink_to(tmp_path / "site/private/x.png")
    return tmp_path / "site"


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/img/a.png", "static/img/a.png"),
        ("/b.png", "assets/b.png"),
        ("/assets/b.png", "assets/b.png"),
        ("../../static/img/a.png", "static/img/a.png"),
        ("@site/static/img/a.png", "static/img/a.png"),
        ("/c.png", "en/static/c.png"),
        ("/d.png", "en/content/d.png"),
        ("/out.png", None),
        ("/.git/x.png", None),
        ("/x.png", None),
        ("/private/x.png", None),
        ("/static/../private/x.png", None),
        ("../../private/x.png", None),
        ("../../../static/x.png", None),
        ("@site/../static/x.png", None),
    ],
)
def test_absolute_names_are_those_of_the_folders_that_a_generator_serves(
    hugo: Path, target: str, name: str | None
) -> None:
    content = hugo / "en/content"
    folders = image_folders([content], hugo)
    found = local_image(target, content / "article.md", folders)
    assert found == (None if name is None else (hugo / name).resolve())


def test_nothing_above_the_project_counts(hugo: Path) -> None:
    folders = image_folders([hugo / "en/content"], hugo / "en")
    assert folders == [hugo / "en/content", hugo / "en/static"]


def test_of_content_elsewhere_only_its_own_images_count(hugo: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert image_folders([elsewhere], hugo) == [elsewhere]
