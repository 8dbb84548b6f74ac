"""Choose few-shot examples for a language model: the pairs on which a scorer was furthest off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from classifier.content import document, passages
from classifier.models import Article, Category
from classifier.trained import FewShotExample, FewShotExamples
from classifier.training.dataset import LabelledArticle

CLEAR: Final = 0.3
"""Smallest error of a confidence (0-1) that makes a pair an example."""
LONGEST: Final = 400
"""Characters of an article that an example shows; half as many of its title and of a note."""


def few_shot_examples(
    categories: Iterable[Category],
    labelled: Sequence[LabelledArticle],
    confidence: Callable[[Article, Category], float],
) -> dict[str, FewShotExamples]:
    """Return at most two examples per category id: the worst missed and the worst wrong label.

    Ties go to the article with the smaller digest, so the same verdicts choose the same examples.

    Args:
        categories: The categories to find examples for.
        labelled: Articles with verdicts or gold labels.
        confidence: The scorer's confidence (0-1) for an article and a category.
    """
    return {
        category.id: FewShotExamples(definition=category.definition, examples=chosen)
        for category in categories
        if (chosen := tuple(_chosen(category, labelled, confidence)))
    }


def _chosen(
    category: Category,
    labelled: Sequence[LabelledArticle],
    confidence: Callable[[Article, Category], float],
) -> Iterator[FewShotExample]:
    for accepted in (True, False):
        ranked = sorted(
            (
                (-abs(accepted - confidence(each.article, category)), each.article.digest, each)
                for each in labelled
                if each.known.get(category.id) is accepted
            ),
            key=lambda item: item[:2],
        )
        if ranked and -ranked[0][0] > CLEAR:
            yield _example(ranked[0][2], category, accepted=accepted)


def _example(source: LabelledArticle, category: Category, *, accepted: bool) -> FewShotExample:
    prose = " ".join(passage.text for passage in passages.split(document.prose(source.article)))
    return FewShotExample(
        title=_shorten(source.article.title, LONGEST // 2),
        text=_shorten(f"{source.article.description} {prose}", LONGEST),
        accepted=accepted,
        note=_shorten(source.notes.get(category.id, ""), LONGEST // 2),
    )


def _shorten(text: str, longest: int) -> str:
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return flat
    return f"{flat[:longest].rpartition(' ')[0] or flat[:longest]} ..."
