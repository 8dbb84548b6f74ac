"""Scan folders of articles, compare them with the store, and find what is left to judge."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from classifier.content.discovery import (
    EVERYTHING,
    Found,
    Selection,
    Skipped,
    UnmatchedPatterns,
    is_excluded,
    key_of,
    walk,
)
from classifier.content.document import Document, Documents, language_of
from classifier.errors import UsageError
from classifier.models import (
    Article,
    Category,
    Failure,
    FailureReason,
    Task,
    digest,
    failures_by_reason,
)
from classifier.scorers.cached import Renewal
from classifier.store import FileRecord, Store

STORE_FOLDER: Final = ".classify"
"""Of a site; beside it is what paths in its store are relative to."""
STORE_FILE: Final = "records.sqlite3"
_CHUNK: Final = 1000
_SETTLED_NS: Final = 2_000_000_000
"""A file changed less than this before it was read may change again and keep its time stamp."""


ArticleStatus: TypeAlias = Literal["current", "stale", "missing", "failed"]
"""Of an article. `stale`: it was judged, and it or a definition was changed since. `failed`: it
cannot be read, or something is missing and the last try did not work."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of a scan."""

    path: str
    """As the caller wrote it."""
    digest: str
    pending: tuple[Category, ...]
    """Not judged yet."""
    held: tuple[Failure, ...] = ()
    """Of categories whose answers are not trusted. They are asked again when somebody says so."""

    @property
    def unjudged(self) -> int:
        """Categories without a judgement."""
        return len(self.pending) + sum(len(failure.categories) for failure in self.held)


@dataclass(slots=True)
class Scan:
    """The articles, and which of their pairs are stored. Scanning judges nothing."""

    scorer: str
    """Identity of the scorer whose judgements count."""
    entries: list[Entry] = field(default_factory=list)
    unread: dict[str, Failure] = field(default_factory=dict)
    """By path: articles that cannot be read."""
    skipped: list[Skipped] = field(default_factory=list)
    unmatched: list[tuple[str, str]] = field(default_factory=list)
    """Patterns that matched nothing, each after `include` or `exclude`."""
    left: Counter[str] = field(default_factory=Counter)
    """By ending: files of folders in formats that are not asked for."""
    pairs: int = 0
    reads: frozenset[str] | None = None
    """Codes of the languages that the scorer reads; None: all, or nobody knows."""
    renewal: Renewal | None = None
    """Pairs that are pending although they are stored."""

    def renewing(
        self, categories: Sequence[Category], before: float, due: Mapping[str, Sequence[Category]]
    ) -> Scan:
        """Return the scan with stored pairs pending, too, beside those that are already renewed.

        Args:
            categories: All that articles are judged by.
            before: Seconds since the epoch; what is judged later is not judged again.
            due: By article digest, in the order in which they are due.
        """
        known = self.renewal.pairs if self.renewal else {}
        # A language model in a scorer sees no correction.
        digests = {
            article: known.get(article, frozenset())
            | {one for it in pairs for one in (it.digest, it.uncorrected.digest)}
            for article, pairs in due.items()
        }
        renewal = Renewal(before, {**known, **digests})
        entries = [_renewed(entry, categories, renewal) for entry in self.entries]
        return replace(self, entries=entries, renewal=renewal)

    @property
    def taken(self) -> Counter[str]:
        """By ending: the articles, those that cannot be read included."""
        paths = chain((entry.path for entry in self.entries), self.unread)
        return Counter(PurePath(path).suffix.lower() for path in paths)

    @property
    def pending(self) -> list[Entry]:
        """Entries with something to judge; of copies of one text, the first.

        Those with nothing but judgements to renew come last, in the order of the renewal.
        """
        first: dict[str, Entry] = {}
        for entry in self.entries:
            if entry.pending:
                first.setdefault(entry.digest, entry)
        late = [
            first.pop(one) for one in (self.renewal.pairs if self.renewal else ()) if one in first
        ]
        return [*first.values(), *late]

    @property
    def pending_pairs(self) -> int:
        """Pairs to judge."""
        return sum(len(entry.pending) for entry in self.pending)

    @property
    def stored_pairs(self) -> int:
        """Pairs that need no judging: stored, or judged in a copy of the same text."""
        return self.pairs - self.pending_pairs - self.held_pairs

    @property
    def held_pairs(self) -> int:
        """Pairs whose answers are not trusted, copies of a text included."""
        return sum(entry.unjudged - len(entry.pending) for entry in self.entries)


