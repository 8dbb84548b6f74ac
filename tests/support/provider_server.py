"""Servers on loopback that speak the protocols of Anthropic and of Google's Gemini.

The answers are those of `chat_server.judge`; only the envelope is another. Standard library only.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from support import chat_server

Reply = tuple[int, dict[str, str], bytes]


class ProviderServer:
    """Keeps every request: path, headers (lower case) and body."""

    def __init__(self, protocol: str) -> None:
        self.protocol = protocol
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.replies: list[Reply] = []
        """The next replies, in place of answers."""
        self.finish = ""
        """Why the model stopped, in the protocol's words, if not at the end."""
        self._lock = threading.Lock()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, more, data = owner.answer(self.path, headers, json.loads(raw))
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, headers: dict[str, str], body: dict[str, Any]) -> Reply:
        with self._lock:
            self.requests.append((path, headers, body))
            if self.replies:
                return self.replies.pop(0)
        write: Callable[[str, str, dict[str, Any]], dict[str, Any]]
        write = _anthropic if self.protocol == "anthropic" else _google
        system, user = (_anthropic_texts if self.protocol == "anthropic" else _google_texts)(body)
        chat = {
            "model": "m",
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": user},
            ],
        }
        request = chat_server.Request("/chat/completions", {}, json.dumps(chat).encode())
        said = chat_server.judge(request).body
        assert isinstance(said, dict)
        text = said["choices"][0]["message"]["content"]
        reply = write(text, self.finish, body)
        return 200, {"content-type": "application/json"}, json.dumps(reply).encode()


def _anthropic_texts(body: dict[str, Any]) -> tuple[str, str]:
    system = body["system"]
    if not isinstance(system, str):
        system = "".join(part["text"] for part in system)
    content = body["messages"][-1]["content"]
    user = content if isinstance(content, str) else "".join(part["text"] for part in content)
    return system, user


def _anthropic(text: str, finish: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [{"type": "text", "text": text}],
        "stop_reason": finish or "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 100,
            "cache_read_input_tokens": 2000,
            "cache_creation_input_tokens": 30,
            "output_tokens": 50,
        },
    }


def _google_texts(body: dict[str, Any]) -> tuple[str, str]:
    system = "".join(part["text"] for part in body["systemInstruction"]["parts"])
    return system, "".join(part["text"] for part in body["contents"][-1]["parts"])


def _google(text: str, finish: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "candidates": [
            {
                "content": {"role": "model", "parts": [{"text": text}]},
                "finishReason": finish or "STOP",
            }
        ],
        "modelVersion": "gemini-test",
        "usageMetadata": {
            "promptTokenCount": 2130,
            "cachedContentTokenCount": 2000,
            "candidatesTokenCount": 50,
            "totalTokenCount": 2180,
        },
    }
