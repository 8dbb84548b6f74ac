"""Results of any shape, for promises about what is made of them."""

from __future__ import annotations

from hypothesis import strategies as st

from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Label,
    Rejection,
    Result,
    Usage,
)

texts = st.text(st.characters(exclude_categories=()), max_size=30) | st.sampled_from(
    [
        "=1+1",
        "'=1+1",
        "-",
        "a\r\nb\rc\n",
        '"quoted", with comma',
        "\ud800",
        "\0",
        "\x1b[31m",
        "\ufeff",
    ]
)
_names = st.text("abcde-", min_size=1, max_size=5)
_numbers = st.floats(0, 1)
_optional = st.none() | texts


@st.composite
def _evidence(draw: st.DrawFn) -> Evidence:
    span = draw(st.none() | st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)))
    return Evidence(draw(texts), *(span or (None, None)))


@st.composite
def _judged(draw: st.DrawFn, category: Category) -> Label | Rejection:
    judgement = Judgement(
        category=category.id,
        confidence=draw(_numbers),
        kind=draw(st.sampled_from(ConfidenceKind)),
        scorer=draw(texts),
        aspects=draw(st.dictionaries(_names, _numbers, max_size=3)),
        exclusion=draw(_optional),
        reasoning=draw(texts),
        evidence=tuple(draw(st.lists(_evidence(), max_size=2))),
        pack=tuple(draw(st.lists(texts, max_size=2))),
    )
    return (
        Label(category, judgement)
        if draw(st.booleans())
        else Rejection(category, judgement, draw(texts))
    )


def _decision(judged: list[Label | Rejection]) -> Decision:
    judged.sort(key=lambda it: -it.judgement.confidence)
    return Decision(
        labels=tuple(it for it in judged if isinstance(it, Label)),
        rejections=tuple(it for it in judged if isinstance(it, Rejection)),
    )


@st.composite
def results(draw: st.DrawFn) -> Result:
    ids = draw(st.lists(st.tuples(_names, _names), unique=True, max_size=5))
    categories = [Category(id=f"{kind}/{slug}", kind=kind, title=draw(texts)) for kind, slug in ids]
    judged = [draw(_judged(category)) for category in categories if draw(st.booleans())]
    failed = st.lists(st.sampled_from([c.id for c in categories] or ["tags/x"]), max_size=3)
    failures = st.builds(Failure, st.sampled_from(FailureReason), texts, failed.map(tuple))
    return Result(
        article=draw(texts),
        title=draw(texts),
        digest=draw(texts),
        body_start=draw(st.integers(0, 10**6)),
        scorer=draw(texts),
        model=draw(texts),
        decision=_decision(judged),
        failures=tuple(draw(st.lists(failures, max_size=2))),
        usage=Usage(calls=draw(st.integers(0, 9)), cost=draw(st.none() | _numbers)),
        notes=tuple(draw(st.lists(texts, max_size=2))),
    )
