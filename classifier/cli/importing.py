"""`classify import`: what others, or we elsewhere, have put beside the articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from classifier import composition, settings, sidecars, taxonomy
from classifier.cli.console import log
from classifier.cli.formatting import count
from classifier.cli.option_checks import remark_on_default
from classifier.cli.records import opened
from classifier.cli.sidecars import tell
from classifier.content.discovery import Selection
from classifier.corpus import Corpus
from classifier.sidecars import ImportResult
from classifier.sidecars.parsing import LEGACY_SCORER

_TOLD: Final = 5


def take_in(
    paths: Sequence[Path],
    *,
    kinds: Sequence[str],
    files: Selection,
    overrides: Mapping[str, Any],
    quiet: bool,
) -> int:
    """Import the sidecars of the articles that `paths` are, or hold; return the exit code.

    Titles in files of an earlier layout are those of categories of these `kinds`; none: of all.
    """
    found = settings.load(**overrides)
    loaded = composition.load_taxonomy(found)
    wanted = taxonomy.select(loaded, kinds=kinds)
    if not quiet:
        remark_on_default(found)
    with opened(found, "write") as records:
        store, home = records.store, records.home
        corpus = Corpus(loaded.categories, store, home=home)
        scan = corpus.scan(
            [sidecars.article_of(path) for path in paths], scorer=LEGACY_SCORER, selection=files
        )
        articles = {entry.path: entry.digest for entry in scan.entries}
        imported = list(sidecars.import_sidecars(articles, taxonomy=wanted, store=store, home=home))
    troubles = [
        failure.message for path, failure in scan.unread.items() if sidecars.any_sidecar(Path(path))
    ]
    troubles += [trouble for it in imported for trouble in it.troubles]
    tell(troubles)
    for line in () if quiet else _lines(imported):
        log(line)
    return 1 if troubles else 0


def _lines(imported: Sequence[ImportResult]) -> Iterator[str]:
    judgements = count(sum(it.judgements for it in imported), "judgement")
    verdicts = count(sum(it.verdicts for it in imported), "verdict")
    files = count(sum(it.files for it in imported), "file")
    known = sum(it.known for it in imported)
    yield f"{judgements} and {verdicts} imported from {files}; {known:,} on record before"
    yield from _named("of no category", (title for it in imported for title in it.unmatched))
    ambiguous = (title for it in imported for title in it.ambiguous)
    yield from _named("of more than one category, choose with --kind", ambiguous)
    if unscored := sum(it.unscored for it in imported):
        yield f"{unscored:,} left out, without a score"
    if clamped := sum(it.clamped for it in imported):
        yield f"{count(clamped, 'aspect')} not from 0 to 100: the nearest that is was taken"


def _named(why: str, titles: Iterable[str]) -> Iterator[str]:
    counts = Counter(titles)
    if counts:
        some = ", ".join(f"{title!r} ({n:,})" for title, n in counts.most_common(_TOLD))
        rest = f" and {len(counts) - _TOLD:,} more titles" if len(counts) > _TOLD else ""
        yield f"{counts.total():,} left out, {why}: {some}{rest}"
