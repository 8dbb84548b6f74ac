"""`classify fetch`: from a list of URLs to labels."""

from __future__ import annotations

import json
from pathlib import Path

from support.page_server import page_server

OPTIONS = ("--to", "pages", "--private-host", "127.0.0.1", "--pause", "0")


def test_from_a_list_to_labels(run, site: Path) -> None:
    with page_server() as pages:
        url = pages.put("/a", b"<h1>Lunch</h1><p>Bread, bread, more bread.")
        Path("urls.txt").write_text(f"# pages\n{url}\n{pages.url}/b\n")
        ran = run("fetch", "urls.txt", *OPTIONS)
        assert ran.code == 1
        (path,) = ran.out.splitlines()
        assert f"'{pages.url}/b' is not to be had: 404 Not Found" in ran.err
        assert "1 page fetched, 1 failed" in ran.err
        assert "next: `classify run pages`" in ran.err
        again = run("fetch", url, *OPTIONS, "--json")
    assert json.loads(again.out) == {"url": url, "status": "kept", "path": path, "why": ""}
    assert (again.code, "0 pages fetched, 1 already there" in again.err) == (0, True)
    judged = run("run", "pages", "--json")
    (label,) = json.loads(judged.out)["labels"]["tags"]
    assert label["title"] == "Bread"


def test_a_private_host_is_named_in_the_words_of_the_command_line(run, site: Path) -> None:
    ran = run("fetch", "http://127.0.0.1:9/", "--to", "pages")
    assert "name it in --private-host if it is yours" in ran.err


def test_a_list_that_is_not_there_is_one_line(run, site: Path) -> None:
    ran = run("fetch", "example.org/post", "--to", "pages")
    assert ran.code == 2
    assert "'example.org/post'" in ran.err
