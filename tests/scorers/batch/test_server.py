"""Files and batches at a server."""

from __future__ import annotations

import gzip
from io import BytesIO

import pytest
from support import chat_server as chat
from support.batch_site import Site

from classifier.errors import ServerError
from classifier.scorers.batch import collect
from classifier.scorers.batch.server import BatchServer


@pytest.mark.slow
def test_a_file_and_a_batch_are_found_on_any_page(site: Site) -> None:
    for number in range(130):  # a page has 100
        site.server.upload(BytesIO(b"x" * number), f"{number}.jsonl")
    for number in range(130):
        site.server.start("file-1", {"number": str(number)})
    assert site.server.find_file("3.jsonl", size=3) == "file-4"
    assert site.server.find_file("3.jsonl", size=4) is None
    remote = site.server.find({"number": "7"})
    assert remote is not None
    assert site.server.retrieve(remote.batch_id).batch_id == remote.batch_id
    assert site.server.find({"number": "130"}) is None


def test_of_files_with_one_name_the_latest_is_found(site: Site) -> None:
    ids = [site.server.upload(BytesIO(b"abc"), "same.jsonl") for _ in range(2)]
    assert site.server.find_file("same.jsonl", size=3) == ids[1]


def test_a_key_is_not_shown_when_the_server_repeats_it(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-1")
    site.service.trouble("POST /files", chat.failing(400, "no such key: sk-secret-1"))
    with pytest.raises(
        ServerError, match=r"uploading the request file failed.*no such key: \*\*\*"
    ) as raised:
        site.submit()
    assert "sk-secret" not in str(raised.value)
    assert site.queue.open() == []


@pytest.mark.parametrize(
    "odd",
    [
        chat.web_page,
        lambda _: chat.Reply("not JSON"),
        lambda _: chat.Reply([1]),
        lambda _: chat.Reply({}),
        lambda _: chat.Reply({"id": 7}),
    ],
    ids=["page", "text", "list", "nothing", "number"],
)
def test_a_server_that_knows_no_batches_is_told_in_one_line(site: Site, odd) -> None:
    site.service.trouble("POST /files", odd)
    with pytest.raises(ServerError) as raised:
        site.submit()
    assert "batches" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "odd",
    [
        lambda _: chat.Reply("{" + " " * 5_000_000 + '"id": "x"}'),
        lambda _: chat.Reply(
            gzip.compress(b"{" + b" " * 200_000_000 + b'"id": "x"}', 9),
            headers={"Content-Encoding": "gzip"},
        ),
    ],
    ids=["long", "packed"],
)
def test_no_more_of_a_response_is_read_than_can_be_meant(site: Site, odd) -> None:
    site.service.trouble("POST /files", odd)
    with pytest.raises(ServerError, match="not the expected JSON"):
        site.submit()


def test_redirects_are_not_followed(site: Site) -> None:
    with chat.ChatServer() as other:
        moved = chat.Reply("", status=307, headers={"Location": f"{other.url}/files"})
        site.service.trouble("POST /files", lambda _: moved)
        with pytest.raises(ServerError, match="uploading the request file failed"):
            site.submit()
        assert other.requests == []


def test_results_that_are_too_large_are_left_out(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.submit()
    monkeypatch.setattr(collect, "_BYTES", 100)
    monkeypatch.setattr(collect, "_BYTES_OF_A_LINE", 0)
    site.finish()
    assert any("larger than results of these requests can be" in text for text in site.told)
    assert not site.complete
    assert site.queue.open() == []


@pytest.mark.slow
def test_an_upload_that_is_tried_again_sends_the_whole_file_again(site: Site) -> None:
    site.server.close()
    site.server = BatchServer(site.url, timeout=30.0, retries=2)
    site.service.trouble("POST /files", chat.failing(500), chat.dropping(0.0))
    site.submit()
    site.finish()
    assert site.complete
