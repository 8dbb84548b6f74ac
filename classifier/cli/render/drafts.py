"""What `classify taxonomy draft` proposes."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from classifier.cli.console import emit, log
from classifier.cli.formatting import money
from classifier.project.draft import DefinitionDraft, LabelEffect
from classifier.sanitize import lines
from classifier.wording import count


def show_draft(draft: DefinitionDraft, *, quiet: bool) -> None:
    """Print the diff to stdout, and what it changes to stderr."""
    diff = draft.diff().removesuffix("\n")
    emit(lines(diff) if sys.stdout.isatty() else diff)  # a file is for `git apply`
    if not quiet:
        for line in _remarks(draft):
            log(line)


def _remarks(draft: DefinitionDraft) -> Iterator[str]:
    if draft.effect is None:
        yield f"{draft.category}: not measured: {draft.unmeasured}"
    else:
        yield from _effect(draft.category, draft.effect)
    if draft.usage.calls:
        cost = "unknown price" if draft.usage.cost is None else money(draft.usage.cost)
        calls = count(draft.usage.calls, "call")
        yield f"drafted by {draft.model} from {count(draft.shown, 'article')}: {calls}, {cost}"
    else:
        yield f"drafted by {draft.model} before, from {count(draft.shown, 'article')}: no call"


def _effect(category: str, effect: LabelEffect) -> Iterator[str]:
    where = f"on {count(effect.articles, 'article')} that the model did not see"
    yield (
        f"{category}: {_change('right', effect.right)}, {_change('wrong', effect.wrong)}, "
        f"{_change('missed', effect.missed)} {where}"
    )
    right, wrong = effect.others_right, effect.others_wrong
    yield f"other categories: {_change('right', right)}, {_change('wrong', wrong)}"


def _change(what: str, numbers: tuple[int, int]) -> str:
    old, new = numbers
    return f"{old:,} {what}" if old == new else f"{old:,} -> {new:,} {what}"
