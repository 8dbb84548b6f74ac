"""What the server answers, and to whom."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from support.review_client import PIXEL, Client, RefusedError

from classifier.project.review import Review
from classifier.review.log import SOURCE
from classifier.verdicts import WHOLE_ARTICLE


def verdict(path: str, category: str, *, accepted: bool | None = True) -> dict[str, Any]:
    return {"path": path, "category": category, "accepted": accepted}


EVERY = [
    "/",
    "/api/image?path=lunch.md&target=x.png",
    "/api/queue",
    "/api/article?path=lunch.md",
    "/api/core",
    "/api/state",
]


@pytest.mark.parametrize("path", EVERY)
def test_without_the_token_nothing_is_answered(client: Client, path: str) -> None:
    status, headers, body = client.send("GET", path)
    assert status == 401
    assert b"Lunch" not in body
    assert headers["content-type"] == "application/problem+json"
    wrong = client.send("GET", path, authorization="Bearer wrong")
    assert wrong[0] == 401


def test_a_rebound_name_and_a_foreign_page_are_refused(client: Client, review: Review) -> None:
    bearer = f"Bearer {client.token}"
    body = json.dumps({"verdicts": [verdict("lunch.md", "tags/wine")]}).encode()
    for headers, status in (
        ({"host": f"evil.example:{client.port}"}, 421),
        ({"host": "127.0.0.1"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
    ):
        sent = client.send("POST", "/api/verdicts", body, authorization=bearer, **headers)
        assert sent[0] == status
    # A form can send this without asking first, but not the header with the token.
    plain = client.send("POST", f"/api/verdicts?token={client.token}", body)
    assert plain[0] == 401
    assert review.verdict_count == 0


def test_the_page_may_load_nothing_and_ask_only_its_own_server(client: Client) -> None:
    status, headers, body = client.send("GET", f"/?token={client.token}")
    assert status == 200
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert client.token not in body.decode()


def test_images_are_read_from_the_content_folder_alone(client: Client, site: Path) -> None:
    (site / "a.png").write_bytes(PIXEL)
    (site / "page.html").write_text("<script>alert(1)</script>")
    (site.parent / "secret.png").write_bytes(PIXEL)

    def asked(path: str, target: str) -> tuple[int, str | None, bytes]:
        query = urlencode({"path": path, "target": target, "token": client.token})
        status, headers, body = client.send("GET", f"/api/image?{query}")
        assert headers["x-content-type-options"] == "nosniff"
        return status, headers.get("content-type"), body

    assert asked("lunch.md", "a.png") == (200, "image/png", PIXEL)
    for path, target in (
        ("lunch.md", "../secret.png"),
        ("lunch.md", "page.html"),
        ("lunch.md", "lunch.md"),
        ("lunch.md", ""),
        ("nowhere.md", "a.png"),
        ("lunch.md", "x" * 20_000),
    ):
        status, _, body = asked(path, target)
        assert (status, body) == (404, b"")


def test_a_verdict_is_stored_before_it_is_answered(client: Client, review: Review) -> None:
    answer = client.post("verdicts", verdicts=[verdict("lunch.md", "tags/wine")], note="x")
    (changed,) = answer["changed"]
    assert changed["labels"] == ["tags/bread", "tags/wine"]
    assert changed["verdicts"]["tags/wine"]["accepted"] is True
    assert answer["verdicts"] == 1
    assert [it.note for it in review.project.verdicts()] == ["x"]
    undone = client.post("undo")
    assert undone["undone"] == [["lunch.md", "tags/wine"]]
    assert review.project.verdicts() == []


def test_a_whole_article_is_stored_as_such(client: Client, review: Review) -> None:
    client.post("verdicts", verdicts=[verdict("lunch.md", "tags/bread")], whole=True)
    client.post("verdicts", verdicts=[verdict("dinner.md", "tags/bread")])
    found = {it.path: it.source for it in review.project.verdicts()}
    assert found == {"lunch.md": WHOLE_ARTICLE, "dinner.md": SOURCE}


def test_many_at_once(client: Client) -> None:
    answer = client.post(
        "verdicts",
        verdicts=[
            verdict("lunch.md", "tags/olives", accepted=False),
            verdict("dinner.md", "tags/wine"),
        ],
    )
    assert [it["path"] for it in answer["changed"]] == ["lunch.md", "dinner.md"]
    assert answer["verdicts"] == 2
    assert len(client.post("undo")["undone"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        b'{"verdicts": []}',
        b'{"verdicts": "lunch.md"}',
        b'{"verdicts": [1]}',
        b'{"verdicts": [{"path": 1, "category": "tags/wine", "accepted": true}]}',
        b'{"verdicts": [{"path": "lunch.md", "category": "tags/wine", "accepted": "yes"}]}',
        b'{"verdicts": [{"path": "lunch.md", "category": "tags/beer", "accepted": true}]}',
        b'{"verdicts": [{"path": "/etc/passwd", "category": "tags/wine", "accepted": true}]}',
        b'{"verdicts": [{"path": "lunch.md", "category": "tags/wine"}], "note": 1}',
        b'{"verdicts": [{"path": "lunch.md", "category": "tags/wine", "accepted": true}, {}]}',
        b'{"verdicts": [{"path": "lunch.md", "category": "tags/wine", "accepted": true}],'
        b' "whole": 1}',
    ],
)
def test_a_request_that_makes_no_sense_stores_nothing(
    client: Client, review: Review, body: bytes
) -> None:
    status, _, answer = client.send(
        "POST", "/api/verdicts", body, authorization=f"Bearer {client.token}"
    )
    assert status == 400
    assert json.loads(answer)["detail"]
    assert review.verdict_count == 0


def test_a_body_has_a_bound(client: Client) -> None:
    bearer, length = f"Bearer {client.token}", str(5 << 20)
    status, *_ = client.send("POST", "/api/verdicts", authorization=bearer, content_length=length)
    assert status == 413


def test_an_article_comes_with_its_definitions(client: Client) -> None:
    found = client.get("article", path="lunch.md")
    assert [pair["title"] for pair in found["pairs"] if pair["asked"]] == ["Bread", "Cheese"]
    assert found["body"][0][0] == "p"
    bread = next(it for it in found["definitions"] if it["category"] == "tags/bread")
    assert (bread["description"], bread["aliases"]) == ("Loaves and their bakers.", ["loaf"])
    assert client.get("definition", category="tags/wine")["title"] == "Wine"
    for path in ("/etc/passwd", "../x", ""):
        with pytest.raises(RefusedError, match="not under review"):
            client.get("article", path=path)
    with pytest.raises(RefusedError, match="no category"):
        client.get("definition", category="x")


def test_a_threshold_is_tried_and_changes_nothing(client: Client) -> None:
    change = client.get("threshold", category="tags/cheese", minimum="0.4")
    assert (change["added"], change["removed"], change["labels"]) == (1, 0, 2)
    for minimum in ("2", "-1", "nan", "x", ""):
        with pytest.raises(RefusedError):
            client.get("threshold", category="tags/cheese", minimum=minimum)


def test_labels_are_previewed_and_written(client: Client) -> None:
    client.post("verdicts", verdicts=[verdict("lunch.md", "tags/wine")])
    (file,) = client.get("preview")["files"]
    assert (file["path"], file["state"]) == ("lunch.md", "changed")
    assert "+tags:" in file["diff"]
    assert "tags" not in Path("lunch.md").read_text()
    done = client.post("apply", paths=["lunch.md"])
    assert (done["changed"], done["refused"]) == (["lunch.md"], [])
    assert "tags:" in Path("lunch.md").read_text()
    with pytest.raises(RefusedError, match="not under review"):
        client.post("apply", paths=["/etc/hostname"])


def test_the_whole_has_every_pair(client: Client) -> None:
    core: dict[str, Any] = client.get("core")
    assert core["articles"]["titles"] == ["Dinner", "Lunch", "Picnic"]
    assert len(b64decode(core["scorers"][0]["flags"])) == 12
    assert sorted(core["queue"]) == [0, 1, 2]
