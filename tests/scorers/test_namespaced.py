from __future__ import annotations

from support.chat_server import ChatServer
from support.embedded import LOAF, SPACE

from classifier.models import Task
from classifier.scorers.namespaced import NamespacedScorer
from classifier.scorers.openai.scorer import OpenAIScorer


def test_another_reason_is_another_identity_of_the_same_model() -> None:
    scorer = OpenAIScorer("m1", base_url="http://127.0.0.1:9/v1")
    one, two = (NamespacedScorer(scorer, why).identity for why in ("pack 1", "pack 2"))
    assert len({scorer.identity, one, two}) == 3
    assert {name.rpartition(":")[0] for name in (scorer.identity, one, two)} == {
        scorer.identity.rpartition(":")[0]
    }
    assert NamespacedScorer(scorer, "pack 1").identity == one


def test_the_model_judges_and_estimates_as_without_it(server: ChatServer) -> None:
    scorer = OpenAIScorer("m1", base_url=server.url)
    apart, task = NamespacedScorer(scorer, "a measurement"), Task(LOAF, (SPACE,))
    (ours,), (partial,) = apart.score([task]), apart.score_partial([task])
    (usual,) = scorer.score([task])
    assert [ours.judgements, partial.outcome.judgements] == [usual.judgements] * 2
    assert apart.estimate(task).input_tokens == scorer.estimate(task).input_tokens > 0
