from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from classifier.content.passages import Locator
from classifier.models import Article, Category, FailureReason, Task, Usage
from classifier.scorers.openai.completions import CallFailure
from classifier.scorers.openai.packs import Exchange, PackReplies, pack_outcome
from classifier.scorers.openai.requests import EncodedText, make_request
from classifier.scorers.openai.responses import ModelAnswer, Reply

CANARY = Category(id="", kind="", title="Nothing belongs here")
TARGETS = tuple(Category(id=f"t/{n}", kind="t", title=f"Title {n}") for n in range(4))
TASK = Task(Article(id="a.md", body="Bread."), TARGETS)
FAILURE = CallFailure(FailureReason.REFUSED, "no")


def answer(category, confidence):
    return ModelAnswer(
        category=category, confidence=confidence, aspects={}, exclusion=None, reasoning="r"
    )


@st.composite
def exchanges(draw, targets, canary):
    """A call about `targets`, of which some are answered, or which has failed."""
    request = make_request(EncodedText("", 0), targets, canary=canary)
    usage = Usage(calls=1)
    if draw(st.booleans()):
        return Exchange(request, Reply(failure=FAILURE, usage=usage))
    answered = draw(st.lists(st.sampled_from(request.categories), unique=True))
    high = draw(st.booleans()) and canary is not None
    answers = tuple(answer(c, 0.9 if c is not canary or high else 0.0) for c in answered)
    return Exchange(request, Reply(answers=answers, usage=usage))


@st.composite
def packs(draw):
    canary = draw(st.sampled_from([CANARY, None]))
    first = draw(exchanges(TARGETS, canary))
    answered = {id(a.category) for a in first.reply.answers}
    left = [c for c in first.request.categories if id(c) not in answered]
    repeats = [
        draw(exchanges((), canary) if c is canary else exchanges((c,), canary))
        for c in left
        if first.reply.answers
    ]
    return PackReplies(first, tuple(repeats))


@given(packs())
def test_every_category_is_judged_or_failed_and_never_both(pack):
    outcome = pack_outcome(TASK, pack, locator=Locator("Bread."), scorer="s")
    judged = [judgement.category for judgement in outcome.judgements]
    failed = [name for failure in outcome.failures for name in failure.categories]
    assert sorted(judged + failed) == sorted(category.id for category in TARGETS)
    assert outcome.usage.calls == len(pack.exchanges)


@given(packs())
def test_a_scored_canary_spoils_the_pack_and_an_unscored_one_vouches_for_nothing(pack):
    outcome = pack_outcome(TASK, pack, locator=Locator("Bread."), scorer="s")
    canary = pack.first.request.canary
    scores = [a.confidence for e in pack.exchanges for a in e.reply.answers if a.category is canary]
    if any(score > 0.5 for score in scores):
        assert outcome.judgements == ()
        assert [failure.reason for failure in outcome.failures] == [FailureReason.TAMPERED]
    elif canary is not None and not scores:
        assert outcome.judgements == ()
