from __future__ import annotations

from pathlib import Path

import pytest

from classifier.content.formats.extract import Extract, UnreadableError
from classifier.content.formats.mailbox import read

MAIL = """\
From anna@example.org Mon Jan  5 10:00:00 2026
Message-ID: <1@example.org>
Subject: =?utf-8?q?Brot_f=C3=BCr_alle?=
Content-Language: de
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Roggen und Weizen.

>From the start.

From bob@example.org Mon Jan  5 11:00:00 2026
Subject: Page
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/html

<p>Rye <b>bread</b></p><script>no()</script>
--x
Content-Type: application/pdf

%PDF
--x--

From eve@example.org Mon Jan  5 12:00:00 2026
Content-Type: image/png

bytes
"""


def test_each_message_is_its_text_without_attachments(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_text(MAIL, "utf-8")
    german, page, image = read(path)
    assert isinstance(german.content, Extract)
    assert german.name == "1@example.org"
    assert german.content.meta == {"title": "Brot für alle", "lang": "de"}
    assert german.content.body.strip() == "Roggen und Weizen.\n\nFrom the start."
    assert isinstance(page.content, Extract)
    assert page.name == "message 2"
    assert "Rye" in page.content.body
    assert "bread" in page.content.body
    assert not any(it in page.content.body for it in ("no()", "PDF", "<p>"))
    assert image.content == "has no text"


def test_a_character_set_that_nobody_knows_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_bytes(b"From a\nContent-Type: text/plain; charset=klingon\n\nRye \xff bread.\n")
    (item,) = read(path)
    assert isinstance(item.content, Extract)
    assert "bread" in item.content.body


def test_what_does_not_start_as_an_mbox_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_text("Subject: one message\n\nRye.\n", "utf-8")
    with pytest.raises(UnreadableError, match="no mbox"):
        list(read(path))


def test_reading_leaves_the_archive_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_text(MAIL, "utf-8")
    path.chmod(0o400)
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert len(list(read(path))) == 3
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]
