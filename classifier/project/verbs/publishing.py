"""Put results where readers and builds find them, and check that they are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.project.arguments import names
from classifier.project.workspace import Workspace

if TYPE_CHECKING:
    from classifier.project.apply import ApplyResult, FileOutcome
    from classifier.project.check import CheckResult
    from classifier.project.label_fields import WriteOptions
    from classifier.project.link import LinkOptions, LinkOutcome, LinkResult
    from classifier.project.related import Lists, RelatedOptions, RelatedWritten
    from classifier.project.report import ReportWritten
    from classifier.project.sidecars import SidecarsImported, SidecarsWritten


class PublishingVerbs(Workspace):
    """Put results where readers and builds find them, and check that they are there."""

    def apply(
        self,
        *paths: str | Path,
        options: WriteOptions | None = None,
        dry_run: bool = False,
        on_file: Callable[[FileOutcome], None] = lambda _: None,
    ) -> ApplyResult:
        """Write the decided labels into the front matter of articles. Judges nothing.

        Args:
            paths: Articles, or folders of them.
            options: Which keys, and what happens to labels that are there.
            dry_run: Whether files stay as they are.
            on_file: Called with what became, or with `dry_run` would become, of each file; an
                edited file has a unified diff.

        Raises:
            UsageError: A path does not exist, there is no article, or a field names no kind.
        """
        from classifier.project.apply import apply
        from classifier.project.label_fields import WriteOptions

        options = options or WriteOptions()
        return apply(self, self.articles(paths), options, dry_run=dry_run, on_file=on_file)

    def check(
        self, *paths: str | Path, options: WriteOptions | None = None, since: str | None = None
    ) -> CheckResult:
        """Find articles that are unjudged, stale or lack decided labels.

        Judges and writes nothing. Without a store, reads the sidecars beside the articles. Labels
        are up to date if `apply` with the same options would change nothing.

        Args:
            paths: Articles, or folders of them.
            options: As for `apply`.
            since: Check only articles that have changed since this commit (see `changed_since`).
        """
        from classifier.project.check import check
        from classifier.project.label_fields import WriteOptions

        articles = self.articles(paths)
        if since is not None:
            articles = self.changed_since(since, *articles)
        return check(self, articles, options or WriteOptions())

    def changed_since(self, commit: str, *paths: str | Path) -> list[Path]:
        """Return the articles in `paths` that have changed since a commit.

        If a definition, the settings, a prompt or the trained file has changed, every article may
        have other labels: then it returns all of `paths`, with a message.

        Raises:
            UsageError: Git does not know the commit.
        """
        from classifier.project.since import changed_since

        return changed_since(self, commit, self.articles(paths))

    def report(
        self,
        *paths: str | Path,
        output: str | Path = "report.html",
        fields: Sequence[str] = (),
        against: Sequence[str] = (),
        explain: bool = False,
    ) -> ReportWritten:
        """Write the stored results as an HTML page. Judges nothing.

        Args:
            paths: Articles, or folders of them.
            output: The file to write.
            fields: Front matter keys, as `KEY` or `KIND=KEY`, to compare the labels with.
            against: Other stored scorers to show: parts of their names, or `all`.
            explain: Whether to keep the reasoning of every pair.

        Raises:
            StoreError: Nothing is stored.
            UsageError: Nothing is stored of these articles, or a field or scorer is unknown.
            OutputError: The file cannot be written.
        """
        from classifier.project.report import ReportOptions, report

        options = ReportOptions(
            output=Path(output), fields=names(fields), against=names(against), explain=explain
        )
        return report(self, self.articles(paths), options)

    def related(self, *paths: str | Path, options: RelatedOptions | None = None) -> Lists:
        """Find the nearest articles of every article. Judges nothing.

        By the vectors of the articles, which are made where the store has none, and the labels that
        both have. A draft has a list but is in none.

        Args:
            paths: Folders of articles: related ones are looked for among all in them.
            options: How many, and what a section is.

        Raises:
            UsageError: A path does not exist, or there is no article.
        """
        from classifier.project.related import RelatedOptions, related

        chosen = options or RelatedOptions.of(self)
        return related(self, self.articles(paths), chosen)

    def write_related(
        self, *paths: str | Path, options: RelatedOptions | None = None
    ) -> RelatedWritten:
        """Write what `related` finds into files or front matter, where anything changed.

        Args:
            paths: As for `related`.
            options: Also, where the lists go.

        Raises:
            UsageError: As for `related`, or the output cannot be used.
            OutputError: The data file is something else, or cannot be written.
        """
        from classifier.project.related import RelatedOptions, write

        chosen = options or RelatedOptions.of(self)
        return write(self, self.articles(paths), chosen)

    def link(
        self,
        *paths: str | Path,
        options: LinkOptions | None = None,
        dry_run: bool = False,
        on_file: Callable[[LinkOutcome], None] = lambda _: None,
    ) -> LinkResult:
        """Make the first mention of each category in an article a link to its page.

        Judges nothing, and what is judged stays judged: the words of the articles stay the same.

        Args:
            paths: Articles, or folders of them.
            options: How many links, or that those we wrote are taken out.
            dry_run: Whether files stay as they are.
            on_file: As for `apply`.

        Raises:
            UsageError: A path does not exist, or there is no article.
        """
        from classifier.project.link import LinkOptions, link

        options = options or LinkOptions()
        return link(self, self.articles(paths), options, dry_run=dry_run, on_file=on_file)

    def write_sidecars(self, *paths: str | Path, replace: bool = False) -> SidecarsWritten:
        """Write what is stored about each article to data.NAME.classifications.json beside it.

        Args:
            paths: Articles, or folders of them.
            replace: Whether the embedded scorer's judgements may take the place of imported ones.

        Raises:
            StoreError: Nothing is stored.
        """
        from classifier.project.sidecars import write

        return write(self, self.articles(paths), replace=replace)

    def import_sidecars(self, *paths: str | Path) -> SidecarsImported:
        """Store the judgements and verdicts of sidecars: those named, or of articles and folders.

        What is stored already, or has a later judgement in its place, is left out.
        """
        from classifier.project.sidecars import import_sidecars

        return import_sidecars(self, self.articles(paths))
