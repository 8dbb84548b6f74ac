"""Which command helps most now, from what is known. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from classifier.wording import count

Finished: TypeAlias = Literal["init", "run", "eval", "train", "review", "report"]
"""The command that has just ended."""

FEW: Final = 10
"""Labelled articles, or verdicts, that are worth training on."""
_MANY: Final = 30
"""Articles needed to judge the categories by the share that has no label."""
_BARE: Final = 0.4
"""Share of articles without a label from which categories seem to be missing."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Articles that carry labels of people under one front matter key."""

    articles: int
    """All that `train` would take."""
    named: int
    """Those with a label that names a category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known when a command ends. What is not known is left at its default."""

    after: Finished
    paths: Sequence[str] = ()
    """The articles or folders of the command, as given."""
    own_categories: bool = True
    """Whether the project has category definitions of its own."""
    articles: int = 0
    unjudged: int = 0
    """Articles that lack a judgement."""
    labelled: int = 0
    """Articles with at least one label."""
    uncertain: int = 0
    """Labels that hardly reach their minimum and that no person has confirmed."""
    looked_at: int = 0
    """Articles whose front matter was looked at."""
    carry: Mapping[str, Carried] = field(default_factory=dict)
    """By front matter key: how many of these carry labels of people."""
    label_fields: Collection[str] = ()
    """The front matter keys that the settings name, which `train` takes without being told."""
    trained: bool = False
    """Whether the scorer has learned from labels."""
    new_verdicts: int = 0
    """Verdicts that are later than the training."""
    applied: bool = False
    """Whether labels were ever written into front matter."""
    changes: Callable[[], int | None] = lambda: None
    """Counts the articles that `apply` would change; None: not known. Asked only where it
    matters."""


@dataclass(frozen=True, slots=True)
class Advice:
    reason: str
    """Why, in a few words."""
    command: str
    """The whole command line."""


def advise(facts: Facts, *, last: str = "") -> Advice | None:
    """Return the best advice whose command is not `last`; None if nothing is left to say."""
    return next((advice for advice in _ranked(facts) if advice.command != last), None)


def _ranked(facts: Facts) -> Iterator[Advice]:
    """Yield advice, the most useful first."""
    if not facts.own_categories:
        reason = "these are the example categories; make your own from the labels of your articles"
        yield Advice(reason, _command("init", facts))
        return
    if facts.after in ("init", "train") and facts.unjudged:
        yield Advice(f"{count(facts.unjudged, 'article')} to judge", _command("run", facts))
        return
    yield from _training(facts)
    if facts.uncertain and facts.after != "review":
        verb = "label is" if facts.uncertain == 1 else "labels are"
        yield Advice(f"{facts.uncertain:,} {verb} uncertain", _command("review", facts))
    yield from _vocabulary(facts)
    yield from _publishing(facts)


def _training(facts: Facts) -> Iterator[Advice]:
    if facts.after == "train":
        return
    key = max(facts.carry, key=lambda name: (facts.carry[name].named, name), default="")
    if not facts.trained and key and facts.carry[key].named >= FEW:
        articles = count(facts.looked_at, "article")
        sampled = " looked at" if facts.looked_at < facts.articles else ""
        reason = f"{facts.carry[key].articles:,} of {articles}{sampled} have labels in {key!r}"
        known = key.casefold() in {name.casefold() for name in facts.label_fields}
        yield Advice(reason, _command("train", facts, *(() if known else ("--field", key))))
    elif facts.new_verdicts >= FEW:
        since = " since the last training" if facts.trained else ""
        yield Advice(f"{facts.new_verdicts:,} verdicts{since}", _command("train"))


def _vocabulary(facts: Facts) -> Iterator[Advice]:
    bare = facts.articles - facts.labelled - facts.unjudged
    if facts.articles >= _MANY and bare >= _BARE * facts.articles:
        reason = f"{bare:,} of {count(facts.articles, 'article')} have no label"
        yield Advice(reason, _command("taxonomy suggest", facts))


def _publishing(facts: Facts) -> Iterator[Advice]:
    if not facts.labelled:
        return
    changes = 0 if facts.applied else facts.changes()
    if changes is None or changes:
        reason = (
            f"{count(facts.labelled, 'article')} with labels; see which files would change"
            if changes is None
            else f"{count(changes, 'article')} would change"
        )
        yield Advice(reason, _command("apply", facts, "--dry-run"))
    if facts.after != "report":
        yield Advice("all labels on one page", _command("report", facts))


def _command(name: str, facts: Facts | None = None, *options: str) -> str:
    paths = facts.paths if facts is not None else ()
    return " ".join(("classify", name, *(shlex.quote(word) for word in (*paths, *options))))
