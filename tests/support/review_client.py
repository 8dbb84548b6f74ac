"""Asks the server of a review as its page does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass
class Client:
    """Asks a server as its page does."""

    address: str

    @property
    def port(self) -> int:
        return urlsplit(self.address).port or 0

    @property
    def token(self) -> str:
        return self.address.rpartition("=")[2]

    def send(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        found = answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read()
        connection.close()
        return found

    def get(self, name: str, **values: str) -> Any:
        query = f"?{urlencode(values)}" if values else ""
        return self._json("GET", f"/api/{name}{query}")

    def post(self, name: str, **values: Any) -> Any:
        return self._json("POST", f"/api/{name}", json.dumps(values).encode())

    def _json(self, method: str, path: str, body: bytes | None = None) -> Any:
        status, _, found = self.send(method, path, body, authorization=f"Bearer {self.token}")
        answer = json.loads(found)
        if status != 200:
            raise RefusedError(status, answer.get("detail", ""))
        return answer


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c6360"
    "6060000000040001f61738550000000049454e44ae426082"
)
"""A PNG."""


class RefusedError(Exception):
    pass
