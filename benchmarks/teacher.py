"""The whole way with a teacher, as a user goes it: teach, judge offline, evaluate, ask again.

    pip install bpe-openai             # counts tokens as the model does; without it: our estimate
    python benchmarks/teacher.py [--data ../shared/data/digitalgov] [--articles 300] [--sample 100]
        [--calls 40] [--settle articles] [--until plateau]

The articles of a set, with its labels in their front matter, and definitions from its descriptions
make a site. A server on loopback answers from the same labels, with the lengths and scores of
`cost.py`. Each command runs as a process, and prints what a user sees. The first two of `train
--teacher` are killed with SIGKILL while answers are under way, the third has a budget of `--calls`,
the fourth goes on to the end.

Checked, and an error where it does not hold: nothing is asked again but what was under way when the
process was killed, the budget is not exceeded, the offline run, `eval` and `--plan` make no call,
and the cascade asks about no article that the teacher has judged. With `--until`, every command of
`train` has it, and one more of them asks nothing where it has stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cost

from classifier.content import document
from classifier.models import Failure, Task
from classifier.taxonomy import loading

MODEL, UNDER_WAY = "teacher-1", 4


class Counted(cost.Server):
    """Notes what arrives: an article and the categories that it is asked about."""

    def reset(self) -> None:
        super().reset()
        self.arrived: list[str] = []

    async def _reply(self, body: Mapping[str, Any]) -> dict[str, Any]:
        self.arrived.append(json.dumps(body["messages"]))
        return await super()._reply(body)


def make_site(data: Path, folder: Path, articles: int) -> None:
    labels = json.loads((data / "labels.json").read_text("utf-8"))
    docs = [json.loads(line) for line in (data / "docs.jsonl").read_text("utf-8").splitlines()]
    random.Random(3).shuffle(docs)
    titles = {label["name"]: label["title"] for label in labels}
    (folder / "categories" / "topics").mkdir(parents=True)
    (folder / "content").mkdir()
    for label in labels:
        front = {"title": label["title"], "description": label["description"]}
        text = f"---\n{json.dumps(front)}\n---\n"
        (folder / "categories" / "topics" / f"{label['name']}.md").write_text(text, "utf-8")
    for number, doc in enumerate(docs[:articles]):
        front = {"title": doc["title"], "topics": [titles[name] for name in doc["labels"]]}
        text = f"---\n{json.dumps(front)}\n---\n\n{doc['text']}\n"
        (folder / "content" / f"{number:04}.md").write_text(text, "utf-8")


def read_site(folder: Path) -> cost.Site:
    categories = tuple(loading.load(folder / "categories").categories)
    tasks, labels = [], {}
    for path in sorted((folder / "content").glob("*.md")):
        opened = document.read(path)
        assert isinstance(opened, document.Document)
        article = opened.article
        if isinstance(article, Failure):  # the run says so
            continue
        tasks.append(Task(article, categories))
        labels[article.id] = set(json.loads(path.read_text("utf-8").split("\n")[1])["topics"])
    return cost.Site(tasks, labels)


class Way:
    """Runs commands in the site, and prints them with what they print."""

    def __init__(self, folder: Path, server: Counted) -> None:
        self._folder, self._server = folder, server
        root = str(Path(__file__).parents[1])
        self._environment = os.environ | {"PYTHONPATH": root, "COLUMNS": "100"}

    def run(self, *command: str, kill_after: int | None = None) -> None:
        print(f"\n$ classify {shlex.join(command)}", flush=True)
        before = len(self._server.arrived)
        process = subprocess.Popen(
            [sys.executable, "-m", "classifier", *command],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if kill_after is not None:
            while len(self._server.arrived) - before < kill_after and process.poll() is None:
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
        said, _ = process.communicate()
        print(said.rstrip())
        calls = len(self._server.arrived) - before
        print(f"[exit code {process.returncode}, {calls} calls]", flush=True)
        self.calls = calls


def check(way: Way, server: Counted, given: argparse.Namespace) -> None:
    train = ("train", "content", "--teacher", MODEL, "--articles", str(given.sample))
    train += ("--until", given.until) if given.until else ()
    way.run(*train, "--dry-run")
    assert not server.arrived
    way.run(*train, kill_after=given.calls // 3)
    way.run(*train, kill_after=given.calls // 3)
    way.run(*train, "--max-calls", str(given.calls))
    assert way.calls <= given.calls, "the budget is exceeded"
    way.run(*train)
    taught = Counter(server.arrived)
    again = sum(taught.values()) - len(taught)
    assert again <= 2 * UNDER_WAY, f"{again} questions are paid for twice"
    print(f"\n{len(taught)} questions, {again} of them asked again after a kill")
    if given.until:
        way.run(*train)
        assert not way.calls, "it stopped, and asks for more"
    way.run("content")
    assert not way.calls
    way.run("eval", "content", "--field", "topics")
    assert not way.calls
    way.run("content", "--scorer", "openai", "--model", MODEL, "--plan")
    assert not way.calls
    start = len(server.arrived)
    way.run("content", "--scorer", "cascade", "--model", MODEL)
    users = [
        {json.loads(it)[1]["content"] for it in part} for part in (taught, server.arrived[start:])
    ]
    assert not users[0] & users[1], "the cascade asks about what the teacher has judged"
    way.run("eval", "content", "--field", "topics", "--scorer", "cascade", "--model", MODEL)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/digitalgov"))
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--settle", choices=["pairs", "articles"], default="pairs")
    parser.add_argument("--until", metavar="f1=SHARE|plateau")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_site(given.data, folder, given.articles)
        site = read_site(folder)
        _, split = cost.tokenizer()
        with Counted(cost.Judge(site, split), split) as server:
            pack = len(site.tasks[0].categories)
            (folder / "classify.toml").write_text(
                f'categories = "categories"\nbase_url = "{server.url}"\npack = {pack}\n'
                f'concurrency = {UNDER_WAY}\nsettle = "{given.settle}"\n'
            )
            check(Way(folder, server), server, given)


if __name__ == "__main__":
    main()
