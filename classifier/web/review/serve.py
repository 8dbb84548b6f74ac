"""Serve a review to the browser of this machine."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable

from classifier.project.review import Review
from classifier.web.guard import TOKEN, Access, Guard, new_token
from classifier.web.review.app import make_app
from classifier.web.server import LOCAL, Server, listen

MAX_BODY = 4 << 20
"""Bytes of a request: the paths of ten thousand articles."""


class ReviewServer:
    """The page of a review on a free port of 127.0.0.1, for whoever has its address."""

    def __init__(self, review: Review, *, port: int = 0) -> None:
        """Take the port, so that the address is known.

        Raises:
            UsageError: The port is in use.
        """
        self._listening = listen(LOCAL, port)
        port = self._listening.getsockname()[1]
        token = new_token()
        self.address = f"http://{LOCAL}:{port}/?{TOKEN}={token}"
        access = Access.local(port, token=token, max_body=MAX_BODY)
        self._server = Server(Guard(make_app(review), access), lifespan="off")

    def run(self) -> None:
        """Answer until `stop` is called."""
        self._server.run(self._listening)

    def stop(self) -> None:
        """End `run`. Safe from another thread or a signal handler."""
        self._server.stop()


def open_browser(address: str, *, opener: Callable[[str], bool] = webbrowser.open) -> bool:
    """Show an address in the browser; return whether there is one."""
    try:
        return opener(address)
    except webbrowser.Error:
        return False
