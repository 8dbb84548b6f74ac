"""People's word on single pairs: give it, collect it, exchange it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from classifier.project.workspace import Workspace

if TYPE_CHECKING:
    from classifier.exchange.pairs import Tool
    from classifier.project.exchange import PairsExported
    from classifier.project.gold import GoldSource
    from classifier.project.review import Review
    from classifier.store import VerdictRecord


class VerdictVerbs(Workspace):
    """People's word on single pairs: give it, collect it, exchange it."""

    def accept(self, path: str | Path, *categories: str, note: str = "") -> list[VerdictRecord]:
        """Store that an article belongs to categories, whatever any scorer thinks.

        The verdict survives edits of the article and the definitions. `train` learns from it.

        Args:
            path: A file or bundle folder.
            categories: Ids, slugs, titles or aliases.
            note: The reason, shown beside the label.

        Raises:
            UsageError: A category does not exist, or the article cannot be read.
        """
        from classifier.project.verdicts import give

        return give(self, Path(path), categories, accepted=True, note=note)

    def reject(self, path: str | Path, *categories: str, note: str = "") -> list[VerdictRecord]:
        """Store that an article does not belong to categories; see `accept`."""
        from classifier.project.verdicts import give

        return give(self, Path(path), categories, accepted=False, note=note)

    def undo(self, path: str | Path, *categories: str, note: str = "") -> list[VerdictRecord]:
        """Withdraw the verdicts on an article and categories; see `accept`."""
        from classifier.project.verdicts import give

        return give(self, Path(path), categories, accepted=None, note=note)

    def verdicts(self) -> list[VerdictRecord]:
        """Return the verdicts that hold now, by path and category.

        Raises:
            StoreError: Nothing is stored yet.
        """
        from classifier.project.verdicts import current

        return current(self)

    def import_verdicts(self, gold: str | Path | GoldSource) -> list[VerdictRecord]:
        """Store human labels as verdicts. A missing label is not a rejection.

        Args:
            gold: A .csv, .tsv or .jsonl table of labels; a .json file that Label Studio or Argilla
                exported after `export_pairs`; with a `GoldSource`, a folder whose articles have
                labels in their front matter, too.

        Raises:
            UsageError: The labels cannot be read, or contradict each other.
        """
        from classifier.project.verdicts import import_verdicts

        return import_verdicts(self, gold)

    def export_pairs(
        self, *paths: str | Path, to: Tool, output: str | Path, most: int = 100
    ) -> PairsExported:
        """Write stored pairs for an annotation tool. Judges nothing.

        They come in the order of `review`, the most instructive first. Pairs with a verdict are
        left out.

        Args:
            paths: Articles, or folders of them.
            to: `label-studio` or `argilla`.
            output: The folder to write to.
            most: How many pairs to write, at most.

        Raises:
            StoreError: Nothing is stored.
            UsageError: None of these pairs is judged, or all have verdicts.
            OutputError: The files cannot be written.
        """
        from classifier.project.exchange import export_pairs

        return export_pairs(self, self.articles(paths), to=to, folder=Path(output), most=most)

    def review(self, *paths: str | Path) -> Review:
        """Open articles for review: what to look at next, verdicts, and what they bring.

        Judges what is pending where that costs nothing.

        Args:
            paths: Articles, or folders of them.

        Raises:
            UsageError: A language model has judged nothing of these articles yet.
        """
        from classifier.project.review import open_review

        return open_review(self, self.articles(paths))
