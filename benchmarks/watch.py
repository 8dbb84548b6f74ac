"""What `classify watch` takes when a definition or an article is saved, beside a scorer made anew.

    python benchmarks/watch.py FOLDER [--articles 97] [--times 5]

FOLDER has Markdown articles, which are copied. Ten categories; a definition is changed in turn with
the loaded model and with one that is loaded again. Processor time, and time on the clock, which
other programs lengthen; the best of all times counts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from classifier.project import Project
from classifier.project.watch import Watcher

TITLES = (
    *("Design", "Security", "Accessibility", "Open source", "Hiring"),
    *("Data", "Cloud", "Agile", "Testing", "Privacy"),
)


def make_site(site: Path, source: Path, articles: int) -> None:
    (site / "categories/tags").mkdir(parents=True)
    (site / "classify.toml").write_text('categories = "categories"\n')
    for title in TITLES:
        define(site, title, f"Articles about {title.lower()} in government and on the web.")
    (site / "content").mkdir()
    for number, path in enumerate(sorted(source.rglob("*.md"))[:articles]):
        shutil.copy(path, site / f"content/{number:05}.md")


def define(site: Path, title: str, text: str) -> Path:
    path = site / f"categories/tags/{title.lower().replace(' ', '-')}.md"
    path.write_text(f"---\ntitle: {title}\n---\n{text}\n")
    return path


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of the processor and of the clock."""
    processor, clock = time.process_time(), time.monotonic()
    work()
    return time.process_time() - processor, time.monotonic() - clock


def measure(project: Project, site: Path, times: int) -> dict[str, tuple[float, float]]:
    watching = Watcher(project, [Path("content")], None)
    watching.begin()
    article = min((site / "content").iterdir())
    taken: dict[str, list[tuple[float, float]]] = {}
    for number in range(times):
        for way in ("definition, model loaded again", "definition", "article"):
            if way == "article":
                saved = article
                article.write_text(f"{article.read_text()}\nMore about design, {number}.\n")
            else:
                saved = define(site, "Design", f"Type and layout. {way} {number}.")
            if way.endswith("again"):
                project.forget_parts()
            taken.setdefault(way, []).append(timed(lambda: watching.judge({str(saved)})))  # noqa: B023
    return {way: (min(p for p, _ in all_), min(c for _, c in all_)) for way, all_ in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=97)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        make_site(site, given.folder.resolve(), given.articles)
        os.chdir(site)
        with Project.open(site) as project:
            best = measure(project, site, given.times)
        count = len(list((site / "content").iterdir()))
        os.chdir("/")
    print(f"{count} articles, {len(TITLES)} categories; saved:")
    for way, (processor, clock) in best.items():
        print(f"{way:31} {processor:5.2f} s of the processor, {clock:5.2f} s on the clock")


if __name__ == "__main__":
    main()
