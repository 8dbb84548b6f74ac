"""The files that come back: which line answers which request, and what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import IO, Any

from classifier.models import FailureReason, Usage
from classifier.scorers.openai import api_errors, responses
from classifier.scorers.openai.requests import ChatRequest
from classifier.scorers.openai.responses import CallFailure, Reply, Rubric, one_line

_AGAIN = "submit it again"


class Answers:
    """Lines by request. They may be in any order, and too many to hold in memory."""

    def __init__(self, file: IO[bytes], known: Set[str]) -> None:
        """`file` is read now, and again for each answer. `known`: the requests of the batch."""
        self.refused = 0
        """Lines that answer no request of the batch, or one that has another answer: of two,
        nobody can tell which is the server's own."""
        self._file = file
        self._known = known
        self._places: dict[str, int | None] = {}
        file.seek(0)
        start = 0
        while line := file.readline():
            if line.strip():
                self._take(_named(line), start)
            start = file.tell()

    def __len__(self) -> int:
        """Count the requests that have a line."""
        return len(self._places)

    def of(self, request: str) -> Mapping[str, Any] | None:
        place = self._places.get(request)
        if place is None:
            return None
        self._file.seek(place)
        found: Mapping[str, Any] = json.loads(self._file.readline())
        return found

    def _take(self, name: str | None, place: int) -> None:
        if name is None or name not in self._known:
            self.refused += 1
        elif name in self._places:
            self.refused += 1 + (self._places[name] is not None)
            self._places[name] = None
        else:
            self._places[name] = place


def _named(line: bytes) -> str | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    name = said.get("custom_id") if isinstance(said, dict) else None
    return name if isinstance(name, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the lines of one batch are read."""

    rubric: Rubric
    base_url: str
    key: str
    """Kept out of messages, should the server have repeated it."""
    unanswered: CallFailure
    """Why a request has no line."""

    def reply(self, line: Mapping[str, Any] | None, request: ChatRequest) -> Reply:
        if line is None:
            return Reply(failure=self.unanswered)
        response = line.get("response")
        if not isinstance(response, Mapping):
            return Reply(failure=_not_sent(line.get("error")))
        status, body = response.get("status_code"), response.get("body")
        if status == 200:
            return responses.read_json(body, request, self.rubric)
        if not isinstance(status, int):
            return Reply(
                failure=CallFailure(FailureReason.MALFORMED, "the answer has no status code")
            )
        error = api_errors.from_response(self.base_url, status, json.dumps(body))
        return Reply(failure=api_errors.explain(error, secret=self.key), usage=Usage(calls=1))


def ended_without(status: str, problems: Sequence[str]) -> CallFailure:
    """Say why a request has no answer, by how its batch has ended."""
    if status == "expired":
        return CallFailure(
            FailureReason.EXPIRED, f"the batch expired before it was answered: {_AGAIN}"
        )
    if status == "cancelled":
        return CallFailure(
            FailureReason.CANCELLED, f"the batch was cancelled before it was answered: {_AGAIN}"
        )
    if status == "failed":
        why = problems[0] if problems else "it did not say why"
        return CallFailure(FailureReason.REJECTED, f"the server refused the batch: {why}")
    return CallFailure(FailureReason.MISSING, f"the batch ended without an answer: {_AGAIN}")


def _not_sent(error: object) -> CallFailure:
    said = error if isinstance(error, Mapping) else {}
    code = one_line(str(said.get("code") or ""), 60)
    for status in ("expired", "cancelled"):
        if code == f"batch_{status}":
            return ended_without(status, ())
    message = one_line(str(said.get("message") or code or "it did not say why"))
    return CallFailure(FailureReason.REJECTED, f"the server did not answer it: {message}")
