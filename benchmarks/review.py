"""How fast the review page is in a real Chromium, beside a plain page of the same article.

    python benchmarks/review.py [--site ../shared/sites/digitalgov] [--articles 5000]
                                [--categories 200] [--only real|synthetic]

`real`: a copy of a site, classified by the embedded scorer (minutes, unless it has a store).
`synthetic`: so many articles of 300 words and so many categories, judged with reasons and quotes.
Times are medians in milliseconds: since the navigation began until the first article and its labels
stand there; from a key to the next article; from a key to a verdict that is on disk and shown. The
plain page has the same text and labels, and no script but the one that takes the time. Beside them
stands the processor time of a key, which says more on a machine that others use. Start-up is
from the command to its address, on articles that are judged; memory is the server's peak.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path

from classifier import Project
from classifier.models import ConfidenceKind, Evidence, Judgement
from classifier.store import JudgementSet

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.browser import Browser, Page

LOADS = 15
STEPS = 30
WHOLE = "document.documentElement?.dataset.whole !== undefined"
ARTICLE = "performance.getEntriesByName('article')"
AT_RANDOM = random.Random(0)
WORDS = [
    "".join(AT_RANDOM.choices("aeioubdgklmnprst", k=AT_RANDOM.randint(3, 9))) for _ in range(3000)
]


def words(number: int) -> str:
    return " ".join(AT_RANDOM.choices(WORDS, k=number))


# --- sites ----------------------------------------------------------------------------------------


def real(source: Path, folder: Path) -> Path:
    shutil.copytree(source, folder, dirs_exist_ok=True)
    settings = folder / "classify.toml"
    if not settings.exists():
        settings.write_text('categories = "content/topics"\n')
    subprocess.run(["classify", "content/news", "--quiet"], cwd=folder, stdout=subprocess.DEVNULL)
    return folder / "content/news"


def synthetic(folder: Path, articles: int, categories: int) -> Path:
    (folder / "tags").mkdir(parents=True)
    for n in range(categories):
        meta = f"title: {words(2).title()} {n}\ndescription: {words(20)}\n"
        (folder / f"tags/category-{n}.md").write_text(f"---\n{meta}---\n{words(30)}\n")
    (folder / "classify.toml").write_text('categories = "tags"\n')
    content = folder / "content"
    for n in range(articles):
        path = content / f"{n // 100:02}" / f"article-{n}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = "\n\n".join(words(60) for _ in range(5))
        path.write_text(f"---\ntitle: {words(6).capitalize()}\n---\n{body}\n")
        os.utime(path, (1.7e9, 1.7e9))
    with Project.open(folder) as project:
        records = project.records.get("write")
        corpus = project.corpus(project.taxonomy.categories, records)
        identity = project.scorer.identity
        scan = project.scan(corpus, [content], scorer=identity)
        for entry in scan.entries:
            judged = {it.digest: judgement(it.id, identity) for it in project.taxonomy.categories}
            records.store.add(
                JudgementSet(
                    scorer=identity, article=entry.digest, judgements=judged, judged_at=1.7e9
                )
            )
    return content


def judgement(category: str, scorer: str) -> Judgement:
    start = AT_RANDOM.randrange(1500)
    return Judgement(
        category=category,
        confidence=AT_RANDOM.betavariate(0.15, 3),
        kind=ConfidenceKind.SIMILARITY,
        scorer=scorer,
        reasoning=words(30),
        evidence=(Evidence("quote", start, start + 100),),
    )


# --- measuring ------------------------------------------------------------------------------------


@contextmanager
def served(content: Path) -> Iterator[tuple[str, int]]:
    """Yield the address of a review and the number of its process."""
    begun = time.perf_counter()
    command = ["classify", "review", content.name, "--no-browser", "--quiet"]
    process = subprocess.Popen(command, cwd=content.parent, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    print(f"  start-up: {time.perf_counter() - begun:.2f} s")
    try:
        yield address, process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) / 1000 if found else float("nan")


def say(name: str, times: list[float]) -> float:
    middle = statistics.median(times)
    print(f"  {name}: {middle:.0f} ms ({min(times):.0f}-{max(times):.0f}, {len(times)} times)")
    return middle


def first(browser: Browser, address: str, mark: str = ARTICLE, *, whole: bool) -> list[float]:
    times = []
    for _ in range(LOADS):
        page = browser.open(address, ready=f"{mark}.length")
        times.append(page.run(f"{mark}[0].startTime"))
        if whole:  # the server is idle again before the next one
            page.until(WHOLE)
        page.close()
    return times


def pressed(page: Page, key: str, done: str) -> float:
    """Return the milliseconds from a key to the frame after a mark that is newer than the key."""
    return float(
        page.run(
            f"""new Promise((done) => {{
            const begun = performance.now();
            document.dispatchEvent(new KeyboardEvent("keydown", {{ key: "{key}", bubbles: true }}));
            const look = () => {{
                const mark = performance.getEntriesByName("{done}").at(-1);
                if (!mark || mark.startTime < begun) setTimeout(look);
                else requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
            }};
            look();
        }})"""
        )
    )


def steps(page: Page, pid: int, name: str, key: str, done: str, count: int) -> None:
    """Print the time of a key, and what it takes of a processor in the page and the server."""
    before = busy(page), cpu(pid)
    say(name, [pressed(page, key, done) for _ in range(count)])
    in_page, in_server = busy(page) - before[0], cpu(pid) - before[1]
    print(f"    busy: {in_page / count:.0f} ms in the page, {in_server / count:.0f} in the server")


def busy(page: Page) -> float:
    """Return the milliseconds of processor time that the page has taken so far."""
    page.send("Performance.enable", timeDomain="threadTicks")
    metrics = page.send("Performance.getMetrics")["metrics"]
    return 1000 * next(float(it["value"]) for it in metrics if it["name"] == "TaskDuration")


def cpu(pid: int) -> float:
    """Return the milliseconds of processor time that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def plain(page: Page) -> str:
    """Return a page of the article and the labels that the review shows, and nothing else."""
    text = escape(page.text(".text"))
    labels = escape(page.text(".pairs"))
    return (
        "<!DOCTYPE html><meta charset=utf-8><title>plain</title><main>"
        + "".join(f"<p>{line}</p>" for line in text.split("\n"))
        + "".join(f"<p>{line}</p>" for line in labels.split("\n"))
        + "</main><script>requestAnimationFrame(() => performance.mark('article'))</script>"
    )