class Corpus:
    """Articles below some paths, the categories to judge, and the store."""

    def __init__(  # noqa: PLR0913 - all but two by name
        self,
        categories: Sequence[Category],
        store: Store,
        *,
        home: Path,
        update_index: bool = True,
        definitions: Sequence[Category] = (),
        documents: Documents | None = None,
        pages: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Look at articles by these categories.

        Args:
            categories: What articles are judged by.
            store: Where the records are.
            home: Paths in the store are relative to it, so that a site can be moved.
            update_index: Keep what a scan finds out, to make the next one faster.
            definitions: Categories that are not judged by; their files are no articles either.
            documents: What reads the articles, to be shared by the steps of a run.
            pages: Files of definitions that are articles all the same, with the kind of each, whose
                categories do not judge it.
        """
        self._categories = tuple(categories)
        self._digests = {category.digest: category for category in categories}
        self._taxonomy = digest(sorted(self._digests))
        self._store = store
        self._home = home
        self._documents = documents or Documents()
        self._update_index = update_index
        self._pages = dict(pages)
        self._kinds = {self.key(page): kind for page, kind in pages.items()}
        """Of the category whose page an article is, by its key."""
        sources = {c.source for c in (*categories, *definitions) if c.source}
        self._sources = sources - set(self._pages)

    def scan(
        self,
        paths: Sequence[Path],
        *,
        scorer: str,
        selection: Selection = EVERYTHING,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> Scan:
        """Compare the articles with the records of the scorer of that identity.

        A file whose size and time are those of its last reading is not read again. `on_progress` is
        called now and then with the number of articles so far.

        Raises UsageError for a path that does not exist.
        """
        scan = Scan(scorer=scorer)
        covered = self._store.completed(scorer, self._taxonomy)
        held = self._store.held(scorer)
        found = self._found(paths, selection, scan)
        while chunk := dict(islice(found, _CHUNK)):
            current = self._current(chunk, scan)
            unsure = set(current.values()) - covered
            # Counted in the store: of a large site, sets of all pairs would take 100 MB.
            complete = self._store.complete(scorer, unsure, self._digests) if unsure else set()
            rest = unsure - complete
            judged = self._store.judged(scorer, rest, self._digests) if rest else {}
            missing = {article: self._missing(names) for article, names in judged.items()}
            if complete and self._update_index:
                self._store.mark_completed(scorer, self._taxonomy, complete)
            scan.entries += [
                _entry(
                    path,
                    article,
                    self._judging(path, missing.get(article, ())),
                    held.get(article, {}),
                )
                for path, article in current.items()
            ]
            on_progress(len(scan.entries) + len(scan.unread))
        scan.pairs = sum(len(self.judging(entry.path)) for entry in scan.entries)
        return scan

    def paths(self, root: Path, selection: Selection = EVERYTHING) -> Iterator[str]:
        """Yield the paths of the articles that a scan finds, without a look at what is stored."""
        return (it.path for _, it in self._found([root], selection, Scan(scorer="")))

    def tasks(self, scan: Scan, *, run: int = 1) -> Iterator[Task]:
        """Read pending articles one at a time, as they are pulled.

        What cannot be read any more is added to `scan.unread`; an article that has changed since
        the scan, or is read in another way than by the version that saw it, is judged as it is
        now.

        Each `run` but the first has an order of its own: two that began together would otherwise
        ask for the same article at the same moment, again and again.
        """
        due = scan.pending
        renewed = scan.renewal.pairs if scan.renewal else {}
        copies: dict[str, list[str]] = defaultdict(list)
        for entry in scan.entries:
            copies[entry.digest].append(entry.path)
        if run > 1:
            fresh = sum(entry.digest not in renewed for entry in due)
            due[:fresh] = sorted(due[:fresh], key=lambda entry: digest(run, entry.digest))
        for entry in due:
            article = self.article(entry.path)
            if isinstance(article, Failure):
                scan.unread[entry.path] = article
            elif article.digest == entry.digest:
                yield Task(article, entry.pending)
            else:
                if self._update_index:
                    # Otherwise size and time would still stand for the old text.
                    self._store.forget(map(self.key, copies[entry.digest]))
                yield Task(article, self.judging(entry.path))

    def statuses(self, scan: Scan) -> dict[str, ArticleStatus]:
        """Return the status of each article of a scan, by path."""
        doubtful = {self.key(e.path): e for e in scan.entries if e.pending or e.held}
        failed = self._store.failed(scan.scorer, doubtful)
        earlier = {
            key: {digest for digest, _ in self._store.versions(key)} - {entry.digest}
            for key, entry in doubtful.items()
        }
        before = self._store.others(scan.scorer, set[str]().union(*earlier.values()))
        # Judged for categories whose definitions have changed since.
        now = [entry.digest for entry in doubtful.values()]
        before_now = self._store.others(scan.scorer, now, self._digests)
        found: dict[str, ArticleStatus] = dict.fromkeys(scan.unread, "failed")
        for key, entry in doubtful.items():
            stale = entry.digest in before_now or not before.isdisjoint(earlier[key])
            rest: ArticleStatus = "stale" if stale else "missing"
            found[entry.path] = "failed" if entry.held or key in failed else rest
        return {entry.path: found.get(entry.path, "current") for entry in scan.entries} | found

    def release_held(self, scan: Scan, judges: Collection[str]) -> int:
        """Forget what scorers hold back of a scan's articles; return how many pairs."""
        return self._store.release_held(judges, (entry.digest for entry in scan.entries))

    @property
    def store(self) -> Store:
        """Where the records are."""
        return self._store

    @property
    def categories(self) -> tuple[Category, ...]:
        """What articles are judged by."""
        return self._categories

    def judging(self, path: str) -> tuple[Category, ...]:
        """Return what an article is judged by: of the page of a category, those of other kinds."""
        return self._judging(path, self._categories)

    def _judging(self, path: str, some: tuple[Category, ...]) -> tuple[Category, ...]:
        kind = self._kinds.get(self.key(path)) if self._kinds else None
        return some if kind is None else tuple(it for it in some if it.kind != kind)

    def document(self, path: str | Path, *, keep: bool = True) -> Document | Failure:
        """Read a file of a scan, once for all who ask; that it was deleted since is a failure.

        Args:
            path: As the scan has it.
            keep: Whether others will ask, too.
        """
        try:
            return self._documents.read(Path(path), keep=keep)
        except UsageError:
            return Failure(
                FailureReason.UNREADABLE, f"{str(path)!r} was deleted during the run: run again"
            )

    def article(self, path: str | Path) -> Article | Failure:
        """Read an article of a scan; otherwise as `document`."""
        document = self.document(path)
        return document if isinstance(document, Failure) else document.article

    def titles(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the title of each article that can be read, by path. No text is kept."""
        found: dict[str, str] = {}
        for path in paths:
            document = self.document(path, keep=False)
            article = document if isinstance(document, Failure) else document.article
            if isinstance(article, Article):
                found[path] = article.title
        return found

    def languages(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the code of each article's language, by path; empty where it is not known.

        It is detected once for every content of a file.
        """
        keys = self._keys(paths)
        known = self._store.languages(keys.values())
        found: dict[str, str] = {}
        new: dict[str, str] = {}
        for path, key in keys.items():
            if key not in known:
                article = self.article(path)
                if isinstance(article, Failure):
                    continue
                new[key] = known[key] = language_of(article)
            found[path] = known[key]
        if new and self._update_index:
            self._store.record_languages(new)
        return found

    def unread_languages(self, scan: Scan) -> Counter[str]:
        """Count the articles by language, of those in languages that the scorer does not read."""
        if scan.reads is None:
            return Counter()
        languages = self.languages(entry.path for entry in scan.entries)
        return Counter(it for it in languages.values() if it and it not in scan.reads)

    def _keys(self, paths: Iterable[str]) -> dict[str, str]:
        """Return what the store calls each path; every folder is resolved only once."""
        folders: dict[str, str] = {}
        keys: dict[str, str] = {}
        for path in paths:
            folder, name = os.path.split(path)
            if folder not in folders:
                folders[folder] = f"{self.key(folder or '.')}/".removeprefix("./")
            link = os.path.islink(path)  # noqa: PTH114 - for every article of a run
            keys[path] = self.key(path) if link else folders[folder] + name
        return keys

    def key(self, path: str | Path) -> str:
        """Return what the store calls a path."""
        return key_of(path, home=self._home)

    def defines(self, root: Path) -> bool:
        """Return whether a folder has category definitions in it."""
        above = f"{self.key(root)}/".removeprefix("./")
        return any(self.key(source).startswith(above) for source in self._sources)

    def _found(
        self, paths: Sequence[Path], selection: Selection, scan: Scan
    ) -> Iterator[tuple[str, Found]]:
        """Yield each file once, under its name in the store."""
        # The definitions themselves are no articles, also where they lie among them.
        seen = {self.key(source) for source in self._sources}
        unmatched = UnmatchedPatterns(selection)
        for root in paths:
            given = root.as_posix()
            above = f"{self.key(root)}/".removeprefix("./")
            below = 0 if given == "." else len(given.rstrip("/")) + 1
            walked = walk(
                root, selection, tidy=self._update_index, unmatched=unmatched, left=scan.left
            )
            for found in walked:
                if isinstance(found, Skipped):
                    scan.skipped.append(found)
                    continue
                # Joined as text: to resolve every path would cost more than all the rest.
                key = self.key(root) if found.path == given else above + found.path[below:]
                if key not in seen:
                    seen.add(key)
                    yield key, found
            for inside in self._pages_below(above, selection) if root.is_dir() else ():
                if above + inside not in seen:
                    seen.add(above + inside)
                    yield (
                        above + inside,
                        _found(inside if given == "." else f"{given.rstrip('/')}/{inside}"),
                    )
        scan.unmatched += unmatched

    def _pages_below(self, above: str, selection: Selection) -> Iterator[str]:
        """Yield the paths in a folder of definitions that are articles; a walk leaves them out."""
        for page in self._pages:
            key = self.key(page)
            inside = key.removeprefix(above)
            below = key.startswith(above) and Path(page).is_file()  # it may have been deleted
            if below and not is_excluded(inside, selection):
                yield inside

    def _current(self, chunk: dict[str, Found], scan: Scan) -> dict[str, str]:
        """Return the digest of every article that can be read, by path as given."""
        known = self._store.files(chunk)
        now = time.time_ns()
        current: dict[str, str] = {}
        fresh: dict[str, FileRecord] = {}
        for key, found in chunk.items():
            file = known.get(key)
            if file is None or (file.size, file.mtime_ns) != (found.size, found.mtime_ns):
                article = self.article(found.path)
                if isinstance(article, Failure):
                    scan.unread[found.path] = article
                    continue
                settled = now - found.mtime_ns > _SETTLED_NS
                mtime_ns = found.mtime_ns if settled else 0
                file = FileRecord(digest=article.digest, size=found.size, mtime_ns=mtime_ns)
                fresh[key] = file
            current[found.path] = file.digest
        if fresh and self._update_index:
            self._store.record_files(fresh, at=now / 1e9)
        return current

    def _missing(self, judged: set[str]) -> tuple[Category, ...]:
        if len(judged) == len(self._digests):
            return ()
        return tuple(c for c in self._categories if c.digest not in judged)


def _entry(
    path: str, article: str, missing: tuple[Category, ...], held: Mapping[str, Failure]
) -> Entry:
    if not held:
        return Entry(path, article, missing)
    kept = {category.id: held[category.digest] for category in missing if category.digest in held}
    pending = tuple(category for category in missing if category.digest not in held)
    return Entry(path, article, pending, failures_by_reason(kept))


def home_of(store: Path) -> Path:
    """Return the folder that paths in a store are relative to, so that a site can be moved."""
    folder = Path(os.path.realpath(store)).parent
    return folder.parent if folder.name == STORE_FOLDER else folder


def _renewed(entry: Entry, categories: Sequence[Category], renewal: Renewal) -> Entry:
    digests = renewal.pairs.get(entry.digest)
    if not digests:
        return entry
    pending = {category.id for category in entry.pending}
    both = (it for it in categories if it.id in pending or it.digest in digests)
    return replace(entry, pending=tuple(both))


def _found(path: str) -> Found:
    status = Path(path).stat()
    return Found(path, status.st_size, status.st_mtime_ns)
