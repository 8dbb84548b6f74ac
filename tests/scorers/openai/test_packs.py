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
OWN = Category(id="", kind="", title="Nor here")
TARGETS = tuple(Category(id=f"t/{n}", kind="t", title=f"Title {n}") for n in range(4))
BY_ID = {category.id: category for category in TARGETS}
TASK = Task(Article(id="a.md", body="Bread."), TARGETS)
FAILURE = CallFailure(FailureReason.REFUSED, "no")


def answer(category, confidence):
    return ModelAnswer(
        category=category, confidence=confidence, aspects={}, exclusion=None, reasoning="r"
    )


@st.composite
def exchanges(draw, targets, canaries):
    """A call about `targets`, of which some are answered, or which has failed."""
    request = make_request(EncodedText("", 0), targets, canaries=canaries)
    usage = Usage(calls=1)
    if draw(st.booleans()):
        return Exchange(request, Reply(failure=FAILURE, usage=usage))
    answered = draw(st.lists(st.sampled_from(request.categories), unique=True))
    high = draw(st.sampled_from([None, *canaries]))
    answers = tuple(answer(c, 0.9 if c is high or c not in canaries else 0.0) for c in answered)
    return Exchange(request, Reply(answers=answers, usage=usage))


@st.composite
def packs(draw):
    canaries = draw(st.sampled_from([(), (CANARY,), (CANARY, OWN)]))
    first = draw(exchanges(TARGETS, canaries))
    answered = {id(a.category) for a in first.reply.answers}
    left = [c for c in first.request.categories if id(c) not in answered]
    if not first.reply.answers:
        return PackReplies(first)
    repeats = [draw(exchanges((c,), canaries[-1:])) for c in left if c not in canaries]
    if first.unchecked:
        repeats.append(draw(exchanges((), first.unchecked)))
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
    canaries = pack.first.request.canaries
    scores = {
        (number, place): answer.confidence
        for number, exchange in enumerate(pack.exchanges)
        for answer in exchange.reply.answers
        for place, canary in enumerate(canaries)
        if answer.category is canary
    }
    if any(score > 0.5 for score in scores.values()):
        assert outcome.judgements == ()
        assert [failure.reason for failure in outcome.failures] == [FailureReason.TAMPERED]
    elif len({place for _, place in scores}) < len(canaries):
        answered = {id(a.category) for a in pack.first.reply.answers}
        assert not [j for j in outcome.judgements if id(BY_ID[j.category]) in answered]
