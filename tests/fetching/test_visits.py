from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from support.page_server import PAGE, PageServer

from classifier.fetching.addresses import PageAddress
from classifier.fetching.client import Client, FetchError
from classifier.fetching.visits import Visitor


@dataclass
class Clock:
    time: float = 0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def visitor(clock: Clock) -> Visitor:
    client = Client(private_hosts={"127.0.0.1"})
    return Visitor(client=client, pause=1, now=lambda: clock.time, sleep=clock.sleep)


def get(visitor: Visitor, url: str) -> bytes:
    return visitor.get(PageAddress.parse(url))[0].body


def test_robots_is_asked_once_and_pages_have_pauses(
    pages: PageServer, visitor: Visitor, clock: Clock
) -> None:
    assert get(visitor, pages.put("/a")) == get(visitor, pages.put("/b")) == PAGE
    assert pages.asked == ["/robots.txt", "/a", "/b"]
    assert clock.waits == [1, 1]


def test_what_robots_forbids_is_not_fetched(pages: PageServer, visitor: Visitor) -> None:
    pages.put("/robots.txt", b"User-agent: category-classifier\nDisallow: /private/")
    get(visitor, pages.put("/a"))
    with pytest.raises(FetchError, match="not for programs"):
        get(visitor, pages.put("/private/a"))
    with pytest.raises(FetchError, match="not for programs"):
        get(visitor, pages.put("/moved", status=301, Location="/private/a"))
    assert "/private/a" not in pages.asked


@pytest.mark.parametrize(("status", "fetched"), [(404, True), (403, True), (500, False)])
def test_robots_that_is_not_there_allows_and_one_that_fails_forbids(
    pages: PageServer, visitor: Visitor, status: int, fetched: bool
) -> None:
    pages.put("/robots.txt", b"Disallow: /", status=status)
    url = pages.put("/a")
    if fetched:
        assert get(visitor, url) == PAGE
    else:
        with pytest.raises(FetchError, match=r"robots\.txt is not to be had: 500"):
            get(visitor, url)


def test_the_pause_that_robots_asks_for_is_made_up_to_a_bound(
    pages: PageServer, visitor: Visitor, clock: Clock
) -> None:
    pages.put("/robots.txt", b"User-agent: *\nCrawl-delay: 7")
    get(visitor, pages.put("/a"))
    assert clock.waits == [7]
    pages.put("/robots.txt", b"User-agent: *\nCrawl-delay: 3600")
    with pytest.raises(FetchError, match="pauses of more than 30 seconds"):
        get(Visitor(client=visitor.client), pages.put("/a"))


def test_redirects_are_followed_a_few_times(pages: PageServer, visitor: Visitor) -> None:
    end = pages.put("/end")
    for number in range(6):
        pages.put(f"/{number}", status=302, Location=f"/{number - 1}" if number else "/end")
    answer, at = visitor.get(PageAddress.parse(f"{pages.url}/4"))
    assert (answer.body, str(at)) == (PAGE, end)
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        get(visitor, f"{pages.url}/5")


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://localhost:1/", "private address"),
        ("http://169.254.169.254/latest/meta-data/", "private address"),
        ("file:///etc/passwd", "is no URL that begins with"),
        ("http://me:secret@127.0.0.1/", "a user or a password"),
    ],
)
def test_no_redirect_leads_where_the_user_did_not_say(
    pages: PageServer, visitor: Visitor, location: str, why: str
) -> None:
    with pytest.raises(FetchError, match=why):
        get(visitor, pages.put("/a", status=302, Location=location))


def test_a_host_that_is_busy_is_left_alone(pages: PageServer, visitor: Visitor) -> None:
    with pytest.raises(FetchError, match="429"):
        get(visitor, pages.put("/a", status=429))
    with pytest.raises(FetchError, match="fewer requests"):
        get(visitor, pages.put("/b"))
    assert "/b" not in pages.asked


def test_a_page_that_is_not_there_is_said(pages: PageServer, visitor: Visitor) -> None:
    with pytest.raises(FetchError, match="404 Not Found"):
        get(visitor, f"{pages.url}/nowhere")
