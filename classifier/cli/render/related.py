"""What `classify related` found and wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from classifier.cli.console import emit_json, log, log_some
from classifier.cli.formatting import two_digits
from classifier.cli.layout import Line, show
from classifier.related.files import to_dict
from classifier.wording import count

if TYPE_CHECKING:
    from classifier.project.related import Lists, RelatedWritten

_SHOWN: Final = 5
"""Errors that are shown at most."""


def show_lists(lists: Lists, *, as_json: bool) -> None:
    if as_json:
        emit_json(to_dict(lists))
    else:
        show(_lines(lists))


def show_written(result: RelatedWritten, *, quiet: bool) -> None:
    log_some(result.errors, at_most=_SHOWN, rest="articles without a list")
    if quiet:
        return
    drafts = f" ({count(result.drafts, 'draft')} in none)" if result.drafts else ""
    log(f"related articles of {count(result.articles, 'article')}{drafts}")
    where = f": {result.output}" if result.output else ""
    log(f"{count(result.written, 'file')} written, {result.unchanged:,} up to date{where}")


def _lines(lists: Lists) -> Iterator[Line]:
    for page, found in lists.values():
        yield Line(page.path, "bold", whole=True)
        for one in found:
            shared = f" [{', '.join(one.labels)}]" if one.labels else ""
            yield Line(
                f"{two_digits(one.similarity)} {one.page.title} ({one.page.reference}){shared}",
                indent=2,
            )
        if not found:
            yield Line("nothing related", "dim", 2)
