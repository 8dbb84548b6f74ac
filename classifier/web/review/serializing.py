"""Values of a review as JSON. Texts of strangers stay texts: the page makes text nodes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from classifier.content.rendering import Element, Marked, Node
from classifier.models import Category, Evidence, Judgement, Verdict
from classifier.outputs.write_back import Refused
from classifier.project.apply import Applied, FileOutcome
from classifier.project.reviewed import ReviewedArticle, ReviewedPair
from classifier.review.precision import Precision
from classifier.review.threshold import ThresholdChange
from classifier.sanitize import lines, one_line


def article(it: ReviewedArticle) -> dict[str, Any]:
    return {
        "path": it.path,
        "title": one_line(it.title),
        "description": one_line(it.description),
        "body": [node(one) for one in it.body],
        "pairs": [pair(one) for one in it.pairs],
        "fields": [
            [one_line(key), [one_line(label) for label in labels]]
            for key, labels in it.file_labels.items()
        ],
        "failures": [[str(one.reason), one_line(one.message)] for one in it.failures],
        "model": one_line(it.model),
    }


def node(it: Node) -> Any:
    """Return a text as a text, an element as [name, *children], a mark as {text, names}.

    An element that leads somewhere is {name, target, children}.
    """
    match it:
        case Element(name, children, target) if target:
            inside = [node(child) for child in children]
            return {"name": name, "target": target, "children": inside}
        case Element(name, children):
            return [name, *(node(child) for child in children)]
        case Marked(text, names):
            return {"text": lines(text), "names": names}
    return lines(it)


def pair(it: ReviewedPair) -> dict[str, Any]:
    return {
        "category": it.category.id,
        "title": one_line(it.category.title),
        "kind": one_line(it.category.kind),
        "above": [one_line(title) for title in it.category.path],
        "minimum": it.minimum,
        "label": it.label,
        "suggested": it.suggested,
        "asked": it.asked,
        "listed": it.listed,
        "in_file": it.in_file,
        "disputed": it.disputed,
        "why": one_line(it.why),
        "at": round(it.judged_at),
        "verdict": None if it.verdict is None else verdict(it.verdict),
        "judgement": None if it.judgement is None else judgement(it.judgement),
    }


def judgement(it: Judgement) -> dict[str, Any]:
    return {
        "confidence": it.confidence,
        "kind": str(it.kind),
        "level": str(it.level),
        "raw": it.raw,
        "exclusion": one_line(it.exclusion or ""),
        "reasoning": one_line(it.reasoning),
        "scorer": one_line(it.scorer),
        "aspects": [[one_line(name), value] for name, value in it.aspects.items()],
        "evidence": [quote(one) for one in it.evidence],
    }


def quote(it: Evidence) -> dict[str, Any]:
    return {"text": one_line(it.text), "verified": it.verified}


def verdict(it: Verdict) -> dict[str, Any]:
    return {
        "accepted": it.accepted,
        "note": one_line(it.note),
        "source": one_line(it.source),
        "at": round(it.at),
    }


def definition(it: Category, minimum: float) -> dict[str, Any]:
    rules = it.instructions
    return {
        "category": it.id,
        "title": one_line(it.title),
        "kind": one_line(it.kind),
        "description": one_line(it.description),
        "aliases": [one_line(alias) for alias in it.aliases],
        "scope": lines(rules.scope),
        "topics": [one_line(topic) for topic in rules.topics],
        "exclusions": [one_line(rule) for rule in rules.exclusions],
        "examples": [
            {"title": one_line(e.title), "accepted": e.accepted, "note": one_line(e.note)}
            for e in it.examples
        ],
        "minimum": minimum,
    }


def precision(it: Precision) -> dict[str, Any]:
    sampled = it.sampled
    return {
        "category": it.category,
        "accepted": it.accepted,
        "rejected": it.rejected,
        "sampled": None
        if sampled is None
        else {"value": sampled.value, "pairs": sampled.pairs, "interval": sampled.interval},
    }


def threshold(it: ThresholdChange) -> dict[str, Any]:
    return {
        "category": it.category,
        "minimum": it.minimum,
        "labels": it.labels,
        "added": len(it.added),
        "removed": len(it.removed),
        "others": it.others,
    }


def outcome(it: FileOutcome) -> dict[str, Any]:
    match it:
        case Applied(edited=edited):
            return {
                "path": edited.path.as_posix(),
                "state": "changed" if edited.changed else "unchanged",
                "diff": lines(edited.diff()) if edited.changed else "",
                "removed_by_person": [one_line(label) for label in it.removed_by_person],
            }
        case Refused(path, message):
            state, text = "refused", message
        case _:
            path, state, text = it.path, "not judged", ""
    return {"path": path.as_posix(), "state": state, "message": one_line(text)}


def names(categories: Sequence[Category]) -> list[dict[str, Any]]:
    """Return what the search for a category needs."""
    return [
        {
            "category": it.id,
            "title": one_line(it.title),
            "kind": one_line(it.kind),
            "above": [one_line(title) for title in it.path],
            "aliases": [one_line(alias) for alias in it.aliases],
        }
        for it in categories
    ]


def text_of(values: Mapping[str, Any], name: str, most: int = 2_000) -> str:
    """Return a text of a request, or raise ValueError."""
    value = values.get(name, "")
    if not isinstance(value, str) or len(value) > most:
        raise ValueError(f"{name}: expected a text of at most {most:,} characters")
    return value
