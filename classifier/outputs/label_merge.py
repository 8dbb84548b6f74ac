"""Merge the decided labels of an article with those that its front matter has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Sequence
from difflib import SequenceMatcher

from classifier.taxonomy.labels import label_key

Same = Callable[[str], Hashable]
"""What two spellings of one label have in common."""


def merge(
    there: Sequence[str],
    ours: Sequence[str],
    *,
    earlier: Collection[str] = (),
    same: Same = label_key,
) -> tuple[str, ...]:
    """Keep the labels that are there, in order and spelling, and append ours that are missing.

    Labels in `earlier`, which we wrote before, are removed when they are no longer ours. They are
    recognised by their exact spelling: a label in another spelling is a person's.
    """
    wanted = {same(label): label for label in reversed(ours)}
    kept = [label for label in there if label not in earlier or same(label) in wanted]
    known = {same(label) for label in kept}
    missing = (label for label in ours if wanted[same(label)] == label)
    return (*kept, *(label for label in dict.fromkeys(missing) if same(label) not in known))


def replace(
    there: Sequence[str], ours: Sequence[str], *, same: Same = label_key
) -> tuple[str, ...]:
    """Return our labels; those that are there already keep their order and spelling.

    A new label comes after the one that it follows in `ours`.
    """
    left = Counter(same(label) for label in ours)
    kept: list[str] = []
    for label in there:
        if left[same(label)]:
            left[same(label)] -= 1
            kept.append(label)
    alike = SequenceMatcher(None, [*map(same, kept)], [*map(same, ours)], autojunk=False)
    labels: list[str] = []
    for what, start, end, first, last in alike.get_opcodes():
        labels += kept[start:end]
        for label in ours[first:last]:
            if what != "equal" and left[same(label)]:
                left[same(label)] -= 1
                labels.append(label)
    return tuple(labels)
