"""Measure a scorer, and fit it to labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from classifier.errors import UsageError
from classifier.project.arguments import names, to_path, to_paths
from classifier.project.workspace import Workspace

if TYPE_CHECKING:
    from classifier.project.evaluate import Evaluation
    from classifier.project.gold import GoldSource, StoredLabels
    from classifier.project.pack_sizes import PackSizeComparison
    from classifier.project.teaching import TeachingEstimate, TeachingResult
    from classifier.project.train import TrainingResult
    from classifier.project.tune_cascade import CascadeTuningEstimate, CascadeTuningResult
    from classifier.training.calibrate import MinimumTarget


class LearningVerbs(Workspace):
    """Measure a scorer, and fit it to labels."""

    def evaluate(
        self,
        gold: str | Path | GoldSource | None = None,
        *,
        fields: Sequence[str] = (),
        against: str | None = None,
        against_prompts: str | Path | None = None,
        judge: bool = False,
    ) -> Evaluation:
        """Measure how well the scorer agrees with human labels. Stored judgements are reused.

        Args:
            gold: A .csv, .tsv or .jsonl table of labels, a folder whose articles have labels in
                their front matter, or `verdicts`: the stored ones. By default the folders that the
                settings name, else the verdicts.
            fields: Front matter keys of a folder's labels, as for `train`.
            against: Another scorer to compare with: `embedded`, `openai:MODEL`, or a part of the
                identity of a stored scorer.
            against_prompts: Compare with the same language model under these prompts.
            judge: Judge missing pairs even if that costs something.

        Raises:
            UsageError: The labels cannot be read, or there is nothing to evaluate.
            StoppedError: `stop` was called.
        """
        from classifier.project.evaluate import evaluate

        prompts = to_path(against_prompts)
        return evaluate(
            self,
            gold,
            fields=names(fields),
            against=against,
            against_prompts=prompts,
            judge=judge,
        )

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
        from classifier.project.train import TrainingOptions, train
        from classifier.project.training_sources import default_sources

        sources = [
            GoldSource(one, names(fields)) if isinstance(one, str | Path) else one for one in labels
        ] or default_sources(self, fields)
        options = TrainingOptions(target=target, output=to_path(output), judge=judge)
        result = train(self, sources, options)
        self.forget_parts()
        return result

    def teach(  # noqa: PLR0913 - all by name
        self,
        *paths: str | Path,
        fields: Sequence[str] = (),
        articles: int = 100,
        until: float | Literal["plateau"] | None = None,
        recall: float = 0.95,
        batch: bool = False,
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
            batch: Ask through the Batch API and wait, up to a day. After a stop, the next call
                waits for the same batch.
            output: The file to write; by default the one beside the categories.

        Raises:
            UsageError: No language model is set, or there are too few articles or labels.
            StoppedError: `stop` was called.
        """
        from classifier.project.teach import teach
        from classifier.project.teaching import TeachingOptions

        options = TeachingOptions(
            articles=articles, until=until, recall=recall, output=to_path(output), batch=batch
        )
        result = teach(self, self.articles(paths), names(fields), options)
        self.forget_parts()
        return result

    def estimate_teaching(
        self, *paths: str | Path, articles: int = 100, batch: bool = False
    ) -> TeachingEstimate:
        """Estimate what `teach` would ask and cost. Makes no call."""
        from classifier.project.teach import estimate_teaching
        from classifier.project.teaching import TeachingOptions

        options = TeachingOptions(articles=articles, batch=batch)
        return estimate_teaching(self, self.articles(paths), options)

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
                raise UsageError("`gold` names the articles: leave out the paths")
            return tune_cascade_by_gold(self, gold, recall=recall, output=to_path(output))
        return tune_cascade(self, to_paths(paths), recall=recall, output=to_path(output))

    def estimate_cascade_tuning(
        self, *paths: str | Path, recall: float = 0.98
    ) -> CascadeTuningEstimate:
        """Estimate what `tune_cascade` would ask and cost. Makes no call."""
        from classifier.project.tune_cascade import estimate_cascade_tuning

        return estimate_cascade_tuning(self, to_paths(paths), recall=recall)
