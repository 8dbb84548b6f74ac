"""What `classify init` finds on real sites, and what its drafted definitions are worth.

    python benchmarks/init.py ../shared/sites [--no-train] [--parts 5] [SITE ...]

Every folder of the given one is a site, and is copied first. Its labelled articles are cut into
five parts by a digest of their names, and each part is held out in turn: `init` drafts from the
rest, and `train` learns from the rest. F1 is over all pairs of held-out articles and categories, by
the labels a run decides, with people's labels as truth. As in a first run, the whole site is judged
before, with the held-out articles: its site profile decides, which knows no labels. Beside the
drafts: the bare titles alone, and where a site has definitions, these as they stand (the drafts are
then of a copy without them).

F1 is of all labels, then the mean of the categories of each part that its articles have. A single
part tells little: on sites of a hundred articles the order of bare titles and drafts changed from
part to part.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from classifier import Project
from classifier.errors import UsageError
from classifier.project.init import InitPlan
from classifier.site.fields import LabelField
from classifier.site.vocabulary import vocabulary
from classifier.taxonomy.labels import LabelIndex

PARTS = 5
BEFORE, AFTER, TRAINED = "bare titles", "after init", "after train"


@dataclass
class Count:
    """Labels of one category on the held-out articles."""

    right: int = 0
    given: int = 0
    true: int = 0

    @property
    def f1(self) -> float:
        return 2 * self.right / max(self.given + self.true, 1)


@dataclass
class Figures:
    """All counts of one way to label."""

    parts: list[dict[str, Count]] = field(default_factory=list)

    def __str__(self) -> str:
        every = [count for part in self.parts for count in part.values()]
        if not every:
            return "-"
        total = Count(
            sum(one.right for one in every),
            sum(one.given for one in every),
            sum(one.true for one in every),
        )
        means = [one.f1 for one in every if one.true]
        return f"{total.f1:.3f} / {sum(means) / max(len(means), 1):.3f}"


@dataclass
class Site:
    """A copy of a site, with its held-out articles in another folder."""

    folder: Path
    away: Path
    held_out: dict[str, dict[str, tuple[str, ...]]]
    """By article, below the folder: its labels, by field."""

    @property
    def store(self) -> Path:
        return self.folder / ".classify" / "records.sqlite3"

    def hide(self) -> None:
        for name in self.held_out:
            (self.away / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(self.folder / name, self.away / name)

    def show(self) -> None:
        for name in self.held_out:
            shutil.copy(self.away / name, self.folder / name)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sites", type=Path)
    parser.add_argument("names", nargs="*", metavar="SITE")
    parser.add_argument("--no-train", action="store_true", help="leave out the slow part")
    parser.add_argument("--parts", type=int, default=PARTS, help="of the 5, to hold out")
    options = parser.parse_intermixed_args()
    folders = sorted(path for path in options.sites.iterdir() if path.is_dir())
    chosen = [path for path in folders if not options.names or path.name in options.names]
    found(chosen)
    print()
    print("| site | labels | held out | categories | bare titles | after init | after train |")
    print("|---|---|---|---|---|---|---|")
    for path in chosen:
        for row in measured(path, train=not options.no_train, parts=options.parts):
            print(f"| {' | '.join(row)} |", flush=True)


# --- what it finds -------------------------------------------------------------------------------


def found(folders: Sequence[Path]) -> None:
    print(
        "| site | generator | articles | fields (not taken): articles, spellings, labels | defined "
        "| drafted | seconds |"
    )
    print("|---|---|---|---|---|---|---|")
    for path in folders:
        with TemporaryDirectory() as name:
            copy = Path(name, "site")
            shutil.copytree(path, copy)
            started = time.perf_counter()
            plan = Project.open(copy).plan_init()
            seconds = time.perf_counter() - started
        fields = [counts(one.field) for one in plan.fields]
        others = [f"({counts(one)})" for one in plan.other_fields]
        defined = sum(len(one.defined) for one in plan.fields)
        drafted = sum(len(one.new) for one in plan.fields)
        cells = (
            path.name,
            plan.site.generator,
            f"{len(plan.site.documents):,}",
            "; ".join((*fields, *others)) or "none",
            f"{defined:,}",
            f"{drafted:,}",
            f"{seconds:.1f}",
        )
        print(f"| {' | '.join(cells)} |", flush=True)


def counts(field: LabelField) -> str:
    labels = len(vocabulary(field))
    return f"{field.name}: {field.articles:,}, {len(field.uses):,}, {labels:,}"


# --- what the drafts are worth -------------------------------------------------------------------


def measured(path: Path, *, train: bool, parts: int) -> Iterator[tuple[str, ...]]:
    with TemporaryDirectory() as name:
        plan = Project.open(path, store=Path(name, "unused")).plan_init()
        if not plan.fields:
            yield (path.name, "none", "", "", "", "", "")
            return
        has_definitions = any(one.defined for one in plan.fields)
        places = [each.path for one in plan.fields for each in one.definitions]
        for kept in (True, False) if has_definitions else (False,):
            found: defaultdict[str, Figures] = defaultdict(Figures)
            articles, categories = 0, []
            for part in range(parts):
                folder = Path(name, f"kept-{kept}-{part}")
                site = copied(path, folder, plan, () if kept else places, part)
                vectors = Path(name, "vectors.sqlite3")
                if vectors.exists():
                    site.store.parent.mkdir()
                    shutil.copy(vectors, site.store)
                articles += len(site.held_out)
                categories.append(measure(site, found, train=train))
                shutil.copy(site.store, vectors)
                shutil.rmtree(folder)
            yield (
                path.name,
                "defined" if kept else "drafted",
                f"{articles:,}",
                f"{sum(categories) / len(categories):.0f}",
                *(str(found[way]) for way in (BEFORE, AFTER, TRAINED)),
            )


def copied(path: Path, into: Path, plan: InitPlan, without: Collection[Path], part: int) -> Site:
    """Copy a site without some of its definitions, and hide the articles of a part."""
    shutil.copytree(path, into / "site")
    for place in without:
        gone = into / "site" / os.path.relpath(place, path)
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    labels: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in plan.fields:
        for article, own in one.field.labels.items():
            below = os.path.relpath(article, path)
            if int(hashlib.sha256(below.encode()).hexdigest(), 16) % PARTS == part:
                labels.setdefault(below, {})[one.field.name] = own
    site = Site(into / "site", into / "away", labels)
    site.hide()
    return site


def measure(site: Site, found: defaultdict[str, Figures], *, train: bool) -> int:
    """Add what is right with each way to label; return the number of categories."""
    project = Project.open(site.folder)
    project.init(project.plan_init())
    with Project.open(site.folder) as project:
        count = len(project.definitions.categories)
        bare = bare_titles(project, site.folder.parent / "bare")
        site.show()
        with project.with_settings(categories=bare) as titles:
            found[BEFORE].parts.append(labelled(titles, site))
        found[AFTER].parts.append(labelled(project, site))
        site.hide()
        if train:
            try:
                project.train()
            except UsageError:  # too few labels
                train = False
    site.show()
    if train:
        with Project.open(site.folder) as project:
            found[TRAINED].parts.append(labelled(project, site))
    return count


def bare_titles(project: Project, folder: Path) -> Path:
    """Write the definitions again with nothing but their names."""
    for category in project.definitions.categories:
        path = folder / f"{category.id}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        meta = yaml.safe_dump({"title": category.title, "aliases": list(category.aliases)})
        path.write_text(f"---\n{meta}---\n", encoding="utf-8")
    return folder


def labelled(project: Project, site: Site) -> dict[str, Count]:
    """Return what a run labels right, by category."""
    index = LabelIndex(project.definitions.categories)
    counts: defaultdict[str, Count] = defaultdict(Count)
    project.run()  # of the whole site: it makes or renews the site profile
    run = project.run(*(site.folder / name for name in site.held_out))
    for path, labels in run.labels():
        own = site.held_out[os.path.relpath(path, site.folder)].values()
        truth = {c.id for each in own for label in each for c in index.find(label)}
        decided = {label.category.id for label in labels}
        for category in truth | decided:
            count = counts[category]
            count.right += category in truth & decided
            count.given += category in decided
            count.true += category in truth
    return dict(counts)


if __name__ == "__main__":
    main()
