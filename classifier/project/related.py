"""The nearest articles of every article, as lists and as files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from classifier import small_files
from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import OutputError, UsageError
from classifier.models import Article, Failure, FailureReason, digest
from classifier.related import files
from classifier.related.values import Related, RelatedPage, page_of
from classifier.runs import assigned
from classifier.store import values

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

_VERSION: Final = 1
"""Changes with anything here that changes a list or a file."""
Lists: TypeAlias = dict[str, tuple[RelatedPage, tuple[Related, ...]]]
"""By path: the article, and its related ones, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedOptions:
    """Which articles are related, and where the lists go."""

    top: int = 5
    """Articles of each section, at most."""
    section: str = ""
    """The front matter key that holds an article's section; without, its first folder."""
    least: float = 0.0
    """Only articles that are more similar than this (0-1)."""
    output: str = ""
    """A data file for all; with fields such as `{ItemId}`, a file for each.

    Empty: `related.json` in `_data` where the project has that folder, else in `data`."""
    field: str = ""
    """The front matter key that gets the references, in place of a file."""

    @classmethod
    def of(cls, project: Workspace, **chosen: Any) -> RelatedOptions:
        """Return the options of the settings, with those of `chosen` that are not None.

        A chosen `output` or `field` takes the place of either in the settings. An output of the
        settings is in the project's folder, unless it begins with that of an article.
        """
        settings, output = project.settings.related, project.settings.related.output
        if output and not output.startswith("{folder}"):
            output = (project.settings_folder / output).as_posix()
        options = cls(
            top=settings.top,
            section=settings.section,
            least=settings.above,
            output=output,
            field=settings.field,
        )
        said = {name: value for name, value in chosen.items() if value is not None}
        if said.keys() & {"output", "field"}:
            options = replace(options, output="", field="")
        return replace(options, **said)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedWritten:
    """What became of the lists."""

    articles: int
    drafts: int
    """Articles that have a list but are in none."""
    written: int
    """Files that changed."""
    unchanged: int
    output: str
    """The file or the pattern of files; empty where the lists went into front matter."""
    errors: tuple[str, ...] = ()
    """One line for each article without a list, which it names."""


def related(project: Workspace, paths: Sequence[Path], options: RelatedOptions) -> Lists:
    records = project.records.get("write")
    return _Site.scanned(project, paths, options, records).lists()


def write(project: Workspace, paths: Sequence[Path], options: RelatedOptions) -> RelatedWritten:
    if options.field and options.output:
        raise UsageError("related articles go into front matter or into files, not both")
    if not options.field:
        options = replace(options, output=options.output or _default_output(project))
        files.per_article(options.output)
    records = project.records.get("write")
    site = _Site.scanned(project, paths, options, records)
    if known := site.known():
        return known
    lists = site.lists()
    if options.field:
        written, outputs, errors = _into_front_matter(site, lists)
    else:
        written, outputs, errors = _into_files(site, lists)
    result = RelatedWritten(
        articles=len(lists),
        drafts=sum(page.draft for page, _ in lists.values()),
        written=written,
        unchanged=len(outputs) - written,
        output=options.output,
        errors=(*site.unread, *errors),
    )
    if not result.errors:
        site.remember(result, outputs)
    return result