def measure(content: Path, browser: Browser, folder: Path) -> None:
    with served(content) as (address, pid):
        say("first article", first(browser, address, whole=True))
        page = browser.open(address, ready=WHOLE)
        steps(page, pid, "next article", "n", "article", STEPS)
        steps(page, pid, "accept, on disk and shown", "a", "saved", STEPS)
        steps(page, pid, "undo", "u", "undone", STEPS // 3)
        print(
            f"  memory of the script: {page.run('performance.memory.usedJSHeapSize') / 1e6:.0f} MB"
        )
        print(f"  memory of the server, peak: {peak(pid):.0f} MB")
        baseline = folder / "plain.html"
        baseline.write_text(plain(page), encoding="utf-8")
        page.close()
    say("baseline, a plain page from disk", first(browser, baseline.as_uri(), whole=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, default=Path("../shared/sites/digitalgov"))
    parser.add_argument("--articles", type=int, default=5000)
    parser.add_argument("--categories", type=int, default=200)
    parser.add_argument("--only", choices=["real", "synthetic"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, Browser() as browser:
        folder = Path(name)
        if given.only != "synthetic":
            print(f"real: {given.site}")
            measure(real(given.site, folder / "real"), browser, folder)
        if given.only != "real":
            print(f"synthetic: {given.articles:,} articles x {given.categories:,} categories")
            content = synthetic(folder / "synthetic", given.articles, given.categories)
            measure(content, browser, folder)


if __name__ == "__main__":
    main()
