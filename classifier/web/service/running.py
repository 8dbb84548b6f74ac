"""Start the service: over HTTP, or on standard input and output."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from classifier import small_files
from classifier.errors import UsageError
from classifier.project import Project
from classifier.web.guard import Access
from classifier.web.server import Server, listen
from classifier.web.service.service import Limits, Service

CONNECTIONS: Final = 1_000
"""Connections that are answered at once; others get 503."""
SHORTEST_TOKEN: Final = 16
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the service listens, and to whom."""

    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ()
    """Values of the Host header; empty: this machine's, or any where there is a token."""
    origins: tuple[str, ...] = ()
    """Origins of pages that may ask."""

    def checked(self) -> Address:
        """Return this address.

        Raises:
            UsageError: Anybody could ask, or the token can be guessed.
        """
        if self.token is None and not _is_loopback(self.host):
            raise UsageError(
                f"`host` {self.host}: others could ask, so set a token: "
                "CLASSIFY_SERVE_TOKEN=$(openssl rand -hex 24)"
            )
        if self.token is not None and len(self.token) < SHORTEST_TOKEN:
            raise UsageError(f"the token is too short: use at least {SHORTEST_TOKEN} characters")
        for origin in self.origins:
            if "://" not in origin or origin.count("/") != 2:
                raise UsageError(f"`allow_origin` {origin!r}: expected such as https://example.org")
        return self

    def access(self, port: int, limits: Limits) -> Access:
        """Return what the guard allows at a port."""
        from classifier.web.service.app import OPEN, STREAM

        own = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
        hosts = [*self.hosts, *own] if self.hosts or _is_loopback(self.host) else []
        return Access(
            hosts=hosts,
            origins=[*self.origins, *(f"http://{host}" for host in own)],
            token=self.token,
            open_paths=OPEN,
            max_body=limits.max_body,
            max_bodies={STREAM: limits.max_stream},
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Serving:
    """A service that listens; it answers while it runs."""

    def __init__(
        self,
        project: Project,
        address: Address,
        *,
        content: Sequence[Path] = (),
        limits: Limits | None = None,
        mcp: bool = False,
    ) -> None:
        """Bind the port. Loads no model.

        Raises:
            UsageError: The address cannot be used, a folder does not exist, or the extra for `mcp`
                is not installed.
        """
        from classifier.web.service.app import make_app
        from classifier.web.service.metrics import Metrics

        address = address.checked()
        limits = limits or Limits()
        numbers = Metrics()
        service = Service(
            project, content=_folders(content), limits=limits, on_batch=numbers.judged
        )
        tools = None
        if mcp:
            _check_extra()
            from classifier.web.service.mcp import make_server

            tools = make_server(service)
        self._socket = listen(address.host, address.port)
        port: int = self._socket.getsockname()[1]
        host = f"[{address.host}]" if ":" in address.host else address.host
        self.url = f"http://{host}:{port}"
        app = make_app(
            service,
            address.access(port, limits),
            numbers=numbers,
            cors=address.origins,
            mcp=tools,
        )
        self._server = Server(
            app,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=int(limits.timeout) + 1,
        )

    def run(self) -> None:
        """Answer until `stop`."""
        self._server.run(self._socket)

    def stop(self) -> None:
        """Finish what is under way and end `run`. Safe from a signal handler or another thread."""
        self._server.stop()


def run_stdio(
    project: Project, *, content: Sequence[Path] = (), limits: Limits | None = None
) -> None:
    """Answer the Model Context Protocol on standard input and output until its end.

    Raises:
        UsageError: A folder does not exist, or the extra `mcp` is not installed.
    """
    _check_extra()
    import anyio

    from classifier.web.service.mcp import make_server

    service = Service(project, content=_folders(content), limits=limits)

    async def answer() -> None:
        async with service.started():
            await make_server(service).run_stdio_async()

    anyio.run(answer)


def _folders(content: Sequence[Path]) -> Sequence[Path]:
    for folder in content:
        if not small_files.is_dir(folder):
            raise UsageError(f"no such folder: {str(folder)!r}")
    return content


def _check_extra() -> None:
    if find_spec("mcp") is None:
        raise UsageError(
            "the Model Context Protocol needs its SDK: install category-classifier[mcp]"
        )