def _default_output(project: Workspace) -> str:
    folder = project.near_folder
    name = "_data" if (folder / "_data").is_dir() else "data"
    return (folder / name / "related.json").as_posix()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Site:
    project: Workspace
    paths: Sequence[Path]
    options: RelatedOptions
    records: Records
    policy: LabelPolicy
    corpus: Corpus
    scan: Scan

    @classmethod
    def scanned(
        cls, project: Workspace, paths: Sequence[Path], options: RelatedOptions, records: Records
    ) -> _Site:
        if options.top < 1:
            raise UsageError("an article needs at least one related article per section")
        if not any(small_files.is_dir(path) for path in paths):
            raise UsageError("name a folder: related articles are looked for among all in it")
        policy = project.with_verdicts(project.policy.only(project.taxonomy), records)
        corpus = project.corpus(policy.taxonomy.categories, records, pages=False)
        scan = project.scan(corpus, paths, scorer=project.scorer.identity)
        return cls(
            project=project,
            paths=paths,
            options=options,
            records=records,
            policy=policy,
            corpus=corpus,
            scan=scan,
        )

    @property
    def unread(self) -> tuple[str, ...]:
        failures = self.scan.unread.values()
        return tuple(it.message for it in failures if it.reason is not FailureReason.EMPTY)

    def lists(self) -> Lists:
        """Find what is related to each article."""
        from classifier.related.nearest import ComparedArticle, nearest
        from classifier.scorers.embedded.documents import DocumentSpace

        labels = {
            entry.path: tuple(label.category.id for label in found)
            for entry, found in assigned(
                self.corpus, self.scan, policy=self.policy, store=self.records.store
            )
        }
        pages = {page.path: page for page in self._pages()}
        digests = {it.path: it.digest for it in self.scan.entries if it.path in pages}
        space = DocumentSpace(self.records.store, model=self.project.settings.embedding_model)
        by_digest = {one: path for path, one in digests.items()}
        rows = space.rows(by_digest, lambda one: self._article(by_digest[one]))
        items = [
            ComparedArticle(
                digest=digests[path],
                labels=labels[path],
                section=page.section,
                listed=not page.draft,
            )
            for path, page in pages.items()
        ]
        ordered = list(pages.values())
        vectors = space.table([rows[item.digest] for item in items])
        found = nearest(items, vectors, top=self.options.top, least=self.options.least)
        lists: Lists = {}
        for page, near in zip(ordered, found, strict=True):
            own = labels[page.path]
            lists[page.path] = (
                page,
                tuple(
                    Related(
                        page=ordered[i],
                        similarity=similarity,
                        labels=tuple(x for x in own if x in labels[ordered[i].path]),
                    )
                    for i, similarity in near
                ),
            )
        return lists

    def meta(self, path: str) -> Mapping[str, Any]:
        document = self.corpus.document(path)
        return {} if isinstance(document, Failure) else document.front_matter.meta

    def _article(self, path: str) -> Article:
        article = self.corpus.article(path)
        if isinstance(article, Failure):
            raise OutputError(f"{path!r} was changed during the run: run again")
        return article

    def _pages(self) -> Iterator[RelatedPage]:
        roots = sorted(
            (path.as_posix() for path in self.paths if small_files.is_dir(path)), key=len
        )
        for entry in self.scan.entries:
            meta = self.meta(entry.path)
            title = meta.get("title")
            if not (isinstance(title, str) and title.strip()):
                article = self.corpus.article(entry.path)
                title = "" if isinstance(article, Failure) else article.title
            yield page_of(
                entry.path,
                _below(entry.path, roots),
                meta=meta,
                title=" ".join(title.split()),
                section_key=self.options.section,
            )

    # --- what was written before ------------------------------------------------------------------

    def known(self) -> RelatedWritten | None:
        """Return the result of the last run where nothing has changed since."""
        kept = self.records.store.remembered(self._name)
        try:
            old = values.loads(kept)
            outputs = [(Path(path), tuple(status)) for path, status in old["outputs"]]
            if old["key"] != self._key() or any(_status(p) != s for p, s in outputs):
                return None
            result = RelatedWritten(**old["result"])
        except (*values.DAMAGE, KeyError, TypeError):
            return None
        return replace(result, written=0, unchanged=len(outputs))

    def remember(self, result: RelatedWritten, outputs: Sequence[Path]) -> None:
        value = {
            "key": self._key(),
            "outputs": [(path.as_posix(), _status(path)) for path in outputs],
            "result": {**asdict(result), "errors": ()},
        }
        self.records.store.remember(self._name, json.dumps(value))

    @property
    def _name(self) -> str:
        where = [self.corpus.key(path) for path in self.paths]
        return f"related {digest(where, asdict(self.options))}"

    def _key(self) -> str:
        """Return what changes with anything that changes a list; a file's status stands for it."""
        articles = [
            (
                entry.path,
                entry.digest,
                len(entry.pending),
                entry.unjudged,
                _status(Path(entry.path)),
            )
            for entry in self.scan.entries
        ]
        return digest(
            _VERSION,
            self.scan.scorer,
            self.policy.rules_digest,
            self.policy.verdicts.digest,
            str(self.project.settings.embedding_model),
            articles,
            len(self.scan.unread),
        )


def _status(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_size, status.st_mtime_ns


def _below(path: str, roots: Sequence[str]) -> str:
    """Return a path in the innermost of the folders that it is in."""
    for root in reversed(roots):
        if root == ".":
            return path
        if path.startswith(f"{root.rstrip('/')}/"):
            return path[len(root.rstrip("/")) + 1 :]
    return PurePosixPath(path).name


def _into_files(site: _Site, lists: Lists) -> tuple[int, list[Path], list[str]]:
    """Return the number of files that changed, all files, and what went wrong."""
    output = site.options.output
    if not files.per_article(output):
        path = Path(output)
        return int(files.write_all(path, lists)), [path], []
    written, errors = 0, list[str]()
    article_of: dict[Path, str] = {}
    for name, (page, found) in lists.items():
        try:
            file = files.path_of(output, page, site.meta(name))
            if other := article_of.get(file):
                errors.append(f"{name!r}: {str(file)!r} is the file of {other!r}")
                continue
            written += files.write_list(file, page, found)
            article_of[file] = name
        except OutputError as error:
            errors.append(str(error))
    return written, list(article_of), errors


def _into_front_matter(site: _Site, lists: Lists) -> tuple[int, list[Path], list[str]]:
    """Return the number of articles that changed, all articles, and what went wrong."""
    from classifier.outputs.write_back import Edits, Refused, prepare
    from classifier.outputs.write_back import write as write_edited

    digests = {entry.path: entry.digest for entry in site.scan.entries}
    written, done, errors = 0, list[Path](), list[str]()
    for path, (_, found) in lists.items():
        references = tuple(dict.fromkeys(one.page.reference for one in found)) or None
        edits = Edits(labels={site.options.field: references})
        edited = prepare(Path(path), edits, digest=digests[path], read=site.corpus.document)
        refused = edited if isinstance(edited, Refused) else None
        if not isinstance(edited, Refused) and edited.changed:
            refused = write_edited(edited)
            written += refused is None
        if refused:
            errors.append(refused.message)
        else:
            done.append(Path(path))
    return written, done, errors
