"""Files and batches on loopback: a behaviour of `ChatServer` that remembers what it was given.

    service = BatchService()
    with ChatServer(service) as server:
        service.fate("expired", answered=0.5)      # of the next batch that is started
        ... classify batch submit --base-url {server.url} ...
        assert service.paid["..."] == 1            # how often each custom_id was answered

Every look at a batch moves it one step on: validating, in_progress, finalizing, and its fate. With
`still` it stays where it is until `advance`. Other requests are live calls.
"""

from __future__ import annotations

import json
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from support.chat_server import Behaviour, Reply, Request, error, judge

from classifier.scorers.openai.costs import count_tokens

URL = "/v1/chat/completions"
Lines = list[dict[str, Any]]


@dataclass
class File:
    id: str
    name: str
    data: bytes
    created: int

    @property
    def described(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "file",
            "filename": self.name,
            "bytes": len(self.data),
            "created_at": self.created,
            "purpose": "batch",
        }


@dataclass
class Batch:
    id: str
    file: File
    metadata: dict[str, str]
    created: int
    fate: str
    answered: float
    """The share of the requests that are answered before it ends."""
    status: str = "validating"
    lines: Lines = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    tokens: int = 0
    done: int = 0
    output: str | None = None
    errors: str | None = None

    @property
    def open(self) -> bool:
        return self.status in ("validating", "in_progress", "finalizing", "cancelling")

    @property
    def described(self) -> dict[str, Any]:
        ended = not self.open and self.status != "failed"
        return {
            "id": self.id,
            "object": "batch",
            "endpoint": URL,
            "input_file_id": self.file.id,
            "completion_window": "24h",
            "status": self.status,
            "errors": {"object": "list", "data": self.problems} if self.problems else None,
            "output_file_id": self.output,
            "error_file_id": self.errors,
            "created_at": self.created,
            "metadata": self.metadata,
            "request_counts": {
                "total": len(self.lines),
                "completed": self.done,
                "failed": len(self.lines) - self.done if ended else 0,
            },
        }


