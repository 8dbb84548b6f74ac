"""`Project`: a verb for each command."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from classifier.errors import UsageError
from classifier.models import Result
from classifier.pipeline import Source, each_source
from classifier.project.names import names
from classifier.project.workspace import Workspace

if TYPE_CHECKING:
    from classifier.exchange.pairs import Tool
    from classifier.outputs.vocabulary import Format
    from classifier.project.advice import Advice, Finished
    from classifier.project.apply import ApplyResult, FileOutcome
    from classifier.project.batch import BatchVerbs
    from classifier.project.check import CheckResult
    from classifier.project.diff import TaxonomyDiff
    from classifier.project.estimate import CostEstimate, Plan
    from classifier.project.evaluate import Evaluation
    from classifier.project.exchange import PairsExported
    from classifier.project.frames import Frame
    from classifier.project.gold import GoldSource, StoredLabels
    from classifier.project.history import ArticleHistory
    from classifier.project.init import InitPlan, InitResult
    from classifier.project.label_fields import WriteOptions
    from classifier.project.lint import LintReport
    from classifier.project.pack_sizes import PackSizeComparison
    from classifier.project.related import Lists, RelatedOptions, RelatedWritten
    from classifier.project.report import ReportWritten
    from classifier.project.review import Review
    from classifier.project.running import Run
    from classifier.project.sidecars import SidecarsImported, SidecarsWritten
    from classifier.project.status import ScorerStatus
    from classifier.project.teaching import TeachingEstimate, TeachingResult
    from classifier.project.train import TrainingResult
    from classifier.project.tune_cascade import CascadeTuningEstimate, CascadeTuningResult
    from classifier.project.upkeep import Garbage, StoreStats
    from classifier.project.watch import Change
    from classifier.store import VerdictRecord
    from classifier.training.calibrate import MinimumTarget
    from classifier.vocabulary.suggestions import Suggestions


class Project(Workspace):
    """A site: its category definitions, scorer, label policy and store.

    Every verb returns values and prints nothing; progress goes to `on_event`. The store is opened
    when a verb first needs it: close the project, or use it in a `with` block.

        with Project.open("site") as project:
            run = project.run("site/content")
            for result in run.results():
                print(result.article, result.labels)

    Paths are relative to the current directory, as everywhere in Python. Without paths, a verb
    takes the folders that the settings name, else all articles in the project's folder.
    """

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

        return plan(self, _paths(content), fields=names(fields), least_uses=least_uses)

    def init(self, plan: InitPlan) -> InitResult:
        """Write what a plan proposes. Nothing that exists is overwritten.

        Raises:
            OutputError: A file cannot be written.
        """
        from classifier.project.init import write

        return write(plan)

    def classify(self, source: Source, *, store: bool = True) -> Result:
        """Judge one article. What cannot be read or judged is in the result's failures.

        Raises:
            UsageError: There is nothing at a path.
        """
        return next(self.classify_many([source], store=store))

    def classify_many(
        self, sources: Iterable[Source] | Mapping[Any, str | bytes], *, store: bool = True
    ) -> Iterator[Result]:
        """Judge articles one by one, as they are pulled; `sources` as for `Classifier`.

        Stored judgements are reused and new ones are stored; with `store=False` neither.
        """
        from classifier.project.running import classify_many

        return classify_many(self, each_source(sources), store=store)

    def classify_frame(
        self,
        frame: Frame,
        *,
        text: str = "body",
        id: str | None = "id",  # noqa: A002 - as in Article
        title: str | None = None,
        store: bool = True,
    ) -> Frame:
        """Judge the rows of a data frame, and return it with columns for labels and failures.

        Order, index and other columns stay. Needs the extra `frames`.

        Args:
            frame: A frame of polars or pandas, an Arrow table or a record batch. Of a reader of
                record batches, each batch is judged when it is pulled.
            text: The column of the articles, as text or Markdown; front matter is read.
            id: The column whose values name the articles, for verdicts and messages; None: the
                number of the row, from 0.
            title: The column of titles; None: those in front matter.
            store: Whether stored judgements are reused and new ones are stored.

        Raises:
            UsageError: A column is missing, or one that is added is already there; an id is missing
                or is there twice; this is no data frame.
        """
        from classifier.project.frames import Columns, classify_frame

        return classify_frame(self, frame, Columns(text, id, title), store=store)

    def run(
        self,
        *paths: str | Path,
        store: bool = True,
        on_result: Callable[[Result], None] | None = None,
    ) -> Run:
        """Judge the pending pairs of the articles in `paths`, and store the judgements.

        Args:
            paths: Articles, or folders of them.
            store: Whether judgements are kept.
            on_result: Called with the result of every article as soon as it is finished; first
                with those that need no judging. Not with those a stopped run did not get to.

        Raises:
            UsageError: A path does not exist, or there is no article.
        """
        from classifier.project.running import run

        return run(self, self._articles(paths), store=store, on_result=on_result)

    def watch(self, *paths: str | Path, write: WriteOptions | None = None) -> Iterator[Change]:
        """Run, and then wait: judge each article that is saved, and all if a definition is.

        The first change is that of the run. Ends when `stop` is called. Trouble with what was saved
        is an event, and watching goes on. Needs the extra `watch`.

        Args:
            paths: Articles, or folders of them.
            write: Where labels are written into the front matter; None: nowhere.

        Raises:
            UsageError: A path does not exist, or there is no article.
        """
        from classifier.project.watch import watch

        return watch(self, self._articles(paths), write=write)

    def estimate(self, *paths: str | Path, store: bool = True) -> CostEstimate:
        """Estimate what `run` would judge and cost. Makes no call."""
        from classifier.project.estimate import estimate

        return estimate(self, self._articles(paths), store=store)

    def plan(self, *paths: str | Path, store: bool = True) -> Plan:
        """Predict calls, tokens, cost and time of ways to ask a language model. Makes no call.

        Raises:
            UsageError: The scorer is no language model.
        """
        from classifier.project.estimate import plan

        return plan(self, self._articles(paths), store=store)

    def status(self, *paths: str | Path) -> list[ScorerStatus]:
        """Count the articles that are current, stale, missing or failed, for each scorer.

        The first is of the project's own scorer, the others of those that are stored.
        """
        from classifier.project.status import status

        return status(self, self._articles(paths))

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

    def store_stats(self) -> StoreStats:
        """Count what is stored, and what each scorer has used.

        Raises:
            StoreError: Nothing is stored yet.
        """
        from classifier.project.upkeep import stats

        return stats(self)

    def collect_garbage(self, *, other_definitions: bool = False, dry_run: bool = False) -> Garbage:
        """Delete superseded judgements, and those of texts that are in no file any more.

        Also deletes the stored vectors of the embedded scorer, which are made again when needed.

        Args:
            other_definitions: Also delete judgements of definitions that are not the project's.
            dry_run: Delete nothing.

        Raises:
            StoreError: Nothing is stored yet.
        """
        from classifier.project.upkeep import collect_garbage

        return collect_garbage(self, other_definitions=other_definitions, dry_run=dry_run)

    def verify_store(self) -> list[str]:
        """Check the store and return a line for each damage.

        Raises:
            StoreError: Nothing is stored yet.
        """
        from classifier.project.upkeep import verify

        return verify(self)

    def history(self, path: str | Path) -> ArticleHistory:
        """Return what is stored about an article: judgements, versions, verdicts, changes.

        Args:
            path: A file or bundle folder, even a deleted one.

        Raises:
            StoreError: Nothing is stored yet.
            UsageError: There is no such file, and nothing is stored about it.
        """
        from classifier.project.history import history

        return history(self, Path(path))

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
        """Write the least certain stored pairs for an annotation tool. Judges nothing.

        A pair is the less certain, the nearer its confidence is to the minimum of a label. Pairs
        with a verdict are left out.

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

        return export_pairs(self, self._articles(paths), to=to, folder=Path(output), most=most)

    @property
    def batch(self) -> BatchVerbs:
        """Classify through the Batch API: `submit`, `status`, `collect`, `cancel`, `estimate`."""
        from classifier.project.batch import BatchVerbs

        return BatchVerbs(self)

    def changed_since(self, commit: str, *paths: str | Path) -> list[Path]:
        """Return the articles in `paths` that have changed since a commit.

        If a definition, the settings, a prompt or the trained file has changed, every article may
        have other labels: then it returns all of `paths`, with a message.

        Raises:
            UsageError: Git does not know the commit.
        """
        from classifier.project.since import changed_since

        return changed_since(self, commit, self._articles(paths))

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
        return apply(self, self._articles(paths), options, dry_run=dry_run, on_file=on_file)

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

        articles = self._articles(paths)
        if since is not None:
            articles = self.changed_since(since, *articles)
        return check(self, articles, options or WriteOptions())

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

        return diff(self, base, _paths(paths), judge=judge)

    def suggest(self, *paths: str | Path) -> Suggestions:
        """Suggest what to merge, retire, split and add, by the labels that articles have.

        Offline, and nothing is written but judgements of the drafted categories, if that is free.

        Args:
            paths: Articles, or folders of them; without any, all that are stored.

        Raises:
            UsageError: The project has no definitions of its own, or nothing is judged.
        """
        from classifier.project.suggest import suggest

        return suggest(self, _paths(paths))

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

        return preview(self, Path(file), _paths(paths), kind=kind, judge=judge)

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

        return import_vocabulary(Path(file), Path(folder), language=language)

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
        return report(self, self._articles(paths), options)

    def review(self, *paths: str | Path) -> Review:
        """Open articles for review: what to look at next, verdicts, and what they bring.

        Judges what is pending where that costs nothing.

        Args:
            paths: Articles, or folders of them.

        Raises:
            UsageError: A language model has judged nothing of these articles yet.
        """
        from classifier.project.review import open_review

        return open_review(self, self._articles(paths))

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

        return related(self, self._articles(paths), options or RelatedOptions())

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

        return write(self, self._articles(paths), options or RelatedOptions())

    def write_sidecars(self, *paths: str | Path) -> SidecarsWritten:
        """Write what is stored about each article to data.NAME.classifications.json beside it.

        Raises:
            StoreError: Nothing is stored.
        """
        from classifier.project.sidecars import write

        return write(self, self._articles(paths))

    def import_sidecars(self, *paths: str | Path) -> SidecarsImported:
        """Store the judgements and verdicts of sidecars: those named, or of articles and folders.

        What is stored already, or has a later judgement in its place, is left out.
        """
        from classifier.project.sidecars import import_sidecars

        return import_sidecars(self, self._articles(paths))

    def evaluate(
        self,
        gold: str | Path | GoldSource,
        *,
        against: str | None = None,
        against_prompts: str | Path | None = None,
        judge: bool = False,
    ) -> Evaluation:
        """Measure how well the scorer agrees with human labels. Stored judgements are reused.

        Args:
            gold: A .csv, .tsv or .jsonl table of labels, or `verdicts`: the stored ones. With a
                `GoldSource`, a folder whose articles have labels in their front matter, too.
            against: Another scorer to compare with: `embedded`, `openai:MODEL`, or a part of the
                identity of a stored scorer.
            against_prompts: Compare with the same language model under these prompts.
            judge: Judge missing pairs even if that costs something.

        Raises:
            UsageError: The labels cannot be read, or there is nothing to evaluate.
            StoppedError: `stop` was called.
        """
        from classifier.project.evaluate import evaluate

        prompts = _path(against_prompts)
        return evaluate(self, gold, against=against, against_prompts=prompts, judge=judge)

    def compare_pack_sizes(
        self, gold: str | Path | GoldSource, sizes: Sequence[int], *, judge: bool = False
    ) -> PackSizeComparison:
        """Measure how well a language model judges different numbers of categories per call.

        Args:
            gold: As for `evaluate`.
            sizes: At least two; the others are compared with the smallest.
            judge: Whether missing pairs are judged, once for each size.

        Raises:
            UsageError: The scorer is no language model, or nothing is stored and `judge` is false.
            StoppedError: `stop` was called.
        """
        from classifier.project.pack_sizes import compare_pack_sizes

        return compare_pack_sizes(self, gold, sizes, judge=judge)

    def train(
        self,
        *labels: str | Path | GoldSource | StoredLabels,
        fields: Sequence[str] = (),
        target: MinimumTarget | None = None,
        output: str | Path | None = None,
        judge: bool = False,
    ) -> TrainingResult:
        """Train on people's labels, and write a file that runs use.

        The embedded scorer gets corrections, language models get examples; the confidences of the
        project's scorer are calibrated, and each kind gets the minimums with the best F1. A part
        that is worse in its own cross-validation is left out. Labels that `apply` wrote are left
        out, too; stored verdicts always count, and win over other labels.

        Args:
            labels: Folders of articles with labels in their front matter, and .csv, .tsv or .jsonl
                tables; `StoredLabels` of a scorer that teaches this one. Without any, the folders
                that the settings name; else the project's folder if they name a field; else the
                verdicts alone.
            fields: Front matter keys of the labels, as `KEY` or `KIND=KEY`; by default those in the
                settings, else the names of the kinds.
            target: Choose minimums that reach this precision or recall instead.
            output: The file to write; by default the one beside the categories.
            judge: Judge missing pairs even if that costs something.

        Raises:
            UsageError: The labels cannot be read, or there are too few.
            SettingsError: The file exists and is not of this kind.
            StoppedError: `stop` was called.
        """
        from classifier.project.gold import GoldSource
        from classifier.project.train import TrainingOptions, default_sources, train

        sources = [
            GoldSource(one, names(fields)) if isinstance(one, str | Path) else one for one in labels
        ] or default_sources(self, fields)
        options = TrainingOptions(target=target, output=_path(output), judge=judge)
        result = train(self, sources, options)
        self.forget_parts()
        return result

    def teach(
        self,
        *paths: str | Path,
        fields: Sequence[str] = (),
        articles: int = 100,
        until: float | Literal["plateau"] | None = None,
        recall: float = 0.95,
        output: str | Path | None = None,
    ) -> TeachingResult:
        """Ask the language model about a sample of articles, and train on its answers.

        The sample is spread over the articles and the categories; a random part of it is held out,
        to measure the student beside its teacher. People's labels and verdicts win over the
        teacher's, and weigh twice as much. Answers are stored: after a stop or with a larger
        sample, nothing is asked twice. Also writes thresholds for a cascade of both, where the
        held-out part is large enough.

        Args:
            paths: Articles, or folders of them; by default those of the settings.
            fields: Front matter keys of people's labels, as for `train`.
            articles: Size of the sample, with what the teacher has judged before.
            until: Stop as soon as the student reaches this F1 (0-1), or with `plateau`, when two
                rounds of 25 articles together gain less than 0.01.
            recall: Share (0-1) of the teacher's labels that a cascade is to keep.
            output: The file to write; by default the one beside the categories.

        Raises:
            UsageError: No language model is set, or there are too few articles or labels.
            StoppedError: `stop` was called.
        """
        from classifier.project.teach import teach
        from classifier.project.teaching import TeachingOptions

        options = TeachingOptions(
            articles=articles, until=until, recall=recall, output=_path(output)
        )
        result = teach(self, self._articles(paths), names(fields), options)
        self.forget_parts()
        return result

    def estimate_teaching(self, *paths: str | Path, articles: int = 100) -> TeachingEstimate:
        """Estimate what `teach` would ask and cost. Makes no call."""
        from classifier.project.teach import estimate_teaching
        from classifier.project.teaching import TeachingOptions

        options = TeachingOptions(articles=articles)
        return estimate_teaching(self, self._articles(paths), options)

    def tune_cascade(
        self,
        *paths: str | Path,
        gold: str | Path | GoldSource | None = None,
        recall: float = 0.98,
        output: str | Path | None = None,
    ) -> CascadeTuningResult:
        """Find which pairs can skip the language model, and write thresholds that runs use.

        Asks the model about a pilot and a random sample of all pairs, and stores the answers. With
        `gold`, human labels replace its answers, and it makes no call.

        Args:
            paths: Articles, or folders of them; none with `gold`.
            gold: As for `evaluate`.
            recall: Share (0-1) of the labels to keep, with 95 % confidence.
            output: The file to write; by default the one beside the categories.

        Raises:
            UsageError: There is no article, or no language model is set.
            StoppedError: `stop` was called.
        """
        from classifier.project.tune_cascade import tune_cascade, tune_cascade_by_gold

        if gold is not None:
            if paths:
                raise UsageError("--gold names the articles: leave out the paths")
            return tune_cascade_by_gold(self, gold, recall=recall, output=_path(output))
        return tune_cascade(self, _paths(paths), recall=recall, output=_path(output))

    def estimate_cascade_tuning(
        self, *paths: str | Path, recall: float = 0.98
    ) -> CascadeTuningEstimate:
        """Estimate what `tune_cascade` would ask and cost. Makes no call."""
        from classifier.project.tune_cascade import estimate_cascade_tuning

        return estimate_cascade_tuning(self, _paths(paths), recall=recall)

    def next_step(
        self, after: Finished, *paths: str | Path, run: Run | None = None
    ) -> Advice | None:
        """Return the command that helps most after a verb has ended, from what is known.

        Never the same twice in a row: the store remembers the last. None if there is no other.

        Args:
            after: The verb, as its command is called.
            paths: The articles, or folders of them, that it was about.
            run: What `run` has returned for them, to save looking again.
        """
        from classifier.project.next_step import next_step

        return next_step(self, after, _paths(paths), scan=None if run is None else run.scan)

    def _articles(self, paths: Sequence[str | Path]) -> list[Path]:
        return _paths(paths) or self.content() or [self.near_folder]


def _paths(given: Sequence[str | Path]) -> list[Path]:
    if "" in given:
        raise UsageError("a path is empty: name a file or folder, or . for the current one")
    return [Path(path) for path in given]


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
