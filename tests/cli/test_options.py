"""What several commands have in common is declared once, so that its help cannot differ."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

CLI = Path(__file__).parents[2] / "classifier" / "cli"


def test_no_option_is_declared_twice_with_the_same_words() -> None:
    places: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for path in sorted(CLI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("typer."):
                said = {word.arg: ast.unparse(word.value) for word in node.keywords}
                if "help" in said and ast.unparse(node.func) != "typer.Typer":
                    key = (said["help"], said.get("metavar", ""), *map(ast.unparse, node.args))
                    places[key].append(f"{path.name}:{node.lineno}")
    assert len(places) > 100
    assert {key: where for key, where in places.items() if len(where) > 1} == {}


def test_every_option_here_is_one_of_several_commands() -> None:
    tree = ast.parse((CLI / "options.py").read_text(encoding="utf-8"))
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    names = [
        node.targets[0].id
        for node in assigned
        if isinstance(node.targets[0], ast.Name) and isinstance(node.value, ast.Subscript)
    ]
    commands = [path.read_text(encoding="utf-8") for path in (CLI / "commands").glob("*.py")]
    used = Counter(re.findall(r"\bo\.(\w+)", "\n".join(commands)))
    assert len(names) > 30
    assert [name for name in names if used[name] < 2] == []
