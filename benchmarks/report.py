"""Size and speed of the report in a real Chromium, beside the plainest page of the same numbers.

    python benchmarks/report.py [--articles 2000] [--categories 100] [--explain] [--page FILE]

A synthetic run: reasons of about 250 and quotes of about 200 characters, four labels to an article.
The baseline is an HTML table of the confidences alone, one cell for each pair, without any reasons.
With --page, a report that was made before is measured alone. Times are medians of five loads, in
milliseconds since the navigation began; steps are measured from the event to the next frame.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from classifier.decisions import decide
from classifier.models import Category, ConfidenceKind, Evidence, Judgement, Result, Taxonomy
from classifier.outputs.report import About, Judged, ReportScorer, gather, render

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from support.browser import Browser, Page

LOADS = 5
IDENTITY = "synthetic:none:0123456789abcdef"
AT_RANDOM = random.Random(0)
WORDS = [
    "".join(AT_RANDOM.choices("aeioubdgklmnprst", k=AT_RANDOM.randint(3, 9))) for _ in range(3000)
]


def text(words: int) -> str:
    return " ".join(AT_RANDOM.choices(WORDS, k=words))


def taxonomy(categories: int) -> Taxonomy:
    return Taxonomy(
        categories=tuple(
            Category(
                id=f"kind-{n % 3}/category-{n}",
                kind=f"kind-{n % 3}",
                title=text(2).title(),
                description=text(20),
            )
            for n in range(categories)
        )
    )


def articles(number: int, categories: Taxonomy) -> Iterator[Judged]:
    for n in range(number):
        body = "\n\n".join(text(60) for _ in range(6))
        judgements = []
        for category in categories.categories:
            start = AT_RANDOM.randrange(len(body) - 200)
            judgements.append(
                Judgement(
                    category=category.id,
                    confidence=AT_RANDOM.betavariate(0.3, 3),
                    kind=ConfidenceKind.STATED,
                    scorer=IDENTITY,
                    aspects={"mentions": 0.5, "alignment": 0.25, "depth": 0.75},
                    reasoning=text(36),
                    evidence=(Evidence(body[start : start + 200], start, start + 200),),
                )
            )
        result = Result(
            article=f"content/{n // 100}/{text(4).replace(' ', '-')}-{n}.md",
            title=text(6).capitalize(),
            scorer=IDENTITY,
            model="none",
            decision=decide(judgements, categories),
        )
        times = {category.id: 1.8e9 for category in categories.categories}
        yield Judged(results=[result], times=[times], body=body)


def made(number: int, width: int, *, explain: bool) -> str:
    categories = taxonomy(width)
    source = ReportScorer(identity=IDENTITY, taxonomy=categories)
    judged = list(articles(number, categories))
    begun = time.perf_counter()
    data = gather(About(paths=["content"], sources=[source], made=1.8e9, explain=explain), judged)
    page = render(data)
    print(f"made in {time.perf_counter() - begun:.1f} s, {len(page) / 1e6:.2f} MB")
    return page


def table(number: int, width: int) -> str:
    rows = (
        "<tr>" + "".join(f"<td>{AT_RANDOM.random():.2f}" for _ in range(width))
        for _ in range(number)
    )
    return (
        "<!DOCTYPE html><meta charset=utf-8><table>"
        + "\n".join(rows)
        + "</table><script>requestAnimationFrame(() => setTimeout(() => {"
        "performance.mark('rendered'); document.documentElement.dataset.ready = '' }))</script>"
    )


def loads(browser: Browser, file: Path, *marks: str) -> None:
    times: dict[str, list[float]] = {mark: [] for mark in marks}
    for _ in range(LOADS):
        page = browser.open(file.as_uri())
        for mark in marks:
            page.until(f"performance.getEntriesByName({mark!r}).length")
            times[mark].append(page.run(f"performance.getEntriesByName({mark!r})[0].startTime"))
        page.close()
    for mark, found in times.items():
        print(f"  {mark}: {statistics.median(found):.0f} ms ({min(found):.0f}-{max(found):.0f})")


STEPS = {
    "filter by words": "location.hash = '#view=VIEW&q=al'",
    "filter by level": "location.hash = '#view=VIEW&level=Primary,Secondary'",
    "order by a category": "location.hash = '#view=VIEW&sort=kind-1/category-1'",
    "all again": "location.hash = '#view=VIEW'",
}
SCROLL = {
    "map": "document.querySelector('.map').scrollTop += 700",
    "articles": "document.querySelector('.list').scrollTop += 700",
}


def step(page: Page, action: str) -> float:
    return page.run(
        f"""new Promise((done) => requestAnimationFrame(() => {{
            const begun = performance.now();
            {action};
            // hashchange and scroll events come first, then the frame that shows them.
            setTimeout(() => requestAnimationFrame(() => setTimeout(
                () => done(performance.now() - begun))));
        }}))"""
    )


def steps(browser: Browser, file: Path) -> None:
    for view, scroll in SCROLL.items():
        page = browser.open(f"{file.as_uri()}#view={view}")
        for name, action in STEPS.items():
            print(f"  {view}, {name}: {step(page, action.replace('VIEW', view)):.0f} ms")
        times = [step(page, scroll) for _ in range(20)]
        print(f"  {view}, scroll: {statistics.median(times):.0f} ms (worst {max(times):.0f})")
        print(f"  {view}, elements: {page.run('document.querySelectorAll(`*`).length')}")
        page.close()
    page = browser.open(file.as_uri())
    names = page.run("document.querySelectorAll('.bars a[href*=\"category=\"]')[0].hash")
    print(f"  open a category: {step(page, f'location.hash = {names!r}'):.0f} ms")
    heap = page.run("performance.memory.usedJSHeapSize")
    print(f"  memory of the script: {heap / 1e6:.0f} MB")
    page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--categories", type=int, default=100)
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        file = given.page or Path(folder, "report.html")
        if given.page is None:
            print(f"report, {given.articles:,} x {given.categories:,}")
            file.write_text(
                made(given.articles, given.categories, explain=given.explain), encoding="utf-8"
            )
        loads(browser, file.absolute(), "first-contentful-paint", "rendered", "explained")
        steps(browser, file.absolute())
        if given.page is None:
            plain = Path(folder, "table.html")
            plain.write_text(table(given.articles, given.categories), encoding="utf-8")
            print(f"baseline: a table, {plain.stat().st_size / 1e6:.2f} MB")
            loads(browser, plain, "rendered")


if __name__ == "__main__":
    main()
