from __future__ import annotations

import gzip
import socket

import pytest
from support.page_server import PAGE, PageServer

from classifier.fetching.addresses import PageAddress
from classifier.fetching.client import Client, FetchError

LOCAL = frozenset({"127.0.0.1"})


def get(url: str, **options: object) -> bytes:
    client = Client(**{"private_hosts": LOCAL, **options})  # type: ignore[arg-type]
    return client.get(PageAddress.parse(url)).body


def test_a_page_comes_as_it_is(pages: PageServer) -> None:
    assert get(pages.put("/a")) == PAGE


def test_a_packed_page_is_unpacked(pages: PageServer) -> None:
    assert get(pages.put("/a", gzip.compress(PAGE), Content_Encoding="gzip")) == PAGE


@pytest.mark.parametrize("packed", [False, True])
def test_a_page_is_bounded_as_sent_and_unpacked(pages: PageServer, packed: bool) -> None:
    body = b"a" * 100_000
    url = (
        pages.put("/a", gzip.compress(body), Content_Encoding="gzip")
        if packed
        else pages.put("/a", body)
    )
    assert len(get(url, most_bytes=100_000)) == 100_000
    with pytest.raises(FetchError, match=r"larger than 0\.099999 MB"):
        get(url, most_bytes=99_999)


def test_what_was_not_asked_for_is_refused(pages: PageServer) -> None:
    with pytest.raises(FetchError, match="packed as 'br'"):
        get(pages.put("/a", Content_Encoding="br"))


def test_an_answer_that_goes_on_for_ever_is_ended(pages: PageServer) -> None:
    url = pages.put("/slow/a", b"<p>", Content_Length="1000")
    with pytest.raises(FetchError, match=r"longer than 0\.3 seconds"):
        get(url, seconds=0.3)


def test_an_answer_that_ends_early_is_none(pages: PageServer) -> None:
    with pytest.raises(FetchError, match="ended early"):
        get(pages.put("/a", Content_Length=str(len(PAGE) + 1)))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_private_addresses_are_never_connected_to(pages: PageServer, host: str) -> None:
    url = pages.put("/a").replace("127.0.0.1", host)
    with pytest.raises(FetchError, match=r"private address|cannot be reached"):
        get(url, private_hosts=())
    assert pages.asked == []


def test_a_name_that_leads_to_a_private_address_is_not_followed(
    pages: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = int(pages.url.rpartition(":")[2])
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    pages.put("/a")
    with pytest.raises(FetchError, match=r"private address \(public\.example\)"):
        get(f"http://public.example:{port}/a", private_hosts=())
    assert pages.asked == []
    assert get(f"http://public.example:{port}/a", private_hosts={"public.example"}) == PAGE


def test_a_proxy_is_asked_for_the_whole_address(
    pages: PageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.put("http://example.org/a?b")
    monkeypatch.setenv("http_proxy", pages.url)
    assert get("http://example.org/a?b", private_hosts=()) == PAGE
    assert pages.asked == ["http://example.org/a?b"]
    with pytest.raises(FetchError, match="private address"):
        get("http://192.168.1.1/", private_hosts=())


def test_nobody_there_is_said(pages: PageServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(FetchError, match="cannot be reached"):
            get(f"http://127.0.0.1:{unused.getsockname()[1]}/")
