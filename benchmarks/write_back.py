"""Labels into the front matter of real sites: what is edited, refused, and undone to the byte.

    python benchmarks/write_back.py ../shared/sites

Every folder below the one given is a site, and every file in it is tried. Each edit is checked by
tests/support/one_key.py, which shares no code with the editor: anything else than the one key that
changed is a fault, and faults end with exit code 1. `again` counts files in which a second edit
changes nothing, `undone` those that the old labels, put in place of the new ones, bring back to the
old bytes; where the key is new, that it is removed. The row `on disk` goes through the file system,
on a copy. Nothing in the folder itself is touched.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from classifier.content import articles
from classifier.content.front_matter import reading
from classifier.content.front_matter.model import EditError
from classifier.models import Article
from classifier.outputs import write_back
from classifier.outputs.label_merge import merge, replace

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from support.editing import edit, edit_scalar, labels
from support.one_key import trouble

KEYS = ("tags", "topics", "categories", "authors", "keywords", "concepts")
ONE = ("Field Notes",)
TWO = ("Field Notes", 'Q&A: what\'s "next"?')
MISSING = "classified_as"


@dataclass
class Row:
    edited: int = 0
    unchanged: int = 0
    again: int = 0
    undone: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    other_bytes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("sites", type=Path, nargs="?", default=Path("../shared/sites"))
    sites = sorted(path for path in parser.parse_args().sites.iterdir() if path.is_dir())
    faults = 0
    for site in sites:
        files = [path for path in sorted(site.rglob("*")) if path.is_file()]
        key = _key(files)
        print(f"\n{site.name}: {len(files)} files, labels under {key!r}")
        print(
            f"{'':14}{'edited':>8}{'same':>8}{'refused':>8}{'again':>8}{'undone':>8}{'faults':>8}"
        )
        for name, row in _rows(site, files, key):
            counts = (row.edited, row.unchanged, row.refused.total(), row.again, row.undone)
            print(f"{name:14}" + "".join(f"{n:8}" for n in (*counts, len(row.faults))))
            for reason, number in row.refused.most_common():
                print(f"{'':14}  {number} refused: {reason}")
            for reason, number in row.other_bytes.most_common():
                print(f"{'':14}  {number} not undone: {reason}")
            for fault in row.faults:
                print(f"{'':14}  FAULT {fault}")
            faults += len(row.faults)
    return bool(faults)


def _key(files: list[Path]) -> str:
    """Return the key that most files of the site have labels under."""
    found: Counter[str] = Counter()
    for path in files:
        for key in KEYS:
            try:
                found[key] += bool(labels(path.read_bytes(), key))
            except EditError:
                continue
    return found.most_common(1)[0][0]


def _rows(site: Path, files: list[Path], key: str) -> Iterator[tuple[str, Row]]:
    yield "add one", _tried(files, key, lambda there: merge(there, ONE))
    yield "add two", _tried(files, key, lambda there: merge(there, TWO))
    yield "remove first", _tried(files, key, lambda there: there[1:])
    yield "remove last", _tried(files, key, lambda there: there[:-1])
    yield (
        "swap first",
        _tried(files, key, lambda there: replace(there, (*ONE, *there[1:]))),
    )
    yield "other key", _tried(files, MISSING, lambda there: replace(there, TWO))
    yield "weight", _numbered(files)
    yield "on disk", _on_disk(site, key)


def _tried(
    files: list[Path], key: str, wanted: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> Row:
    row = Row()
    for path in files:
        before = path.read_bytes()
        try:
            there = labels(before, key)
            asked = wanted(there)
            after = edit(before, key, asked)
        except EditError as error:
            row.refused[_plain(str(error))] += 1
            continue
        if after == before:
            row.unchanged += 1
            continue
        row.edited += 1
        fault = trouble(before, after, _spelled(after, key))
        row.faults += [f"{path}: {fault}"] if fault else []
        row.again += edit(after, key, partial(replace, ours=asked)) == after
        new = len(before.splitlines()) < len(after.splitlines()) and not there
        back = edit(after, key, None if new else partial(replace, ours=there))
        row.undone += back == before
        if back != before:
            row.other_bytes[_why(there, asked)] += 1
    return row


def _why(there: tuple[str, ...], asked: tuple[str, ...]) -> str:
    if not there:
        return "the key had no value or an empty list"
    return "the spacing of the list" if asked else "its last label had been taken out"


def _numbered(files: list[Path]) -> Row:
    row = Row()
    for path in files:
        before = path.read_bytes()
        try:
            after = edit_scalar(before, "weight", 57)
        except EditError as error:
            row.refused[_plain(str(error))] += 1
            continue
        row.edited += after != before
        row.unchanged += after == before
        fault = after != before and trouble(before, after, "weight", 57)
        row.faults += [f"{path}: {fault}"] if fault else []
        row.again += after != before and edit_scalar(after, "weight", 57.0) == after
        old = reading.parse(before.decode()).meta.get("weight")
        if old is None:
            row.undone += edit(after, "weight", None) == before
        else:
            row.undone += edit_scalar(after, "weight", old) == before
    return row


def _on_disk(site: Path, key: str) -> Row:
    row = Row()
    edits = write_back.Edits(labels={key: partial(merge, ours=TWO)})
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(site, Path(folder) / "site")
        for path in sorted(path for path in copy.rglob("*") if path.is_file()):
            before = path.read_bytes()
            article = articles.read(path)
            digest = article.digest if isinstance(article, Article) else ""
            edited = write_back.prepare(path, edits, digest=digest)
            refused = edited if isinstance(edited, write_back.Refused) else write_back.write(edited)
            if refused:
                row.refused[_plain(refused.message.replace(repr(path.as_posix()), "it"))] += 1
                row.faults += [] if path.read_bytes() == before else [f"{path}: changed"]
                continue
            after = path.read_bytes()
            row.edited += after != before
            row.unchanged += after == before
            fault = after != before and trouble(before, after, _spelled(after, key))
            row.faults += [f"{path}: {fault}"] if fault else []
            second = write_back.prepare(path, edits, digest=digest)
            row.again += isinstance(second, write_back.Edited) and not second.changed
            assert isinstance(edited, write_back.Edited)
            undo = Counter(edited.added[key])
            back = write_back.Edits(labels={key: partial(_less, undo)})
            third = write_back.prepare(path, back, digest=digest)
            if isinstance(third, write_back.Edited) and not write_back.write(third):
                row.undone += path.read_bytes() == before
    return row


def _less(undo: Counter[str], there: tuple[str, ...]) -> list[str] | None:
    """Take out what was put in; nothing left is no key."""
    return [label for label in there if label not in undo] or None


def _spelled(after: bytes, key: str) -> str:
    """Return the key as the file has it: `Tags`."""
    found = re.search(rf"^\W*({key})\W*[:=]", after.decode(), re.MULTILINE | re.IGNORECASE)
    return found[1] if found else key


def _plain(reason: str) -> str:
    return re.sub(r"at line \d+: .*", "at a line", reason)


if __name__ == "__main__":
    sys.exit(main())
