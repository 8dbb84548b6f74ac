"""How far the code, its reader and the files of a site travel: counted, for one or two checkouts.

    python benchmarks/house.py [--checkout DIR] [--against DIR] [--only static runs start]

To compare with an earlier commit: `git worktree add ../before COMMIT`, then `--against ../before`.
No module of the package is named here, so any commit can be counted. Each command runs in a process
of its own, on a site made of seven articles of `examples/` (YAML, TOML and JSON front matter) and
the categories of this checkout. Language model calls go to a server on loopback.

static: read from the source. A class, function or method is public where neither its name nor that
of its class begins with an underscore. Lengths include signature and docstring.

trips: every call of a function, seen by `sys.setprofile` in all threads. A module is entered when a
function or the body of a class runs in it; being imported is not enough. A hop is a call whose
nearest caller inside the package is in another module: a callback through a library is one, and a
generator that is resumed counts again. "One call" is `OpenAIScorer.score` for one task that takes
one HTTP request, from the task to its outcome, after a first task has loaded everything; reading
the article, store, taxonomy and command line have no part in it.

reads: every opening of an article for reading, by an audit hook. A parse turns the front matter of
an article into values; a scan is a parser (PyYAML, tomlkit, json) that starts on it for something
else, such as nodes or places. Front matter of definitions is not counted.

start: `classify --help` beside the help of a Typer app with one command that prints hello, in
turns, medians; and the first classification of one article on a new site, as a process. These
figures alone depend on the machine.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import runpy
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Final

import tomlkit.parser
import yaml

PACKAGE: Final = "classifier"
OPTIONS: Final[tuple[dict[str, list[str]], ...]] = (
    {
        "categories": ["--categories"],
        "apply": ["apply", "content"],
        "openai": ["--scorer", "openai", "--model", "loopback", "--base-url"],
        "outputs": ["--json", "--sidecar", "--write", "--summary=runs.md", "--output=rows.jsonl"],
    },
)
"""Words of the command line; a checkout uses the first set all of whose options its
`classify run --help` knows."""
GROUPS: Final = ("static", "runs", "start")
ROUNDS: Final = 9
HELLO: Final = """
import typer
app = typer.Typer()
@app.command()
def hello(name: str) -> None:
    print("Hello", name)
app()
"""

Figures = dict[str, str]
"""What was counted, by the row's label."""

# --- the site ------------------------------------------------------------------------------------

HERE: Final = Path(__file__).resolve().parents[1]
ARTICLES: Final = [p for p in sorted((HERE / "examples").glob("*.md")) if p.stem != "README"][:7]
FIRST: Final = f"content/{ARTICLES[0].name}"
MARK: Final = "housemark"
"""A key in the front matter of every article, by which parsers are known to read one."""


def make_site(folder: Path) -> Path:
    (folder / "content").mkdir()
    for article in ARTICLES:
        text = article.read_text()
        fence, rest = text[:4], text[4:]
        if article == ARTICLES[-1]:
            head, body = rest.split("---\n", maxsplit=1)
            meta = {MARK: 1, **yaml.safe_load(head)}
            text = json.dumps(meta, indent=2, default=str) + "\n" + body
        else:
            text = f"{fence}{MARK}{' =' if fence.startswith('+') else ':'} 1\n{rest}"
        path = folder / "content" / article.name
        path.write_text(text)
        an_hour_ago = time.time() - 3600  # a file that has just changed is read again
        os.utime(path, (an_hour_ago, an_hour_ago))
    return folder


# --- inside the process that is counted ----------------------------------------------------------


class Trace:
    """A profile function that follows calls between the modules of the package."""

    def __init__(self, package: Path) -> None:
        self._package = f"{package}{os.sep}"
        self._main = threading.main_thread().ident
        self.clear()

    def clear(self) -> None:
        self.modules: set[str] = set()
        self.functions: set[object] = set()
        self.hops: defaultdict[int, int] = defaultdict(int)  # by thread, as += is not atomic

    def start(self) -> None:
        threading.setprofile(self)
        sys.setprofile(self)

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or code.co_name == "<module>" or not self._ours(frame):
            return
        self.modules.add(code.co_filename)
        if not code.co_flags & 1:  # the body of a class: only functions have fast locals
            return
        self.functions.add(code)
        caller = frame.f_back
        while caller and not self._ours(caller):
            caller = caller.f_back
        if caller and caller.f_code.co_filename != code.co_filename:
            self.hops[threading.get_ident()] += 1

    def _ours(self, frame: FrameType) -> bool:
        return frame.f_code.co_filename.startswith(self._package)

    def figures(self) -> dict[str, Any]:
        main = self.hops.pop(self._main or 0, 0)
        return {
            "modules": sorted(name.removeprefix(self._package) for name in self.modules),
            "functions": len(self.functions),
            "hops": (main, sum(self.hops.values())),
        }


