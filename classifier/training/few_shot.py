"""Which pairs to show a language model: where it, or the embedded scorer, was furthest off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from classifier.content import document, passages
from classifier.models import Article, Category
from classifier.scorers.embedded.corrections import FewShotExample, FewShotExamples
from classifier.training.dataset import LabelledArticle

CLEAR: Final = 0.3
"""A confidence that is no farther than this from what people said teaches nothing."""
LONGEST: Final = 400
"""Characters of an article that are shown; of its title and of a note, half as many."""


def few_shot_examples(
    categories: Iterable[Category],
    given: Sequence[LabelledArticle],
    confidence: Callable[[Article, Category], float],
) -> dict[str, FewShotExamples]:
    """Return at most two examples a category, one of each kind: the worst mistakes.

    Ties go to the article with the smaller digest, so that the same words choose the same examples.
    """
    return {
        category.id: FewShotExamples(definition=category.definition, examples=chosen)
        for category in categories
        if (chosen := tuple(_chosen(category, given, confidence)))
    }


def _chosen(
    category: Category,
    given: Sequence[LabelledArticle],
    confidence: Callable[[Article, Category], float],
) -> Iterator[FewShotExample]:
    for accepted in (True, False):
        ranked = sorted(
            (
                (-abs(accepted - confidence(it.article, category)), it.article.digest, it)
                for it in given
                if it.known.get(category.id) is accepted
            ),
            key=lambda found: found[:2],
        )
        if ranked and -ranked[0][0] > CLEAR:
            yield _lesson(ranked[0][2], category, accepted=accepted)


def _lesson(it: LabelledArticle, category: Category, *, accepted: bool) -> FewShotExample:
    prose = " ".join(passage.text for passage in passages.split(document.prose(it.article)))
    return FewShotExample(
        title=_cut(it.article.title, LONGEST // 2),
        text=_cut(f"{it.article.description} {prose}", LONGEST),
        accepted=accepted,
        note=_cut(it.notes.get(category.id, ""), LONGEST // 2),
    )


def _cut(text: str, longest: int) -> str:
    flat = " ".join(text.split())
    if len(flat) <= longest:
        return flat
    return f"{flat[:longest].rpartition(' ')[0] or flat[:longest]} ..."
