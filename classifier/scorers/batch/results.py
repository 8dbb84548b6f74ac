"""Result files of a batch: which line answers which request, and what it says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import IO, Any, Final

from classifier.models import FailureReason, Usage
from classifier.scorers.openai import api_errors, completions, responses
from classifier.scorers.openai.completions import CallFailure, one_line
from classifier.scorers.openai.requests import ChatRequest
from classifier.scorers.openai.responses import Reply, Rubric

_LONGEST: Final = 4_000_000
"""Bytes of a line: as many as of a live response."""


class ResultFile:
    """Lines by request. They may be in any order and are not held in memory."""

    def __init__(self, file: IO[bytes], known: Set[str]) -> None:
        """`file` is read now, and again for each answer. `known`: the requests' names."""
        self.refused = 0
        """Lines for no request of the batch, or for one with several lines: none of those can
        be trusted."""
        self._file = file
        self._known = known
        self._places: dict[str, int | None] = {}
        file.seek(0)
        start = 0
        while line := file.readline(_LONGEST):
            if line.strip():
                self._add(_request_name(line), start)
            while len(line) == _LONGEST and not line.endswith(b"\n"):
                line = file.readline(_LONGEST)
            start = file.tell()

    def __len__(self) -> int:
        """Return the number of requests that have a line."""
        return len(self._places)

    def of(self, request: str) -> Mapping[str, Any] | None:
        place = self._places.get(request)
        if place is None:
            return None
        self._file.seek(place)
        line: Mapping[str, Any] = json.loads(self._file.readline())
        return line

    def _add(self, name: str | None, place: int) -> None:
        if name is None or name not in self._known:
            self.refused += 1
        elif name in self._places:
            self.refused += 1 + (self._places[name] is not None)
            self._places[name] = None
        else:
            self._places[name] = place


def _request_name(line: bytes) -> str | None:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        return None
    name = body.get("custom_id") if isinstance(body, dict) else None
    return name if isinstance(name, str) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReader:
    """Reads the lines of one batch."""

    rubric: Rubric
    base_url: str
    key: str
    """Masked in messages, should the server have repeated it."""
    unanswered: CallFailure
    """The failure of a request without a line."""

    def reply(self, line: Mapping[str, Any] | None, request: ChatRequest) -> Reply:
        if line is None:
            return Reply(failure=self.unanswered)
        response = line.get("response")
        if not isinstance(response, Mapping):
            return Reply(failure=_unanswered(line.get("error")))
        status, body = response.get("status_code"), response.get("body")
        if status == 200:
            inside = completions.error_within(body)
            if not inside:
                return responses.read_json(body, request, self.rubric)
            status, body = inside
        if not isinstance(status, int):
            return Reply(
                failure=CallFailure(FailureReason.MALFORMED, "the answer has no status code")
            )
        error = api_errors.from_body(self.base_url, status, body)
        return Reply(failure=api_errors.explain(error, secret=self.key), usage=Usage(calls=1))


def ended_without(status: str, problems: Sequence[str]) -> CallFailure:
    """Return why a request has no answer, by how its batch ended."""
    if status == "expired":
        return CallFailure(
            FailureReason.EXPIRED,
            "the batch expired before this request was answered; submit it again",
        )
    if status == "cancelled":
        return CallFailure(
            FailureReason.CANCELLED,
            "the batch was cancelled before this request was answered; submit it again",
        )
    if status == "failed":
        why = problems[0] if problems else "no reason given"
        return CallFailure(FailureReason.REJECTED, f"the server rejected the batch: {why}")
    return CallFailure(FailureReason.MISSING, "the batch ended without an answer; submit it again")


def _unanswered(error: object) -> CallFailure:
    details = error if isinstance(error, Mapping) else {}
    code = one_line(str(details.get("code") or ""), 60)
    for status in ("expired", "cancelled"):
        if code == f"batch_{status}":
            return ended_without(status, ())
    message = one_line(str(details.get("message") or code or "no reason given"))
    return CallFailure(FailureReason.REJECTED, f"the server did not answer the request: {message}")
