"""The manners of a visitor: `robots.txt` is kept, requests to a host have pauses between them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.robotparser import RobotFileParser

from classifier.fetching.addresses import AddressError, PageAddress
from classifier.fetching.client import AGENT, Answer, Client, FetchError

_REDIRECTS: Final = 5
_LONGEST_PAUSE: Final = 30.0
"""Seconds; a host that asks for more is left alone."""
_ROBOTS: Final = 500_000
"""Bytes of a `robots.txt` that are read."""
_OK: Final = 200
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_BUSY: Final = frozenset({429, 503})


@dataclass(kw_only=True)
class Visitor:
    """Fetches pages one after the other."""

    client: Client = field(default_factory=Client)
    pause: float = 1
    """Seconds between two requests to a host; more where its `robots.txt` asks for more."""
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _rules: dict[str, RobotFileParser | str] = field(default_factory=dict)
    """By site; a text says why it cannot be known."""
    _last: dict[str, float] = field(default_factory=dict)
    """When a host was last asked."""
    _busy: set[str] = field(default_factory=set)
    """Hosts that asked to be left alone."""

    def get(self, address: PageAddress) -> tuple[Answer, PageAddress]:
        """Return a page, and where it was in the end.

        Raises:
            FetchError: It is not to be had, or its site does not want it fetched by programs.
        """
        first = address
        for _ in range(_REDIRECTS + 1):
            self._check(address)
            answer = self._ask(address)
            if answer.status not in _MOVED:
                if answer.status != _OK:
                    raise FetchError(f"is not to be had: {answer.phrase}{_at(first, address)}")
                return answer, address
            address = _next(address, answer)
        raise FetchError(f"redirects more than {_REDIRECTS} times")

    def _check(self, address: PageAddress) -> None:
        rules = self._robots(address)
        if isinstance(rules, str):
            raise FetchError(f"is not fetched: {address.site}/robots.txt {rules}")
        if not rules.can_fetch(AGENT, str(address)):
            raise FetchError(f"is not for programs, says {address.site}/robots.txt")
        if self._pause(address) > _LONGEST_PAUSE:
            raise FetchError(
                f"is not fetched: {address.site}/robots.txt asks for pauses of more than "
                f"{_LONGEST_PAUSE:g} seconds"
            )

    def _ask(self, address: PageAddress) -> Answer:
        if address.host in self._busy:
            raise FetchError("is not fetched: its host asked for fewer requests; try again later")
        if (last := self._last.get(address.host)) is not None:
            wait = last + self._pause(address) - self.now()
            if wait > 0:
                self.sleep(wait)
        try:
            answer = self.client.get(address)
        finally:
            self._last[address.host] = self.now()
        if answer.status in _BUSY:
            self._busy.add(address.host)
        return answer

    def _pause(self, address: PageAddress) -> float:
        rules = self._rules.get(address.site)
        asked = rules.crawl_delay(AGENT) if isinstance(rules, RobotFileParser) else None
        return max(self.pause, float(asked or 0))

    def _robots(self, address: PageAddress) -> RobotFileParser | str:
        """Return the rules of a site (RFC 9309): none forbids all, if it is not to be reached."""
        if address.site not in self._rules:
            try:
                self._rules[address.site] = self._read_robots(address)
            except FetchError as error:
                self._rules[address.site] = str(error)
        return self._rules[address.site]

    def _read_robots(self, address: PageAddress) -> RobotFileParser:
        rules = RobotFileParser()
        at = address.joined("/robots.txt")
        answer = self._ask(at)
        for _ in range(_REDIRECTS):
            if answer.status in _MOVED:
                at = _next(at, answer)
                answer = self._ask(at)
        if answer.status == _OK:
            rules.parse(answer.body[:_ROBOTS].decode("utf-8", "replace").splitlines())
        elif 400 <= answer.status < 500 and answer.status not in _BUSY:
            rules.parse([])
        else:
            raise FetchError(f"is not to be had: {answer.phrase}")
        return rules


def _next(address: PageAddress, answer: Answer) -> PageAddress:
    location = answer.headers.get("location", "")
    try:
        return address.joined(location)
    except AddressError as error:
        raise FetchError(f"redirects to what {error}") from None


def _at(first: PageAddress, last: PageAddress) -> str:
    return f" (at {last})" if last != first else ""
