"""A service over a small project, and a client that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from classifier.project import Project
from classifier.web.guard import Access
from classifier.web.service.app import OPEN, STREAM, make_app
from classifier.web.service.service import Limits, Service

TOKEN = "a-token-of-some-length"
BEARER = {"authorization": f"Bearer {TOKEN}"}
BREAD = "Bread, more bread and bread again."


def access(
    *, token: str | None = None, max_body: int = 1 << 20, max_stream: int = 1 << 20
) -> Access:
    return Access(
        hosts=("testserver",),
        token=token,
        open_paths=OPEN,
        max_body=max_body,
        max_bodies={STREAM: max_stream},
    )


@contextmanager
def client(
    project: Project,
    *,
    content: str = ".",
    limits: Limits | None = None,
    token: str | None = None,
    **more: Any,
) -> Iterator[TestClient]:
    """A client without a network; the service is started within the block."""
    limits = limits or Limits()
    service = Service(project, content=[Path(content)], limits=limits)
    allowed = access(token=token, max_body=limits.max_body, max_stream=limits.max_stream)
    app = make_app(service, allowed, **more)
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found
