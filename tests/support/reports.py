"""Small reports to promise things about, and what a page holds."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from classifier.decisions import decide
from classifier.models import (
    Category,
    ConfidenceKind,
    Evidence,
    Failure,
    Judgement,
    Result,
    Taxonomy,
    Verdict,
)
from classifier.outputs.report import About, Data, Judged, ReportScorer, gather

MADE = 1_800_000_000.0
HOSTILE = (
    "</script><script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "javascript:window.pwned=1",
    "&lt;b&gt; <!-- --> ]]> {{details}} \\u003c",
    "\u202egnp.exe \u2028 \u2029 \x1b[31m \ud800",
    "' onmouseover=\"window.pwned = 1\" x='",
)


def category(name: str, kind: str = "tags", **more: Any) -> Category:
    return Category(id=f"{kind}/{name}", kind=kind, title=name.title(), **more)


def judgement(it: Category, confidence: float, **more: Any) -> Judgement:
    given: dict[str, Any] = {"kind": ConfidenceKind.STATED, "scorer": "fake:m1:0123456789", **more}
    return Judgement(category=it.id, confidence=confidence, **given)


def judged(
    name: str,
    judgements: Sequence[Judgement],
    taxonomy: Taxonomy,
    *,
    verdicts: Mapping[str, Verdict] | None = None,
    **more: Any,
) -> Judged:
    """One article, with what one scorer says of it."""
    failures: tuple[Failure, ...] = more.pop("failures", ())
    result = Result(
        article=f"content/{name}.md",
        title=more.pop("title", name.title()),
        digest=name,
        scorer="fake:m1:0123456789",
        model="m1-2026",
        decision=decide(judgements, taxonomy, verdicts=verdicts or {}),
        failures=failures,
    )
    times = {it.category: MADE - 60 for it in judgements}
    return Judged(results=[result], times=[times], **more)


def beside(one: Judged, other: Judged) -> Judged:
    """The same article, by two scorers."""
    return Judged(
        results=[*one.results, *other.results],
        times=[*one.times, *other.times],
        body=one.body,
        gold=one.gold,
    )


def about(taxonomy: Taxonomy, *identities: str, **more: Any) -> About:
    names = identities or ("fake:m1:0123456789",)
    sources = [ReportScorer(identity=name, taxonomy=taxonomy) for name in names]
    return About(**{"paths": ["content"], "sources": sources, "made": MADE, **more})


def hostile() -> Data:
    """A report in which everything strangers can write is as bad as it gets."""
    worst = " ".join(HOSTILE)
    categories = tuple(
        Category(id=f"tags/{n}{text}", kind=f"tags{HOSTILE[0]}", title=text, description=worst)
        for n, text in enumerate(HOSTILE)
    )
    taxonomy = Taxonomy(categories=categories)
    articles = [
        judged(
            text,
            [
                judgement(
                    it,
                    0.9,
                    aspects={text: 0.5},
                    reasoning=worst,
                    exclusion=worst if n == 2 else None,
                    evidence=(Evidence(text), Evidence(text, 0, len(text))),
                )
                for n, it in enumerate(categories)
            ],
            taxonomy,
            title=text,
            body=worst,
            verdicts={
                categories[0].id: Verdict(
                    category=categories[0].id, accepted=False, note=text, source=text, at=MADE
                )
            },
        )
        for text in HOSTILE
    ]
    told = about(taxonomy, f"fake:{HOSTILE[0]}:0123", paths=[HOSTILE[0]], fields=[HOSTILE[1]])
    return gather(told, articles)


def held(page: str) -> Data:
    """Return the data that a page holds."""
    parts = {}
    for name in ("core", "details"):
        (packed,) = re.findall(rf'<script type="[^"]*" id="{name}">([^<]*)</script>', page)
        parts[name] = json.loads(zlib.decompress(b64decode(packed)))
    return Data(**parts)
