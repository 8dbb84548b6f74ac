"""Judge articles, and say what a run would cost and what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.models import Result
from classifier.pipeline import Source, check_there, each_source
from classifier.project.arguments import to_paths
from classifier.project.workspace import Workspace

if TYPE_CHECKING:
    from classifier.project.advice import Advice, Finished
    from classifier.project.batch import BatchVerbs
    from classifier.project.estimate import CostEstimate, Plan
    from classifier.project.fetch import FetchedPage
    from classifier.project.frames import Frame
    from classifier.project.label_fields import WriteOptions
    from classifier.project.renewal import RenewOptions
    from classifier.project.running import Run
    from classifier.project.status import ScorerStatus
    from classifier.project.watch import Change


class RunningVerbs(Workspace):
    """Judge articles, and say what a run would cost and what is stored."""

    def classify(self, source: Source, *, store: bool = True) -> Result:
        """Judge one article. What cannot be read or judged is in the result's failures.

        Raises:
            UsageError: There is nothing at a path.
        """
        check_there(source)
        return next(self.classify_many([source], store=store))

    def classify_many(
        self,
        sources: Iterable[Source] | Mapping[Any, str | bytes],
        *,
        store: bool = True,
        retry_failed: bool = False,
    ) -> Iterator[Result]:
        """Judge articles one by one, as they are pulled; `sources` as for `Classifier`.

        Stored judgements are reused and new ones are stored; with `store=False` neither.
        `retry_failed` as for `run`.
        """
        from classifier.project.running import classify_many

        sources = each_source(sources)
        return classify_many(self, sources, store=store, retry_failed=retry_failed)

    def classify_entries(
        self, path: Path | str, *, store: bool = True, retry_failed: bool = False
    ) -> Iterator[Result]:
        """Judge the rows of a table, the messages of an mbox file or the entries of a feed.

        `Result.article` is `path#name`, with the id that the file has for an entry, or its number.
        An entry that cannot be read is a result with a failure. The columns of a table are in the
        settings (`table`). Nothing is written to the file.
        """
        from classifier.project.entries import classify_entries

        return classify_entries(self, Path(path), store=store, retry_failed=retry_failed)

    def fetch(
        self,
        urls: Iterable[str],
        folder: Path | str,
        *,
        private_hosts: Iterable[str] = (),
        pause: float = 1,
    ) -> Iterator[FetchedPage]:
        """Fetch pages, one after the other, into a folder of Markdown files to judge.

        A page whose file is there is not fetched again. What `robots.txt` forbids is not fetched.

        Args:
            urls: Addresses that begin with http:// or https://.
            folder: Where the files go: `HOST/NAME.md`, with the URL in the front matter.
            private_hosts: Hosts that may be in a private network or on this computer.
            pause: Seconds between two requests to a host.

        Raises:
            OutputError: A file cannot be written.
        """
        from classifier.fetching.client import Client
        from classifier.fetching.visits import Visitor
        from classifier.project.fetch import fetch

        client = Client(private_hosts=frozenset(it.lower().strip("[]") for it in private_hosts))
        return fetch(urls, Path(folder), Visitor(client=client, pause=pause))

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
        from classifier.project.frames import FrameColumns, classify_frame

        return classify_frame(self, frame, FrameColumns(text, id, title), store=store)

    def run(
        self,
        *paths: str | Path,
        store: bool = True,
        retry_failed: bool = False,
        on_result: Callable[[Result], None] | None = None,
        renew: RenewOptions | None = None,
    ) -> Run:
        """Judge the pending pairs of the articles in `paths`, and store the judgements.

        Args:
            paths: Articles, or folders of them.
            store: Whether judgements are kept.
            retry_failed: Whether to ask again what was held back (`tampered`, `unverified`): other
                failures are asked again by every run, these only on request.
            on_result: Called with the result of every article as soon as it is finished; first
                with those that need no judging. Not with those a stopped run did not get to.
            renew: Which old judgements are made again, after everything that is pending.

        Raises:
            UsageError: A path does not exist, there is no article, or judgements are to be renewed
                of a scorer that always judges alike.
        """
        from classifier.project.running import run

        return run(
            self,
            self.articles(paths),
            store=store,
            retry_failed=retry_failed,
            on_result=on_result,
            renew=renew,
        )

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

        return watch(self, self.articles(paths), write=write)

    def estimate(
        self,
        *paths: str | Path,
        store: bool = True,
        retry_failed: bool = False,
        renew: RenewOptions | None = None,
    ) -> CostEstimate:
        """Estimate what `run` would judge and cost. Makes no call."""
        from classifier.project.estimate import estimate

        return estimate(
            self, self.articles(paths), store=store, retry_failed=retry_failed, renew=renew
        )

    def plan(self, *paths: str | Path, store: bool = True, retry_failed: bool = False) -> Plan:
        """Predict calls, tokens, cost and time of ways to ask a language model. Makes no call.

        Raises:
            UsageError: The scorer is no language model.
        """
        from classifier.project.estimate import plan

        return plan(self, self.articles(paths), store=store, retry_failed=retry_failed)

    @property
    def batch(self) -> BatchVerbs:
        """Classify through the Batch API: `submit`, `status`, `collect`, `cancel`, `estimate`."""
        from classifier.project.batch import BatchVerbs

        return BatchVerbs(self)

    def status(self, *paths: str | Path) -> list[ScorerStatus]:
        """Count the articles that are current, stale, missing or failed, for each scorer.

        The first is of the project's own scorer, the others of those that are stored.
        """
        from classifier.project.status import status

        return status(self, self.articles(paths))

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

        return next_step(self, after, to_paths(paths), scan=None if run is None else run.scan)
