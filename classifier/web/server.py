"""Run an application with uvicorn on a socket of ours."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

from classifier.errors import UsageError
from classifier.web.guard import Application

LOCAL: Final = "127.0.0.1"
_LAST_PORT: Final = 65_535
_CONFIG: Final[dict[str, Any]] = {
    # A line of a log would hold a token or the name of an article.
    "log_config": None,
    # Below it are remarks on what clients send, and advice to install something.
    "log_level": "error",
    "access_log": False,
    "server_header": False,
    "loop": "asyncio",
    "http": "h11",
    "ws": "none",
    "h11_max_incomplete_event_size": 1 << 16,
    "timeout_graceful_shutdown": 3,
}


def listen(host: str = LOCAL, port: int = 0) -> socket.socket:
    """Return a socket that takes connections from now on; port 0 is any free one.

    Raises:
        UsageError: The port is in use, or the address is none of this machine.
    """
    if not 0 <= port <= _LAST_PORT:
        raise UsageError(f"`port` {port}: expected 0 to {_LAST_PORT}")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"cannot listen on {host}:{port}: {reason}; see `port`") from error
    # asyncio sends without delay (TCP_NODELAY) only where a socket names its protocol. Otherwise a
    # body waits until the client has acknowledged the headers before it, which takes it 40 ms.
    return socket.socket(listening.family, listening.type, socket.IPPROTO_TCP, listening.detach())


class Server:
    """Serves an application behind a `Guard`. Logs its own errors alone, and handles no signal."""

    def __init__(self, app: Application, **config: Any) -> None:
        """`config` is passed to `uvicorn.Config`, such as `limit_concurrency`."""
        import uvicorn

        class _Server(uvicorn.Server):
            def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
                return nullcontext()  # the command line has handlers of its own

        self._server = _Server(uvicorn.Config(app, **{**_CONFIG, **config}))

    def run(self, listening: socket.socket) -> None:
        """Answer until `stop`; then finish what is under way, and close the socket."""
        with listening:  # older versions of uvicorn leave it open where `stop` came first
            self._server.run(sockets=[listening])

    def stop(self) -> None:
        """End `run`. Safe from another thread or a signal handler; a second call does not wait."""
        self._server.force_exit = self._server.should_exit
        self._server.should_exit = True
