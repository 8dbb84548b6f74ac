"""A client for a server that may send more than is read."""

from __future__ import annotations

from collections.abc import Iterator
from ssl import SSLContext
from typing import Final

import httpx2

_MOST: Final = 4_000_000
"""Bytes of a response that is not a file."""
_MOST_PACKED: Final = 64_000
"""Bytes of one that is compressed, though that was not asked for: it may grow a thousandfold."""


def client(*, proxy: str | None, verify: SSLContext | bool) -> httpx2.Client:
    """Return a client that follows no redirect and reads no more of a response than is needed.

    What is cut off there is no JSON any more. Files (`.../content`) are bounded by their reader.
    """
    from openai import DefaultHttpxClient

    return DefaultHttpxClient(
        proxy=proxy,
        trust_env=False,
        verify=verify,
        follow_redirects=False,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"response": [_bound]},
    )


class _Beginning(httpx2.SyncByteStream):
    """The first bytes of a stream."""

    def __init__(self, stream: httpx2.SyncByteStream, most: int) -> None:
        self._stream = stream
        self._most = most

    def __iter__(self) -> Iterator[bytes]:
        left = self._most
        for chunk in self._stream:
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                return

    def close(self) -> None:
        self._stream.close()


def _bound(response: httpx2.Response) -> None:
    packed = response.headers.get("content-encoding", "identity") != "identity"
    if packed or not response.request.url.path.endswith("/content"):
        stream = response.stream
        assert isinstance(stream, httpx2.SyncByteStream)
        response.stream = _Beginning(stream, _MOST_PACKED if packed else _MOST)