class BatchService:
    def __init__(self, model: Behaviour = judge) -> None:
        self.model = model
        self.files: dict[str, File] = {}
        self.batches: dict[str, Batch] = {}
        self.paid: Counter[str] = Counter()
        """How often each request was answered, by custom_id."""
        self.still = False
        self.queue: int | None = None
        """Tokens that may be enqueued."""
        self.largest: int | None = None
        """Bytes of a file."""
        self.forged: Callable[[Lines], Iterable[object]] = lambda lines: lines
        """What is done to the lines of an output file; a text is a line as it is."""
        self.clock = 1
        self._fates: deque[tuple[str, float]] = deque()
        self._troubles: dict[str, deque[Behaviour]] = {}

    def fate(self, status: str, *, answered: float = 1.0) -> None:
        self._fates.append((status, answered))

    def trouble(self, call: str, *behaviours: Behaviour) -> None:
        """Answer the next calls of a kind, such as `POST /batches`, in these ways instead."""
        self._troubles.setdefault(call, deque()).extend(behaviours)

    def advance(self, batch: Batch) -> None:
        """Move a batch one step on."""
        if batch.status == "validating":
            self._validate(batch)
        elif batch.status == "in_progress":
            batch.status = "finalizing" if batch.fate == "completed" else batch.fate
            if batch.status != "finalizing":
                self._end(batch, f"batch_{batch.fate}")
        elif batch.status == "finalizing":
            batch.status = "completed"
            self._end(batch, "server_error")
        elif batch.status == "cancelling":
            batch.status = "cancelled"
            self._end(batch, "batch_cancelled")

    # --- requests --------------------------------------------------------------------------------

    def __call__(self, request: Request) -> Reply:
        parts = urlsplit(request.path)
        path = parts.path.removeprefix("/v1")
        name = f"{request.method} /{path.split('/')[1]}"
        if planned := self._troubles.get(name):
            return planned.popleft()(request)
        return self.answer(request)

    def answer(self, request: Request) -> Reply:
        """Do what the API documents."""
        self.clock += 1
        parts = urlsplit(request.path)
        path, query = parts.path.removeprefix("/v1"), parse_qs(parts.query)
        match request.method, path.split("/")[1:]:
            case "POST", ["files"]:
                return self._upload(request)
            case "GET", ["files"]:
                return _page([file.described for file in self.files.values()], query)
            case "GET", ["files", name, "content"]:
                return self._content(name)
            case "POST", ["batches"]:
                return self._start(request)
            case "GET", ["batches"]:
                return _page([batch.described for batch in self.batches.values()], query)
            case "GET", ["batches", name]:
                return self._look(name)
            case "POST", ["batches", name, "cancel"]:
                return self._cancel(name)
            case _:
                return self.model(request)

    def _upload(self, request: Request) -> Reply:
        name, data = _part(request, "file")
        if self.largest is not None and len(data) > self.largest:
            return error(413, "Request Entity Too Large")
        file = self._file(name, data)
        return Reply(file.described)

    def _content(self, name: str) -> Reply:
        if name not in self.files:
            return error(404, f"No such File object: {name}")
        text = self.files[name].data.decode()
        return Reply(text, headers={"content-type": "application/octet-stream"})

    def _file(self, name: str, data: bytes) -> File:
        file = File(f"file-{len(self.files) + 1}", name, data, self.clock)
        self.files[file.id] = file
        return file

    def _start(self, request: Request) -> Reply:
        given = request.body
        file = self.files.get(given["input_file_id"])
        if file is None:
            return error(404, "No such File object")
        if (given["endpoint"], given["completion_window"]) != (URL, "24h"):
            return error(400, "endpoint or completion_window is not supported")
        fate, answered = self._fates.popleft() if self._fates else ("completed", 1.0)
        batch = Batch(f"batch_{self.clock}", file, given["metadata"], self.clock, fate, answered)
        self.batches[batch.id] = batch
        return Reply(batch.described)

    def _look(self, name: str) -> Reply:
        if name not in self.batches:
            return error(404, f"No batch found with id '{name}'")
        batch = self.batches[name]
        if not self.still:
            self.advance(batch)
        return Reply(batch.described)

    def _cancel(self, name: str) -> Reply:
        if name not in self.batches:
            return error(404, f"No batch found with id '{name}'")
        batch = self.batches[name]
        if not batch.open:
            return error(409, f"Cannot cancel a batch with status '{batch.status}'")
        batch.status = "cancelling"
        return Reply(batch.described)

    # --- work ------------------------------------------------------------------------------------

    def _validate(self, batch: Batch) -> None:
        problem = self._problem(batch)
        if batch.fate == "failed" or problem:
            batch.status = "failed"
            batch.problems.append(problem or _problem("invalid_request", "something is wrong"))
        else:
            batch.status = "in_progress"

    def _problem(self, batch: Batch) -> dict[str, Any] | None:
        try:
            batch.lines = [json.loads(line) for line in batch.file.data.splitlines()]
        except ValueError:
            return _problem("invalid_json_line", "This line is not parseable as valid JSON.")
        names = [line["custom_id"] for line in batch.lines]
        if not names or len(names) > 50_000:
            return _problem("too_many_tasks", "The file holds no task, or too many.")
        if len(set(names)) < len(names):
            return _problem("duplicate_custom_id", "The custom_id of a line was used before.")
        if {(line["method"], line["url"]) for line in batch.lines} != {("POST", URL)}:
            return _problem("url_mismatch", "The URL does not match the batch's endpoint.")
        if len({line["body"]["model"] for line in batch.lines}) > 1:
            return _problem("mismatched_model", "The file holds more than one model.")
        batch.tokens = sum(tokens(line["body"]) for line in batch.lines)
        enqueued = sum(b.tokens for b in self.batches.values() if b.open)
        if self.queue is not None and enqueued > self.queue:
            batch.tokens = 0
            return _problem(
                "token_limit_exceeded",
                f"Enqueued token limit reached for m in organization org-1. Limit: {self.queue:,}"
                " enqueued tokens. Please try again once some in_progress batches have been"
                " completed.",
            )
        return None

    def _end(self, batch: Batch, code: str) -> None:
        output: Lines = []
        errors: Lines = []
        share = round(batch.answered * len(batch.lines))
        for number, line in enumerate(batch.lines):
            name = line["custom_id"]
            base = {"id": f"batch_req_{number}", "custom_id": name, "response": None, "error": None}
            if number >= share:
                failed = {"code": code, "message": "This request could not be executed."}
                errors.append(base | {"error": failed})
                continue
            reply = self.model(Request(URL, {}, json.dumps(line["body"]).encode()))
            response = {"status_code": reply.status, "request_id": "r", "body": reply.body}
            (output if reply.status == 200 else errors).append(base | {"response": response})
            self.paid[name] += reply.status == 200
        batch.done = len(output)
        output.reverse()  # the order of answers is not that of the requests
        batch.output = self._written(f"{batch.id}_output.jsonl", self.forged(output))
        batch.errors = self._written(f"{batch.id}_error.jsonl", errors)

    def _written(self, name: str, lines: Iterable[object]) -> str | None:
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        return self._file(name, "\n".join(texts).encode()).id if texts else None


def tokens(body: dict[str, Any]) -> int:
    return sum(count_tokens(message["content"]) for message in body["messages"])


def done_but_lost(service: BatchService) -> Behaviour:
    """Do what is asked, and break the connection before saying so."""
    return lambda request: replace(service.answer(request), sent=0.0)


def _page(items: list[dict[str, Any]], query: dict[str, list[str]]) -> Reply:
    """Return a page of a list, latest first."""
    items = items[::-1]
    if after := query.get("after"):
        items = items[[item["id"] for item in items].index(after[0]) + 1 :]
    some = items[: min(2, int(query["limit"][0]))]  # two, so that there is often a next page
    return Reply({"object": "list", "data": some, "has_more": len(some) < len(items)})


def _part(request: Request, name: str) -> tuple[str, bytes]:
    """Return a file's name and content from a multipart form."""
    boundary = request.headers["content-type"].partition("boundary=")[2].encode()
    for part in request.raw.split(b"--" + boundary):
        head, _, data = part.partition(b"\r\n\r\n")
        found = re.search(rb'name="([^"]+)"(?:; filename="([^"]+)")?', head)
        if found and found[1].decode() == name:
            return (found[2] or b"").decode(), data.removesuffix(b"\r\n")
    raise AssertionError(f"the form has no {name}")


def _problem(code: str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message, "line": None, "param": None}