class Files:
    """Notes "read", "parse" and "start" (of a parser) for articles, once it is installed."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._names = {path.name for path in ARTICLES}

    def install(self) -> None:
        sys.addaudithook(self.opened)
        for name, loader in list(vars(yaml).items()):
            if name.endswith("Loader") and "__init__" in vars(loader):
                self._wrap(loader, "__init__", self.started)
        self._wrap(yaml.constructor.BaseConstructor, "construct_document", self.constructed)
        self._wrap(tomlkit.parser.Parser, "__init__", self.started)
        self._wrap(tomllib, "loads", self.decoded)
        self._wrap(json.JSONDecoder, "raw_decode", self.decoded)

    @staticmethod
    def _wrap(owner: Any, name: str, note: Callable[..., None]) -> None:
        """Have `note(result, *arguments)` called whenever a function has returned."""
        inner = getattr(owner, name)

        def outer(*args: Any, **kwargs: Any) -> Any:
            result = inner(*args, **kwargs)
            note(result, *args, *kwargs.values())
            return result

        setattr(owner, name, outer)

    def opened(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(args[0], str | bytes | os.PathLike):
            reads = not (args[2] or 0) & os.O_WRONLY
            if reads and Path(os.fsdecode(args[0])).name in self._names:
                self.seen.append("read")

    def started(self, _: object, __: object, text: object, *___: object) -> None:
        if MARK in (text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)):
            self.seen.append("start")

    def constructed(self, _: object, __: object, node: Any) -> None:
        if isinstance(node, yaml.MappingNode) and any(key.value == MARK for key, _ in node.value):
            self.seen.append("parse")

    def decoded(self, value: Any, *_: object) -> None:
        value = value[0] if isinstance(value, tuple) else value
        if value == MARK:  # JSON that is read member by member
            self.seen.append("start")
        elif isinstance(value, dict) and MARK in value:
            self.seen += ["start", "parse"]


def probe(checkout: Path, out: Path, arguments: list[str]) -> None:
    """Run a command of the checkout, or one call of its scorer, and write down what was counted."""
    files = Files()
    files.install()
    trace = Trace(checkout / PACKAGE)
    trace.start()
    try:
        if arguments[0] == "one-call":
            one_call(arguments[1], ready=trace.clear)
        else:
            sys.argv = ["classify", *arguments]
            runpy.run_module(PACKAGE, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            raise
    finally:
        sys.setprofile(None)
    out.write_text(json.dumps(trace.figures() | Counter(files.seen)))


def one_call(url: str, *, ready: Callable[[], None]) -> None:
    from classifier import Article, Category, OpenAIScorer, Task, read_article

    categories = tuple(
        Category(id=f"tags/{title.lower()}", kind="tags", title=title, description=f"About {title}")
        for title in ("Baking", "Sailing", "Chess")
    )
    scorer = OpenAIScorer("loopback", base_url=url)
    for path in ARTICLES[:2]:
        article = read_article(path)
        assert isinstance(article, Article), article
        ready()
        (outcome,) = scorer.score([Task(article, categories)])
        assert outcome.usage.calls == 1, outcome
        assert len(outcome.judgements) == len(categories), outcome


# --- the figures of a checkout -------------------------------------------------------------------


class Checkout:
    def __init__(self, folder: Path, work: Path) -> None:
        self.folder = folder.resolve()
        assert (self.folder / PACKAGE).is_dir(), f"{folder}: no {PACKAGE}/ in it"
        self._work = Path(tempfile.mkdtemp(dir=work))
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CLASSIFY", "OPENAI"))}
        self.environment = kept | {"PYTHONPATH": str(self.folder), "COLUMNS": "200"}

    @property
    def name(self) -> str:
        git = ["git", "-C", str(self.folder), "describe", "--always", "--dirty"]
        done = subprocess.run(git, capture_output=True, text=True, check=False)
        return done.stdout.strip() or self.folder.name

    def new_site(self) -> Path:
        return make_site(Path(tempfile.mkdtemp(dir=self._work)))

    def run(self, command: Sequence[str], site: Path) -> str:
        command = [sys.executable, "-P", *command]
        done = subprocess.run(
            command, cwd=site, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{self.name}: {command}: {done.stdout}{done.stderr}"
        return done.stdout

    def options(self) -> dict[str, list[str]]:
        text = self.run(["-m", PACKAGE, "run", "--help"], self._work)
        for variant in OPTIONS:
            words = [word.partition("=")[0] for part in variant.values() for word in part]
            if all(f"{word} " in text for word in words if word.startswith("--")):
                return variant | {"categories": [*variant["categories"], str(HERE / "categories")]}
        sys.exit(f"{self.name}: `classify run --help` fits none of OPTIONS in {__file__}")

    def counted(self, site: Path, *arguments: str) -> dict[str, Any]:
        out = self._work / "counted.json"
        this = str(Path(__file__).resolve())
        self.run([this, "--checkout", str(self.folder), "--probe", str(out), *arguments], site)
        return json.loads(out.read_text())


def runs(checkout: Checkout) -> Figures:
    sys.path.insert(0, str(HERE / "tests"))
    from support.chat_server import ChatServer, Reply, Request, judge

    def counting(request: Request) -> Reply:
        """Say as many tokens as were sent: a server that read fewer is not believed."""
        reply = judge(request)
        assert isinstance(reply.body, dict)
        reply.body["usage"]["prompt_tokens"] = len(request.raw) // 4
        return reply

    options = checkout.options()
    site, other, third = (checkout.new_site() for _ in range(3))
    known, outputs = options["categories"], options["outputs"]
    run = ["run", "content", *known]
    with ChatServer(counting) as server:
        openai = [*options["openai"], server.url]
        counted = {
            "run ARTICLE": checkout.counted(other, "run", FIRST, *known),
            "run FOLDER, openai": checkout.counted(other, *run, *openai),
            "run FOLDER": checkout.counted(site, *run),
            "run FOLDER again": checkout.counted(site, *run),
            "apply FOLDER": checkout.counted(site, *options["apply"], *known),
            "run FOLDER, all outputs": checkout.counted(third, *run, *outputs),
        }
        call = checkout.counted(other, "one-call", server.url)
    figures = {}
    for name in ("run ARTICLE", "run FOLDER, openai", "apply FOLDER"):
        found = counted[name]
        figures[f"{name}: modules entered"] = f"{len(found['modules']):,}"
        figures[f"{name}: functions entered"] = f"{found['functions']:,}"
        figures[f"{name}: hops, main thread + others"] = " + ".join(f"{n:,}" for n in found["hops"])
    below = sum(name.startswith("scorers/") for name in call["modules"])
    figures["one call: modules entered"] = f"{len(call['modules'])}, {below} in scorers/"
    figures["one call: hops, all threads"] = f"{sum(call['hops']):,}"
    for name in ("run FOLDER", "run FOLDER again", "run FOLDER, all outputs", "apply FOLDER"):
        read, parse, begun = (counted[name].get(key, 0) for key in ("read", "parse", "start"))
        figures[f"{name}: article reads"] = f"{read}"
        figures[f"{name}: front matter parses + scans"] = f"{parse} + {begun - parse}"
    print(f"{checkout.name}: one call enters {', '.join(call['modules'])}")
    return figures


# --- the source ----------------------------------------------------------------------------------


def static(checkout: Checkout) -> Figures:
    package = checkout.folder / PACKAGE
    modules = {path.relative_to(package): path.read_text() for path in package.rglob("*.py")}
    lengths = {path.as_posix(): len(text.splitlines()) for path, text in modules.items()}
    below = sum(length for path, length in lengths.items() if path.startswith("cli/"))
    whole = sum(lengths.values())
    functions: dict[str, int] = {}
    public: list[bool] = []
    classes: Counter[str] = Counter()
    for path, text in modules.items():
        for names, node in definitions(ast.parse(text)):
            if isinstance(node, ast.ClassDef):
                classes[names[-1]] += len(names) == 1
            else:
                key = f"{path.as_posix()} {'.'.join(names)}"
                functions[key] = (node.end_lineno or 0) - node.lineno + 1
            if not any(name.startswith("_") for name in names):
                public.append(ast.get_docstring(node) is not None)
    stems = Counter(path.stem for path in modules if path.stem != "__init__")
    twice = [(name, count) for name, count in classes.most_common() if count > 1]
    documented = f"{sum(public):,} of {len(public):,} ({sum(public) / len(public):.0%})"
    figures = {
        "modules": f"{len(modules):,}",
        "lines": f"{whole:,}",
        "lines in cli/": f"{below:,} ({below / whole:.0%})",
        "module names used more than once": f"{sum(count > 1 for count in stems.values())}",
        "class names used more than once": f"{len(twice)}",
        "most used of them": ", ".join(f"{name} {count}x" for name, count in twice[:2]) or "-",
        "public definitions with docstrings": documented,
    }
    for kind, found in (("module", lengths), ("function", functions)):
        for number, (name, length) in enumerate(Counter(found).most_common(3), 1):
            figures[f"longest {kind}, {number}"] = f"{length} {name}"
    return figures


def definitions(
    tree: ast.AST, within: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield classes, functions and methods with their dotted names, none that is in a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names = (*within, node.name)
            yield names, node
            if isinstance(node, ast.ClassDef):
                yield from definitions(node, names)
        elif isinstance(node, ast.stmt):  # `if`, `try`
            yield from definitions(node, within)


# --- start-up ------------------------------------------------------------------------------------


def seconds(checkout: Checkout, command: Sequence[str], site: Path) -> float:
    started = time.perf_counter()
    checkout.run(command, site)
    return time.perf_counter() - started


def start(checkouts: Sequence[Checkout]) -> list[Figures]:
    """Let all take turns, so that they share what else the machine does."""
    times: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    categories = {checkout: checkout.options()["categories"] for checkout in checkouts}
    for number in range(ROUNDS + 1):
        for checkout in checkouts:
            site = checkout.new_site()
            commands = {
                "hello": ["-c", HELLO, "--help"],
                "help": ["-m", PACKAGE, "--help"],
                "cold": ["-m", PACKAGE, "run", FIRST, *categories[checkout]],
            }
            for name, command in commands.items():
                taken = seconds(checkout, command, site)
                if number:  # the first round writes bytecode and fills the cache of files
                    times[checkout.name, name].append(taken)
    found = []
    for checkout in checkouts:
        hello, help_, cold = (
            statistics.median(times[checkout.name, name]) for name in ("hello", "help", "cold")
        )
        found.append(
            {
                "classify --help, times Typer's hello": f"{help_ / hello:.2f}",
                "classify --help, seconds": f"{help_:.2f}",
                "one article, cold, seconds": f"{cold:.2f}",
            }
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--checkout", type=Path, default=HERE)
    parser.add_argument("--against", type=Path, help="an earlier checkout, shown first")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, help="what to count")
    parser.add_argument("--probe", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.probe:
        out, *arguments = given.probe
        probe(given.checkout, Path(out), arguments)
        return
    with tempfile.TemporaryDirectory(prefix="classify-house-") as work:
        folders = [folder for folder in (given.against, given.checkout) if folder]
        checkouts = [Checkout(folder, Path(work)) for folder in folders]
        columns: list[Figures] = [{} for _ in checkouts]
        for column, checkout in zip(columns, checkouts, strict=True):
            column.update(static(checkout) if "static" in given.only else {})
            column.update(runs(checkout) if "runs" in given.only else {})
        if "start" in given.only:
            for column, figures in zip(columns, start(checkouts), strict=True):
                column.update(figures)
        show([checkout.name for checkout in checkouts], columns)


def show(names: Sequence[str], columns: Sequence[Figures]) -> None:
    rows = [("", *names)] + [(label, *(c[label] for c in columns)) for label in columns[0]]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main()
