"""Which labels an article is to have, given those that it has. Nothing is read or written here."""

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
    """Keep what is there, in order and spelling, and append those of ours that are missing.

    Of `earlier`, the labels that we have put there, those that are no longer ours are withdrawn.
    They are known by their exact spelling: another one is somebody else's.
    """
    wanted = {same(label): label for label in reversed(ours)}
    kept = [label for label in there if label not in earlier or same(label) in wanted]
    known = {same(label) for label in kept}
    missing = (label for label in ours if wanted[same(label)] == label)
    return (*kept, *(label for label in dict.fromkeys(missing) if same(label) not in known))


def replace(
    there: Sequence[str], ours: Sequence[str], *, same: Same = label_key
) -> tuple[str, ...]:
    """Take our labels instead; those that stay keep their order and spelling.

    A new one comes after the one that it follows in `ours`.
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
