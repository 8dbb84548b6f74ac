"""What a strong model answered to two versions of the prompt, about the same pairs.

    python benchmarks/replies.py [--site ../shared/nkda] 2:../shared/replies/v2 3:FOLDER ...
    python benchmarks/replies.py --lengths FOLDER ...

Each folder has one answer per article, as a server would return it, and the version of the prompt
that it answers to. Articles that all folders have are read, by the real parser. For each folder:
what is missing, the output by kind of answer, quotes that are in the article, exclusions. For each
two: labels (confidence of 0.5 or more), their agreement, and how well one ranks the other's labels.
A few articles, one model: differences smaller than those between two answers to the same prompt say
nothing.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import average_precision_score

from classifier.content import document, passages
from classifier.models import Article, Category, Failure, Task
from classifier.scorers.openai import prompts, responses
from classifier.scorers.openai.costs import count_tokens
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.requests import ChatRequest, RequestBuilder, make_request
from classifier.scorers.openai.servers import OFFICIAL
from classifier.taxonomy import loading

MINIMUM, LOW = 0.5, 0.1
FORMER = Path(__file__).resolve().parent.parent / "tests" / "support" / "prompts_v2"
Pair = tuple[str, str]


def tokenizer() -> Callable[[str], int]:
    try:
        from bpe_openai import get_encoding
    except ImportError:
        return count_tokens
    encode = get_encoding("o200k_base").encode
    return lambda text: len(encode(text))


TOKENS = tokenizer()


@dataclass
class Replies:
    name: str
    confidence: dict[Pair, float] = field(default_factory=dict)
    tokens: dict[str, list[int]] = field(default_factory=dict)
    """By kind of answer."""
    whole: list[int] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    quotes: list[bool] = field(default_factory=list)
    """Of each, whether it is in the article."""
    exclusions: list[Pair] = field(default_factory=list)
    canary: list[float] = field(default_factory=list)

    @property
    def labels(self) -> set[Pair]:
        return {pair for pair, found in self.confidence.items() if found >= MINIMUM}


def answered(folder: Path, article: Path) -> Path | None:
    return next((p for p in folder.iterdir() if f".{article.stem}." in f".{p.name}"), None)


def read(
    version: str, folder: Path, articles: Sequence[Path], categories: Sequence[Category]
) -> Replies:
    own = prompts.load(FORMER if version == "2" else None)
    found = Replies(f"{version}:{folder.name}")
    for path in articles:
        file = answered(folder, path)
        assert file is not None
        opened = document.read(path)
        assert not isinstance(opened, Failure)
        article = opened.article
        assert not isinstance(article, Failure)
        text = file.read_text("utf-8")
        _add(found, path.stem, text, _asked(article, categories, own, version), own)
        locator = passages.Locator(article.body, read=document.prose(article))
        heading = f"{article.title}\n{article.description}"
        for quote in _quotes(text):
            known = bool(locator.find(quote)) or passages.has_words(heading, quote)
            found.quotes.append(known)
    return found


def _asked(
    article: Article, categories: Sequence[Category], own: prompts.Prompts, version: str
) -> ChatRequest:
    options = OpenAIOptions(pack=len(categories))
    builder = RequestBuilder(model="m", base_url=OFFICIAL, prompts=own, options=options)
    (request,) = builder.build(Task(article, tuple(categories)))
    if version != "2":
        return request
    return make_request(request.message, request.targets, canaries=(own.canary,))


def _add(
    found: Replies, article: str, text: str, request: ChatRequest, own: prompts.Prompts
) -> None:
    body = {"choices": [{"finish_reason": "stop", "message": {"content": text}}]}
    reply = responses.read_json(body, request, own)
    assert not reply.failure, (article, reply.failure)
    found.missing += [f"{article}: {category.title}" for category in reply.missing]
    for answer in reply.answers:
        if answer.category in request.canaries:
            found.canary.append(answer.confidence)
            continue
        pair = article, answer.category.title
        found.confidence[pair] = answer.confidence
        if answer.exclusion:
            found.exclusions.append(pair)
    value = json.loads(text)
    found.whole.append(TOKENS(_plain(value)))
    for name, items in value.items():
        parts = items if name != "out" or any(isinstance(it, dict) for it in items) else [items]
        if name in ("about", "judged"):
            parts = [items]
        found.tokens.setdefault(name, []).extend(TOKENS(_plain(part)) for part in parts)


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _quotes(text: str) -> list[str]:
    value: Mapping[str, Any] = json.loads(text)
    return [quote for item in value["judgements"] for quote in item["evidence"]]


def ranked(by: Replies, labels: set[Pair]) -> float:
    """Return the average precision of one's confidences against the other's labels."""
    pairs = sorted(by.confidence)
    truth = np.array([pair in labels for pair in pairs])
    return float(average_precision_score(truth, np.array([by.confidence[pair] for pair in pairs])))


def print_lengths(folders: Sequence[Path]) -> None:
    sizes: dict[str, list[int]] = {}
    for file in sorted(path for folder in folders for path in folder.glob("*.json")):
        value = json.loads(file.read_text("utf-8"))
        for item in value["judgements"]:
            sizes.setdefault("quotes", []).append(len(item["evidence"]))
            sizes.setdefault("quote", []).extend(map(TOKENS, item["evidence"]))
            sizes.setdefault("reasoning", []).append(TOKENS(item["reasoning"]))
        short = [item for item in value["out"] if isinstance(item, dict)]
        for item in [*short, *value.get("touched", ())]:
            why = item["why"] if isinstance(item, dict) else item.split(":")[1].strip()
            sizes.setdefault("phrase", []).append(TOKENS(why))
        if "about" in value:
            sizes.setdefault("about", []).append(TOKENS(value["about"]))
    for name, found in sizes.items():
        middles = np.quantile(found, np.arange(0.05, 1, 0.1)).round().astype(int).tolist()
        print(f"{name:<12}{len(found):>5} of {np.mean(found):5.1f} on average: {tuple(middles)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, default=Path("../shared/nkda"))
    parser.add_argument("--lengths", action="store_true")
    parser.add_argument("folders", nargs="+", help="VERSION:FOLDER; FOLDER for --lengths")
    given = parser.parse_args()
    if given.lengths:
        print_lengths([Path(folder) for folder in given.folders])
        return
    categories = loading.load(given.site / "categories").categories
    folders = [(it.partition(":")[0], Path(it.partition(":")[2])) for it in given.folders]
    articles = [
        path
        for path in sorted((given.site / "articles").glob("*.md"))
        if all(answered(folder, path) for _, folder in folders)
    ]
    every = [read(version, folder, articles, categories) for version, folder in folders]
    for each in every:
        print(
            f"{each.name}: {len(each.whole)} articles, {len(each.confidence)} pairs, "
            f"{len(each.labels)} labels, {len(each.missing)} missing, canary at most "
            f"{max(each.canary):.2f}\n  output {sum(each.whole):,} tokens; quotes in the article "
            f"{sum(each.quotes)} of {len(each.quotes)}; exclusions {len(each.exclusions)}"
        )
        for name, sizes in each.tokens.items():
            print(f"  {name:<12}{len(sizes):>5} x {np.mean(sizes):>6.1f} = {sum(sizes):>7,}")
        for line in each.missing:
            print(f"  missing: {line}")
    for one, other in combinations(every, 2):
        both = len(one.labels & other.labels)
        f1 = 2 * both / (len(one.labels) + len(other.labels))
        lost = [pair for pair in one.labels if other.confidence.get(pair, 0) < LOW]
        print(
            f"{one.name} and {other.name}: labels {len(one.labels)} and {len(other.labels)}, F1 "
            f"{f1:.3f}; average precision {ranked(one, other.labels):.3f} / "
            f"{ranked(other, one.labels):.3f}; labels of the first below {LOW} in the second: "
            f"{len(lost)}; output {sum(one.whole) / sum(other.whole):.2f}:1"
        )


if __name__ == "__main__":
    main()
