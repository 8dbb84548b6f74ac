"""A teacher that is asked in a batch: about half the price, and up to a day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.corpus import Corpus, Scan
from classifier.errors import StoppedError, UsageError
from classifier.progress import Progress
from classifier.project.batch import BatchVerbs, Submitter
from classifier.scorers.openai import servers
from classifier.scorers.openai.scorer import OpenAIScorer

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace


def finish(project: Workspace, paths: Sequence[Path]) -> Progress:
    """Wait for the open batches about these articles, and store their answers.

    So a sample that is chosen afterwards knows all that was paid for.

    Raises:
        StoppedError: `Project.stop` was called.
        ServerError: The server refused.
    """
    project.records.get("write")
    collection = BatchVerbs(project).collect(*paths, wait=True)
    if collection.open:
        raise StoppedError(
            "the batch is not finished: run again to continue from here; nothing is asked twice"
        )
    return collection.progress


def ask(submitter: Submitter, paths: Sequence[Path]) -> Progress:
    """Ask about what the submitter's scan has pending, wait, and store the answers.

    Raises:
        StoppedError: `Project.stop` was called.
        ServerError: The server refused, or cannot be reached.
    """
    submission = submitter.submit()
    progress = finish(submitter.project, paths)
    progress.over_budget = submission.over_budget
    return progress


def submitter(
    project: Workspace, teacher: OpenAIScorer, corpus: Corpus, scan: Scan, records: Records
) -> Submitter:
    """Return what asks the teacher about the pending pairs of a scan."""
    if provider := servers.provider_at(teacher.builder.base_url):
        raise UsageError(f"`batch`: {provider.name} does not have OpenAI's Batch API")
    return Submitter(
        project=project,
        paths=(),
        scorer=teacher,
        corpus=corpus,
        records=records,
        cascade=None,
        scan=scan,
    )
