"""Average precision by language, with the default sentence model and the multilingual one.

    python benchmarks/languages.py

The articles and definitions of languages.json were written for this: the same thirty short articles
and ten definitions in English, French, German and Spanish. Each language is judged by definitions
in English and in its own. Beside it are the mean confidences of labels and of other pairs, and what
a user is told of the language. Then what `classify taxonomy lint` finds where eight of the
definitions are there a second time, in other words: all its findings about two definitions of one
subject, and about others.
Needs the extras `bench` and `multilingual`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ranking import average_precision

from classifier import language
from classifier.content.document import language_of
from classifier.lint import MINILM, MULTILINGUAL, LintFinding, Meaning, lint
from classifier.models import Article, Category, Task, Taxonomy
from classifier.scorers.embedded.model_files import ModelChoice, ModelFiles
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.embedded.sentence_model import SentenceModel

LANGUAGES = ("en", "fr", "de", "es")
MODELS: Mapping[str, ModelChoice] = {"default": None, "multilingual": "multilingual"}


def tasks(data: dict[str, Any], code: str, definitions: str) -> list[Task]:
    categories = tuple(
        Category(id=f"set/{each['name']}", kind="set", **each[definitions])
        for each in data["categories"]
    )
    return [
        Task(Article(id=each["id"], title=each["title"], body=each["text"]), categories)
        for each in data["articles"]
        if each["language"] == code
    ]


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    data = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    labels = {each["id"]: set(each["labels"]) for each in data["articles"]}
    print(f"{'model':14}{'articles':>10}{'definitions':>13}   micro / macro AP   ", end="")
    print("confidence of labels / others   told that it is not read   CPU")
    for name, choice in MODELS.items():
        scorer = EmbeddedScorer(model=choice)
        list(scorer.score(tasks(data, "en", "en")[:1]))  # loads the model
        for code in LANGUAGES:
            for definitions in dict.fromkeys(("en", code)):
                row(
                    scorer,
                    tasks(data, code, definitions),
                    labels,
                    f"{name:14}{code:>10}{definitions:>13}",
                )
    print("\nlint: definitions that are there twice")
    for name, choice in MODELS.items():
        for code in LANGUAGES[1:]:
            print(f"{name:14}{code:>10}   {duplicates(data, code, choice)}")


def duplicates(data: dict[str, Any], code: str, choice: ModelChoice) -> str:
    """Return how many of the definitions that are there twice lint finds, and how many others."""
    files = ModelFiles.find(choice)
    encode = SentenceModel.open(files).encode
    compared = Meaning(encode, MULTILINGUAL if choice else MINILM)
    twice = [
        Category(id=f"set/{name}-{form}", kind="set", **texts[code])
        for form in ("written", "reworded")
        for name, texts in (
            (each["name"], each if form == "written" else each.get("reworded", {}))
            for each in data["categories"]
        )
        if code in texts
    ]
    found = [
        it
        for it in lint(Taxonomy(categories=tuple(twice)), meaning=compared)
        if len(it.categories) == 2
    ]
    same = {it.categories[0].id.split("-")[0] for it in found if _one_subject(it)}
    overlapping = sum(_one_subject(it) and it.rule == "overlapping-definitions" for it in found)
    others = sum(not _one_subject(it) for it in found)
    total = sum("reworded" in each for each in data["categories"])
    return f"{len(same)} of {total} ({overlapping} as overlapping), {others} others"


def _one_subject(finding: LintFinding) -> bool:
    one, other = (it.id.split("-")[0] for it in finding.categories)
    return one == other


def row(scorer: EmbeddedScorer, asked: list[Task], labels: dict[str, set[str]], title: str) -> None:
    start = time.process_time()
    scores = np.array([[j.confidence for j in it.judgements] for it in scorer.score(asked)])
    seconds = time.process_time() - start
    names = [category.id.removeprefix("set/") for category in asked[0].categories]
    truth = np.array([[name in labels[task.article.id] for name in names] for task in asked])
    micro, macro = average_precision(scores, truth)
    reads = scorer.languages
    codes = [language_of(task.article) for task in asked]
    told = [language.NAMES[it] for it in codes if reads is not None and it and it not in reads]
    said = f"{len(told)} of {len(asked)} ({', '.join(sorted(set(told)))})" if told else "nothing"
    label, other = scores[truth].mean(), scores[~truth].mean()
    print(
        f"{title}   {micro:.3f} / {macro:.3f}      {label:.2f} / {other:.2f}"
        f"                     {said:24} {seconds:.1f} s"
    )


if __name__ == "__main__":
    main()
