"""Judge a site, evaluate, and publish: `python examples/pipeline.py [FOLDER [GOLD.csv]]`.

Settings come from classify.toml in FOLDER (default: here) or above it. Labels are not written.
"""

import sys
from pathlib import Path

from classifier import ClassifierError, Project
from classifier.project.events import Event, Message


def show(event: Event) -> None:
    if isinstance(event, Message):
        print(event.text, file=sys.stderr)


def main(folder: Path = Path(), gold: Path | None = None) -> int:
    with Project.open(folder, on_event=show) as project:
        site = project.only(exclude=["README.md"])
        run = site.run(folder)
        for result in run.results():
            for kind, titles in result.labels.items():
                if titles:
                    print(result.article, kind, ", ".join(titles), sep="\t")
            for failure in result.failures:
                print(result.article, failure.reason, failure.message, sep="\t", file=sys.stderr)
        if gold is not None:
            for group in site.evaluate(gold).report.groups:
                print(group.kind or "all", "F1", round(group.metrics["f1"].value, 2), sep="\t")
        print(len(site.apply(folder, dry_run=True).changed), "files would change", sep="\t")
        print("written to", site.report(folder, output=folder / "report.html").path, sep="\t")
        return 0 if run.complete else 1


if __name__ == "__main__":
    try:
        sys.exit(main(*map(Path, sys.argv[1:3])))
    except ClassifierError as error:
        sys.exit(str(error))
