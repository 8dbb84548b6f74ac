"""Which images of an article may be shown: files of the content folder, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.content.local_images import local_image

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
