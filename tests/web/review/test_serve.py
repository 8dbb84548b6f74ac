from __future__ import annotations

import webbrowser
from urllib.parse import urlsplit

from classifier.project.review import Review
from classifier.web.review.serve import ReviewServer, open_browser


def test_every_start_has_a_port_and_a_token_of_its_own(review: Review) -> None:
    one, other = ReviewServer(review), ReviewServer(review)
    for server in (one, other):
        address = urlsplit(server.address)
        assert address.hostname == "127.0.0.1"
        assert address.query.startswith("token=")
        server.stop()
        server.run()  # ends at once, and closes its socket
    assert urlsplit(one.address).port != urlsplit(other.address).port
    assert urlsplit(one.address).query != urlsplit(other.address).query


def test_without_a_browser_nothing_is_opened() -> None:
    def none(_: str) -> bool:
        raise webbrowser.Error

    assert not open_browser("http://127.0.0.1:1/", opener=none)
    assert open_browser("http://127.0.0.1:1/", opener=lambda address: bool(address))
