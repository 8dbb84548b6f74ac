"""What `classify init` finds on real sites, and what its drafted definitions are worth.

    python benchmarks/init.py ../shared/sites [--no-train] [SITE ...]

Every folder of the given one is a site, and is copied first. A fifth of its labelled articles,
drawn by a digest of their names, is held out: `init` drafts from the rest, and `train` learns from
the rest. F1 is over all pairs of held-out articles and categories, by the labels a run decides,
with people's labels as truth. As in a first run, the whole site is judged before, with the held-out
articles: its site profile decides, which knows no labels. Beside the drafts: the bare titles alone,
and where a site has definitions, these as they stand (the drafts are then of a copy without them).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from classifier import Project
from classifier.errors import UsageError
from classifier.project.init import InitPlan
from classifier.site.fields import LabelField
from classifier.site.vocabulary import vocabulary
from classifier.taxonomy.labels import LabelIndex


@dataclass
class Site:
    """A copy of a site, with its held-out articles in another folder."""

    folder: Path
    away: Path
    held_out: dict[str, dict[str, tuple[str, ...]]]
    """By article, below the folder: its labels, by field."""

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
    options = parser.parse_intermixed_args()
    folders = sorted(path for path in options.sites.iterdir() if path.is_dir())
    chosen = [path for path in folders if not options.names or path.name in options.names]
    found(chosen)
    print()
    print("| site | labels | held out | categories | F1: bare titles | after init | after train |")
    print("|---|---|---|---|---|---|---|")
    for path in chosen:
        for row in measured(path, train=not options.no_train):
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


def measured(path: Path, *, train: bool) -> Iterator[tuple[str, ...]]:
    with TemporaryDirectory() as name:
        plan = Project.open(path, store=Path(name, "unused")).plan_init()
        if not plan.fields:
            yield (path.name, "none", "", "", "", "", "")
            return
        has_definitions = any(one.defined for one in plan.fields)
        places = [each.path for one in plan.fields for each in one.definitions]
        for kept in (True, False) if has_definitions else (False,):
            site = copied(path, Path(name, f"kept-{kept}"), plan, () if kept else places)
            yield figures(path.name, site, "defined" if kept else "drafted", train=train)


def copied(path: Path, into: Path, plan: InitPlan, without: Collection[Path]) -> Site:
    """Copy a site without some of its definitions, and hide the articles that are held out."""
    shutil.copytree(path, into / "site")
    for place in without:
        gone = into / "site" / os.path.relpath(place, path)
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    labels: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in plan.fields:
        for article, own in one.field.labels.items():
            below = os.path.relpath(article, path)
            if int(hashlib.sha256(below.encode()).hexdigest(), 16) % 5 == 0:
                labels.setdefault(below, {})[one.field.name] = own
    site = Site(into / "site", into / "away", labels)
    site.hide()
    return site


def figures(name: str, site: Site, kind: str, *, train: bool) -> tuple[str, ...]:
    project = Project.open(site.folder)
    project.init(project.plan_init())
    with Project.open(site.folder) as project:
        count = len(project.definitions.categories)
        bare = bare_titles(project, site.folder.parent / "bare")
        site.show()
        with project.with_settings(categories=bare) as titles:
            before = f1(titles, site)
        after = f1(project, site)
        site.hide()
        trained = ""
        if train:
            try:
                project.train()
            except UsageError as error:
                trained = str(error)[:40]
    if train and not trained:
        site.show()
        with Project.open(site.folder) as project:
            trained = f"{f1(project, site):.3f}"
    held_out = f"{len(site.held_out):,}"
    return name, kind, held_out, f"{count:,}", f"{before:.3f}", f"{after:.3f}", trained


def bare_titles(project: Project, folder: Path) -> Path:
    """Write the definitions again with nothing but their names."""
    for category in project.definitions.categories:
        path = folder / f"{category.id}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        meta = yaml.safe_dump({"title": category.title, "aliases": list(category.aliases)})
        path.write_text(f"---\n{meta}---\n", encoding="utf-8")
    return folder


def f1(project: Project, site: Site) -> float:
    index = LabelIndex(project.definitions.categories)
    right = given = true = 0
    project.run()  # of the whole site: it makes or renews the site profile
    run = project.run(*(site.folder / name for name in site.held_out))
    for path, labels in run.labels():
        own = site.held_out[os.path.relpath(path, site.folder)].values()
        truth = {c.id for each in own for label in each for c in index.find(label)}
        decided = {label.category.id for label in labels}
        right += len(truth & decided)
        given += len(decided)
        true += len(truth)
    return 2 * right / max(given + true, 1)


if __name__ == "__main__":
    main()
