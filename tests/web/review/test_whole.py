"""The columns of a review are those of a report of the same articles."""

from __future__ import annotations

import struct
from base64 import b64decode
from pathlib import Path

from support.reports import held

from classifier.project.review import Review
from classifier.web.review.whole import CachedColumns, whole


def test_a_review_shows_what_a_report_shows(review: Review) -> None:
    review.give(["lunch.md"], "tags/wine", accepted=True, note="a glass")
    review.give(["picnic.md"], "tags/cheese", accepted=False)
    review.project.report(output="page.html")  # type: ignore[attr-defined]
    report, live = held(Path("page.html").read_text()).core, whole(review)
    for name in ("schema", "near", "levels", "categories", "articles", "verdicts"):
        assert live[name] == report[name], name
    ours, theirs = live["scorers"][0], report["scorers"][0]
    for name in ("identity", "calibrated", "decided_by", "minimums", "rules", "failures"):
        assert ours[name] == theirs[name], name
    assert [*struct.iter_unpack("<h", b64decode(ours["confidence"]))] == [
        (value,) for value in theirs["confidence"]
    ]
    assert list(b64decode(ours["flags"])) == theirs["flags"]


def test_columns_are_made_anew_only_when_something_has_changed(review: Review) -> None:
    columns = CachedColumns(review)
    first = columns.text()
    assert columns.text() is first
    review.give(["lunch.md"], "tags/wine", accepted=True)
    assert columns.text() != first
