"""Propose, check, compare, add and exchange category definitions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from classifier.errors import UsageError
from classifier.project.arguments import names, to_paths
from classifier.project.workspace import Workspace

if TYPE_CHECKING:
    from classifier.outputs.vocabulary import Format
    from classifier.project.diff import TaxonomyDiff
    from classifier.project.draft import DefinitionDraft
    from classifier.project.init import InitPlan, InitResult
    from classifier.project.lint import LintReport
    from classifier.vocabulary.suggestions import Suggestions


class CategoryVerbs(Workspace):
    """Propose, check, compare, add and exchange category definitions."""

    def plan_init(
        self,
        *content: str | Path,
        fields: Sequence[str] = (),
        least_uses: int | None = None,
    ) -> InitPlan:
        """Propose categories and settings from the labels that articles have. Writes nothing.

        Args:
            content: Folders of articles; none: those of the settings, or where the site's generator
                keeps them.
            fields: Front matter keys whose labels become categories; none: the customary ones, such
                as `tags`.
            least_uses: Articles that a label needs to become a category; None: by their number.

        Raises:
            UsageError: There is no article, or no such field.
        """
        from classifier.project.init import plan

        return plan(self, to_paths(content), fields=names(fields), least_uses=least_uses)

    def init(self, plan: InitPlan) -> InitResult:
        """Write what a plan proposes. Nothing that exists is overwritten.

        Raises:
            OutputError: A file cannot be written.
        """
        from classifier.project.init import write

        return write(plan)

    def lint(self, *, select: Collection[str] = (), ignore: Collection[str] = ()) -> LintReport:
        """Check the category definitions for overlaps, contradictions and gaps. Makes no call.

        All definitions are checked, including those that `only` leaves out.

        Args:
            select: Names of rules to check; all without, except those the settings ignore.
            ignore: Names of rules not to check.

        Raises:
            UsageError: A rule does not exist.
            TaxonomyError: A definition ignores a rule that does not exist.
        """
        from classifier.project.lint import lint

        return lint(self, select=names(select), ignore=names(ignore))

    def diff(
        self, base: str | Path = "HEAD", *paths: str | Path, judge: bool = False
    ) -> TaxonomyDiff:
        """Compare the labels of two versions of the category definitions.

        Judges what has changed, and stores it.

        Args:
            base: The other version: a git commit, or a file or folder of definitions.
            paths: Articles, or folders of them; without any, all that are stored.
            judge: Whether a language model may be paid to judge what is missing.

        Raises:
            UsageError: The project has no definitions of its own, or git does not know `base`.
            StoppedError: `stop` was called.
        """
        from classifier.project.diff import diff

        return diff(self, base, to_paths(paths), judge=judge)

    def suggest(self, *paths: str | Path) -> Suggestions:
        """Suggest what to merge, retire, split and add, by the labels that articles have.

        Offline, and nothing is written but judgements of the drafted categories, if that is free.

        Args:
            paths: Articles, or folders of them; without any, all that are stored.

        Raises:
            UsageError: The project has no definitions of its own, or nothing is judged.
        """
        from classifier.project.suggest import suggest

        return suggest(self, to_paths(paths))

    def preview_definition(
        self, file: str | Path, *paths: str | Path, kind: str | None = None, judge: bool = False
    ) -> TaxonomyDiff:
        """Show which labels a new definition would give and take, before it is among the others.

        The judgements are stored, so that it is not judged again when it is added.

        Args:
            file: A Markdown definition that is not among the project's.
            paths: Articles, or folders of them; without any, all that are stored.
            kind: Of the new category; needed where the project has several and the file none.
            judge: Whether a language model may be paid to judge what is missing.

        Raises:
            UsageError: The file cannot be one of the definitions.
            StoppedError: `stop` was called.
        """
        from classifier.project.new_definition import preview

        return preview(self, Path(file), to_paths(paths), kind=kind, judge=judge)

    def draft_definitions(
        self,
        *categories: str,
        model: str | None = None,
        base_url: str | None = None,
        judge: bool = False,
    ) -> Iterator[DefinitionDraft]:
        """Have a language model draft definitions, from articles that people labelled.

        Yields a proposal for each category, with the effect on articles that the model was not
        shown. Nothing is written: see `write_draft`.

        Args:
            categories: Ids, slugs, titles or aliases.
            model: The language model; None: that of the settings.
            base_url: Its server; None: that of the settings.
            judge: Let a paid scorer judge the articles by the draft.

        Raises:
            UsageError: There are no labels of people, or no language model is named.
            ModelError: The model does not answer, or not with a definition.
        """
        from classifier.project.draft import draft

        return draft(self, categories, model=model, base_url=base_url, judge=judge)

    def write_draft(self, draft: DefinitionDraft) -> None:
        """Put a drafted definition in the place of the old one.

        Raises:
            UsageError: The file has changed since it was drafted.
            OutputError: It cannot be written.
        """
        from classifier.project.draft import write

        write(draft)

    def add_definition(self, file: str | Path, *, kind: str | None = None) -> Path:
        """Copy a definition among the project's and return its path. Never overwrites a file.

        Args:
            file: A Markdown definition that is not among them.
            kind: As for `preview_definition`.

        Raises:
            UsageError: The file cannot be one of the definitions, or its place is taken.
            OutputError: It cannot be written.
        """
        from classifier.project.new_definition import add

        return add(self, Path(file), kind=kind)

    def import_vocabulary(
        self, file: str | Path, folder: str | Path, *, language: str = "en"
    ) -> list[Path]:
        """Write a definition for each concept of a vocabulary. Never overwrites a file.

        A link to a parent that closes a circle is left out, with a warning.

        Args:
            file: SKOS, a table with a parent column, or IPTC NewsCodes (docs/taxonomy.md).
            folder: Where to write: a folder for each kind.
            language: Of names and texts, where there are several.

        Raises:
            TaxonomyError: The file cannot be read, or holds no concept.
            UsageError: It is no vocabulary, or a file to be written exists.
            OutputError: A file cannot be written.
        """
        from classifier.project.import_vocabulary import import_vocabulary

        return import_vocabulary(Path(file), Path(folder), language=language, warn=self.warn)

    def export_vocabulary(self, *, format: str = "turtle", base: str = "urn:classify:") -> str:  # noqa: A002
        """Return the selected definitions as a standard vocabulary.

        Args:
            format: `turtle` or `jsonld` for SKOS, `schema-org` for a DefinedTermSet.
            base: The address that every category's begins with.

        Raises:
            UsageError: The base is no address, the format is unknown, or SKOS is asked for without
                the extra `skos`.
        """
        from classifier.outputs.vocabulary import render

        if format not in ("turtle", "jsonld", "schema-org"):
            raise UsageError(f"unknown format {format!r}: expected turtle, jsonld or schema-org")
        categories = self.select(self.definitions).categories
        return render(categories, format_=cast("Format", format), base=base)
