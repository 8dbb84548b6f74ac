"""What the service does, without HTTP: judge, record verdicts, read what is stored."""

from __future__ import annotations

import asyncio
import re
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from classifier import language
from classifier.content import articles
from classifier.content.discovery import SUFFIXES, Found, walk
from classifier.content.document import Document
from classifier.content.front_matter.reading import FrontMatter
from classifier.errors import StoreError, UsageError
from classifier.models import Article, Category, Failure, Result, Task, Taxonomy
from classifier.pipeline import Classifier
from classifier.project import Project
from classifier.runs import results
from classifier.scorers.base import languages_of
from classifier.scorers.members import is_paid
from classifier.store import VerdictRecord
from classifier.taxonomy import definitions
from classifier.web.service.judging import JudgingQueue

if TYPE_CHECKING:
    from classifier.web.service.bodies import ClassifyRequest, InlineDefinition, VerdictRequest

_T = TypeVar("_T")

_SELECTIONS: Final = 64
"""Selections of categories by name that are kept."""
_NAME: Final = "-"
"""Of every article while it is judged: a name that a client chose is no path of ours."""
_LONG: Final = 20_000
"""Characters from which an article is not read in the thread that answers everybody."""
_NOT_IN_SLUG: Final = re.compile(r"\W+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of what clients may ask for at once."""

    max_body: int = 1 << 20
    """Bytes of a request."""
    max_stream: int = 16 << 20
    """Bytes of a request with many articles."""
    queue: int = 256
    """Articles that wait to be judged."""
    timeout: float = 30.0
    """Seconds until a request is given up, and a client that neither sends nor reads."""


class NotFoundError(Exception):
    """There is no such article or category."""


class Service:
    """A project that answers many clients: the model is loaded once, and one thread uses the store.

    Definitions and settings are read at the start. Stores nothing but verdicts.
    """

    def __init__(
        self,
        project: Project,
        *,
        content: Sequence[Path] = (),
        limits: Limits | None = None,
        on_batch: Callable[[int, float], None] = lambda _articles, _seconds: None,
    ) -> None:
        """Nothing is loaded before `started`.

        Args:
            project: Its definitions, scorer, settings and store.
            content: Folders of the articles to serve.
            limits: Bounds of requests.
            on_batch: As for `JudgingQueue`.
        """
        self.project = project
        self.limits = limits or Limits()
        self.ready = False
        self.queue: JudgingQueue | None = None
        self._content = [Path(folder).resolve() for folder in content]
        self._on_batch = on_batch
        self._all = project.classifier()
        self._selections: OrderedDict[tuple[str, ...], Classifier] = OrderedDict()
        self._records = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._changing = threading.Lock()

    @asynccontextmanager
    async def started(self) -> AsyncIterator[None]:
        """Load the model, and be ready within the block; at its end, finish what is waiting."""
        scorer, settings = self.project.scorer, self.project.settings
        online = is_paid(scorer)
        self.queue = JudgingQueue(
            scorer,
            threads=settings.concurrency if online else 2,
            batch=1 if online else 32,
            capacity=self.limits.queue,
            on_batch=self._on_batch,
        )
        try:
            await self._in_records(self._read_verdicts)
            if not online:
                article = Article(id=_NAME, title="", body="Loads the model.")
                await self._judge(article, self._all)
            if languages_of(scorer) is not None:
                await asyncio.to_thread(language.load_detector)
            self.ready = True
            yield
        finally:
            self.ready = False
            await asyncio.to_thread(self.queue.close)
            self._records.shutdown()

    # --- judging ---------------------------------------------------------------------------------

    async def classify(self, request: ClassifyRequest, *, wait: bool = False) -> Result:
        """Judge an article; nothing of it is stored.

        Args:
            request: The article and its categories.
            wait: Whether to wait for room in a full queue.

        Raises:
            NotFoundError: A category does not exist.
            BusyError: The queue is full.
            TimeoutError: It took too long.
        """
        classifier = self._classifier(request)
        if len(request.text) + len(request.document) > _LONG:
            article = await asyncio.to_thread(_article, request)
        else:
            article = _article(request)
        if isinstance(article, Failure):
            kinds = tuple(dict.fromkeys(c.kind for c in classifier.taxonomy.categories))
            return Result(
                article=request.id,
                scorer=classifier.scorer.identity,
                failures=(article,),
                kinds=kinds,
            )
        judging = self._judge(article, classifier, wait=wait)
        return replace(await asyncio.wait_for(judging, self.limits.timeout), article=request.id)

    async def _judge(
        self, article: Article, classifier: Classifier, *, wait: bool = False
    ) -> Result:
        assert self.queue is not None
        task = Task(article, classifier.taxonomy.categories)
        while wait and self.queue.waiting >= self.queue.capacity // 2:
            await asyncio.sleep(0.02)  # single requests have the other half
        # Deciding is left to the queue's thread, too: while it takes long, others are answered.
        return await asyncio.wrap_future(self.queue.submit(task, classifier.result))

    def _classifier(self, request: ClassifyRequest) -> Classifier:
        if not request.definitions:
            return self._selected(tuple(request.categories))
        named: Sequence[Category] = ()
        if request.categories:
            named = self._selected(tuple(request.categories)).taxonomy.categories
        inline = list(_categories(request.definitions, taken={c.id for c in named}))
        whole = replace(self._all.taxonomy, categories=(*named, *inline))
        return Classifier(whole, self._all.scorer, policy=self._all.policy.only(whole))

    def _selected(self, names: tuple[str, ...]) -> Classifier:
        if not names:
            return self._all
        with self._changing:
            found = self._selections.get(names)
            if found is None:
                try:
                    found = self._all.only(categories=names)
                except UsageError as error:
                    raise NotFoundError(str(error)) from None
                self._selections[names] = found
                if len(self._selections) > _SELECTIONS:
                    self._selections.popitem(last=False)
            return found

    # --- the store -------------------------------------------------------------------------------

    async def record_verdict(self, request: VerdictRequest) -> VerdictRecord:
        """Store a verdict on an article of the content folder.

        Raises:
            NotFoundError: The article or the category does not exist.
            ClassifierError: The article or the store cannot be used.
        """
        return await self._in_records(lambda: self._record(request))

    def _record(self, request: VerdictRequest) -> VerdictRecord:
        file = self._file(request.path)
        self._selected((request.category,))
        verbs = {
            True: self.project.accept,
            False: self.project.reject,
            None: self.project.undo,
        }
        given = verbs[request.accepted](file, request.category, note=request.note)
        self._read_verdicts()
        return given[-1]

    def _read_verdicts(self) -> None:
        """Let stored verdicts count for what is judged from now on."""
        try:
            records = self.project.records.existing()
        except StoreError:
            return  # there are none
        policy = self.project.with_verdicts(self._all.policy, records)
        with self._changing:
            self._all = Classifier(self._all.taxonomy, self._all.scorer, policy=policy)
            self._selections.clear()

    async def stored(self, path: str) -> Result:
        """Return what is stored of an article of the content folder, decided now.

        Raises:
            NotFoundError: There is no such article, or nothing is stored.
            ClassifierError: The store cannot be used.
        """
        return await self._in_records(lambda: self._stored(path))

    def _stored(self, path: str) -> Result:
        file = self._file(path)
        if not self.project.records.path.exists():
            raise NotFoundError("nothing is stored yet: run `classify` on the content folder")
        records = self.project.records.existing()
        policy = self.project.with_verdicts(self._all.policy, records)
        corpus = self.project.corpus(policy.taxonomy.categories, records, update_index=False)
        scan = corpus.scan([file], scorer=self._all.scorer.identity)
        for result, _ in results(corpus, scan, policy=policy, store=records.store):
            return replace(result, article=path)
        raise NotFoundError(f"no article {path!r}")

    def _file(self, path: str) -> Path:
        """Return the article's file, which is in one of the content folders, links resolved."""
        if not self._content:
            raise NotFoundError("this service has no content folder")
        parts = [part for part in path.split("/") if part]
        hidden = any(part.startswith(".") or "\\" in part for part in parts)
        for folder in self._content if parts and not hidden else ():
            file = _article_in(folder, parts)
            if file is not None:
                return file
        raise NotFoundError(f"no article {path!r} in the content folder")

    async def _in_records(self, work: Callable[[], _T]) -> _T:
        """Run store work in the one thread that has the store."""
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(
            loop.run_in_executor(self._records, work), self.limits.timeout
        )

    def example_article(self) -> str | None:
        """Return the path of any article, as clients name it; None if there is none."""
        for folder in self._content:
            with suppress(UsageError):
                for found in walk(folder, self.project.selection):
                    file = Path(found.path)
                    if isinstance(found, Found) and file.suffix.lower() in SUFFIXES:
                        return file.relative_to(folder).as_posix()
        return None

    # --- definitions -----------------------------------------------------------------------------

    def category(self, name: str) -> Category:
        """Return the category with a name.

        Raises:
            NotFoundError: There is none.
        """
        return self._selected((name,)).taxonomy.categories[0]

    def categories(self) -> list[dict[str, Any]]:
        """Return the categories of the service, as JSON values."""
        whole: Taxonomy = self._all.taxonomy
        return [
            {
                "id": category.id,
                "kind": category.kind,
                "title": category.title,
                "description": category.description or category.instructions.scope,
                "aliases": list(category.aliases),
                "minimum": whole.minimum(category),
            }
            for category in whole.categories
        ]


def _article_in(folder: Path, parts: Sequence[str]) -> Path | None:
    try:
        file = articles.file_of(folder.joinpath(*parts))
        if file is None or file.suffix.lower() not in SUFFIXES or not file.is_file():
            return None
        inside = file.resolve().is_relative_to(folder)
    except (OSError, ValueError):  # no name of a file at all
        return None
    return file if inside else None


def _article(request: ClassifyRequest) -> Article | Failure:
    if request.document:
        return articles.from_text(request.document, id=_NAME)
    text = request.text
    meta = {"title": request.title, "description": request.description}
    front_matter = FrontMatter(meta=meta, format="none", body=text, body_start=0)
    return Document(id=_NAME, text=text, front_matter=front_matter).article


def _categories(given: Iterable[InlineDefinition], *, taken: set[str]) -> Iterable[Category]:
    """Make categories with ids of their own."""
    for number, one in enumerate(given):
        slug = _NOT_IN_SLUG.sub("-", one.title.casefold()).strip("-") or "category"
        base, copies = slug, 1
        while f"{one.kind}/{slug}" in taken:
            copies += 1
            slug = f"{base}-{copies}"
        taken.add(f"{one.kind}/{slug}")
        meta = one.model_dump(exclude={"kind"})
        definition = definitions.Definition(Path(f"definitions[{number}]"), meta, "")
        yield definitions.category(definition, kind=one.kind, slug=slug)[0]
