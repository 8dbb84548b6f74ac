"""A file system whose server does not answer, as botocore says it."""

from __future__ import annotations

from typing import Any, NoReturn

Unanswered = type("EndpointConnectionError", (Exception,), {"__module__": "botocore.exceptions"})


class Silent:
    """Every use of it fails."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)

        def fail(*_: object, **__: object) -> NoReturn:
            raise Unanswered("nobody answers")

        return fail
