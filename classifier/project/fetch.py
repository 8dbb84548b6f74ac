"""Fetch the pages of a list of URLs into files, which are articles from then on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from classifier import small_files
from classifier.errors import UsageError
from classifier.fetching import pages
from classifier.fetching.addresses import AddressError, PageAddress
from classifier.fetching.client import FetchError
from classifier.fetching.visits import Visitor
from classifier.outputs.files import write_text

_SCHEMES: Final = ("http://", "https://")
_LARGEST_LIST: Final = 10_000_000
"""Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPage:
    """What became of a URL."""

    url: str
    """As it was named."""
    status: Literal["fetched", "kept", "failed"]
    """`kept`: its file was there already, and no server was asked."""
    path: str = ""
    """The file; empty if there is none."""
    why: str = ""
    """Why it failed, in one line that names the URL."""


def named_urls(names: Iterable[str]) -> list[str]:
    """Return the URLs among some names, and those in the lists that the others name.

    Raises:
        UsageError: A list cannot be read.
    """
    return [
        url
        for name in names
        for url in ([name] if name.startswith(_SCHEMES) else urls_in(Path(name)))
    ]


def urls_in(path: Path) -> list[str]:
    """Return the URLs of a list: one a line; empty lines and those that begin with # are left out.

    Raises:
        UsageError: The list cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_LIST + 1)
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise UsageError(f"{str(path)!r}: not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{str(path)!r}: cannot be read: {error.strerror or error}") from None
    if len(data) > _LARGEST_LIST:
        raise UsageError(f"{str(path)!r} is larger than {_LARGEST_LIST // 10**6} MB; split it")
    stripped = (line.strip() for line in lines)
    return [line for line in stripped if line and not line.startswith("#")]


def fetch(urls: Iterable[str], folder: Path, visitor: Visitor) -> Iterator[FetchedPage]:
    """Yield what became of each URL, as it is fetched. One that is named twice is fetched once."""
    for url in dict.fromkeys(urls):
        try:
            address = PageAddress.parse(url)
            path = folder / address.file
            if small_files.exists(path):
                yield FetchedPage(url=url, status="kept", path=path.as_posix())
                continue
            answer, at = visitor.get(address)
            text = pages.article(answer, named=address, at=at)
        except (AddressError, FetchError) as error:
            yield FetchedPage(url=url, status="failed", why=f"{_shown(url)!r} {error}")
            continue
        write_text(path, text)
        yield FetchedPage(url=url, status="fetched", path=path.as_posix())


def _shown(url: str) -> str:
    """Return a URL for a message, without what may be a password."""
    before, at, rest = url.rpartition("@")
    return (f"{before.partition('://')[0]}://...@{rest}" if at else url)[:200]
