"""What a strong model answered to version 4 of the prompt, through the scorer.

The answers in `support/answers_v4` are those of a strong language model that had only the rendered
system and user message of one of the project's examples, all 14 definitions in one call. They are
as it wrote them. One has a line with scores of a label, which is asked about again: that answer is
in `again`. They show that the prompt can be followed and the answer be read, and no more: few
articles, clear ones, and one model.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import chat_server as chat
from support.chat_server import ChatServer

from classifier.content import document
from classifier.models import Article, Task
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.taxonomy import loading

ROOT = Path(__file__).parents[3]
ANSWERS = sorted((ROOT / "tests" / "support" / "answers_v4").glob("*.json"))
EXPECTED = json.loads((ROOT / "examples" / "expected.json").read_text("utf-8"))


def article(stem: str) -> Article:
    path = ROOT / "examples" / f"{stem}.md"
    found = document.read(path if path.exists() else ROOT / "examples" / stem / "index.md")
    read = getattr(found, "article", None)
    assert isinstance(read, Article)
    return read


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda path: path.stem)
def test_a_recorded_answer_gives_the_expected_labels(answer: Path, server: ChatServer) -> None:
    again = answer.parent / "again" / answer.name
    files = [answer, again] if again.exists() else [answer]
    said = [chat.completion(file.read_text("utf-8")) | {"usage": None} for file in files]
    server.play(*(lambda _, it=it: chat.Reply(it) for it in said))
    categories = loading.load(ROOT / "categories").categories
    scorer = OpenAIScorer("m", base_url=server.url, options=OpenAIOptions(pack=40))
    (outcome,) = scorer.score([Task(article(answer.stem), categories)])
    assert outcome.failures == ()
    assert outcome.notes == ()
    assert len(server.requests) == len(files)  # nothing else was forgotten
    labels = {j.category for j in outcome.judgements if j.confidence >= 0.5}
    name = answer.stem if answer.stem in EXPECTED else f"{answer.stem}.md"
    assert labels >= set(EXPECTED[name]["labels"])
    assert not labels & set(EXPECTED[name]["never"])
    for judgement in outcome.judgements:
        assert judgement.reasoning
        assert all(quote.verified for quote in judgement.evidence)
        assert judgement.evidence or judgement.confidence < 0.45


def test_every_example_has_a_recorded_answer() -> None:
    assert {answer.stem for answer in ANSWERS} == {name.removesuffix(".md") for name in EXPECTED}
