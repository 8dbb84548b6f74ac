"""Articles, a store and a server with batches: what it takes to send some and to collect them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from support.batch_server import BatchService

from classifier.models import Article, Category, Outcome, Task
from classifier.scorers.batch.builder import BatchBuilder, BatchLimits
from classifier.scorers.batch.collect import collect
from classifier.scorers.batch.queue import BatchQueue
from classifier.scorers.batch.server import BatchServer
from classifier.scorers.openai import prompts
from classifier.scorers.openai.limits import Budget
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.store import Batch, JudgementRecord, Store

PROMPTS = prompts.load()
"""Compiled once: crashes are tried by the hundred."""
TITLES = ("Bread", "Cheese", "Olives", "Wine")
CATEGORIES = tuple(
    Category(id=f"tags/{t.lower()}", kind="tags", title=t, description=f"All about {t}.")
    for t in TITLES
)


def article(number: int, text: str = "") -> Article:
    body = text or f"Bread is baked in the oven of house number {number}. Cheese goes with it."
    return Article(id=f"content/{number}.md", title=f"House {number}", body=body)


@dataclass
class Site:
    store: Store
    url: str
    service: BatchService
    articles: list[Article] = field(default_factory=lambda: [article(n) for n in range(4)])
    categories: tuple[Category, ...] = CATEGORIES
    limits: BatchLimits = field(default_factory=BatchLimits)
    budget: Budget = field(default_factory=Budget)
    pack: int = 2
    retries: int = 0
    told: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server = BatchServer(self.url, timeout=30.0, retries=self.retries)

    @property
    def scorer(self) -> OpenAIScorer:
        options = OpenAIOptions(pack=self.pack)
        return OpenAIScorer(
            "m", base_url=self.url, prompts=PROMPTS, options=options, budget=self.budget
        )

    @property
    def queue(self) -> BatchQueue:
        return BatchQueue(
            self.store.batches,
            self.server,
            tokens=self.limits.tokens,
            warn=self.told.append,
            pause=lambda _: None,
        )

    @property
    def misses(self) -> list[Task]:
        digests = [category.digest for category in self.categories]
        found = (
            (a, self.store.load(self.scorer.identity, a.digest, digests)) for a in self.articles
        )
        tasks = (Task(a, tuple(c for c in self.categories if c.digest not in f)) for a, f in found)
        return [task for task in tasks if task.categories]

    def builder(self) -> BatchBuilder:
        scorer = self.scorer
        pending = self.store.batches.pending(scorer.identity)
        return BatchBuilder(scorer, self.limits, pending, str)

    def submit(self, tasks: Iterable[Task] | None = None) -> list[Batch]:
        queue = self.queue
        queue.recover()
        builder = self.builder()
        drafts = builder.drafts(self.misses if tasks is None else tasks)
        return list(queue.submit(drafts, builder.scorer))

    def collect(self) -> list[Batch]:
        """Do one round; return what is collected."""
        queue = self.queue
        queue.recover()
        came = list(collect(queue, queue.open(), on_outcome=self.outcomes.append))
        queue.start_waiting()
        return [batch for batch in came if batch.state == "collected"]

    def finish(self) -> list[Batch]:
        """Collect until nothing is open."""
        came: list[Batch] = []
        for _ in range(40):
            came += self.collect()
            if not self.queue.open():
                return came
        raise AssertionError(f"still open: {self.queue.open()}")

    def records(self) -> list[JudgementRecord]:
        return [record for a in self.articles for record in self.store.history(a.digest)]

    @property
    def complete(self) -> bool:
        """Whether every pair is judged exactly once, and paid once."""
        pairs = [(record.article, record.category) for record in self.records()]
        every = {(a.digest, c.digest) for a in self.articles for c in self.categories}
        return sorted(pairs) == sorted(every) and set(self.service.paid.values()) == {1}
