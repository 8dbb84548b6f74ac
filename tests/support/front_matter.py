"""Content files with front matter of any shape people write, and what is expected of an edit."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any

from hypothesis import strategies as st

KEY = "tags"

_printed = st.characters(
    exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"], exclude_characters="\ufeff"
)
_odd = [
    *("yes", "No", "null", "~", "1.0", "1e3", "0x1f", "12:30", "2020-01-01", "1,000", "y", ".inf"),
    *(
        "a: b",
        "a:",
        "#x",
        "a #b",
        "@x",
        "`x",
        "&x",
        "*x",
        "!x",
        "| x",
        "> x",
        "% x",
        "- x",
        "?",
        "-",
    ),
    *("[x]", "{x}", "x]", "a, b", "it's", '"q"', "back\\slash", " x ", "C#", "C++", ".NET", "---"),
    *("...", "<<", "=", "naïve", "日本語", "🚀 launch", "👩\u200d💻", "tags:"),
]
labels = st.text(_printed, min_size=1, max_size=20).filter(str.strip) | st.sampled_from(_odd)


@dataclass(frozen=True)
class File:
    data: bytes
    values: list[Any] = field(default_factory=list)
    """What a reader finds under the key, one by one; texts that are several are so here too."""
    comments: bool = False
    """There are comments among the labels, in brackets."""
    text: bool = False
    """The value is one text."""
    key: str = KEY

    @property
    def labels(self) -> list[str]:
        return [value if isinstance(value, str) else RAW[value] for value in self.values]


NUMBERS = {"2019": 2019, "true": True, "-1.5": -1.5}
RAW = {value: raw for raw, value in NUMBERS.items()}
PLAIN = ["go", "open data", "C#", "user-centered design", "a/b", "naïve", "日本語"]

_around = {
    "yaml": [
        'title: "x # not a comment"',
        "# a comment: with a colon",
        "",
        "date: 2020-01-01",
        "text: |\n  tags:\n    - no\n\n  more",
        "folded: >-\n  tags: [no]\n  more",
        "nested:\n  tags:\n    - inner\n  deep: {tags: [1, 2]}",
        "base: &base {a: [1, &one x]}\nother: *base",
        '"quoted key": 1',
        'tab: "a\tb"\t# after a tab',
        "words: several words\n  over lines",
        "unicode: naïve 🚀",
        "flow: [\n  x,\n  y ]",
        "empty:",
        "tagged: !thing {a: 1}",
        "twice: 1\ntwice: 2",
    ],
    "toml": [
        'title = "x # not a comment"',
        "# a comment = 1",
        "",
        "date = 2020-01-01T10:00:00Z",
        'text = """\ntags = ["no"]\n"""',
        "literal = '''\ntags = [1]'''",
        'inline = { tags = ["no"] }',
        'dotted.tags = ["no"]',
        "list = [\n  'x', # y\n  'z'\n]",
        "unicode = 'naïve 🚀'",
    ],
    "json": [
        '"title": "x, [y]"',
        '"nested": {\n "tags": ["no"]}',
        '"list": ["x", "y"]',
        '"number": 1.50',
        '"escaped\\u0041": "\\""',
    ],
}


@st.composite
def files(draw: st.DrawFn, kind: str | None = None) -> File:
    kind = kind or draw(st.sampled_from(sorted(_around)))
    values = draw(st.lists(st.sampled_from([*PLAIN, *NUMBERS.values()]) | labels, max_size=5))
    values = [one for n, one in enumerate(values) if one not in values[:n]]
    lines, file = draw(_FIELDS[kind](values))
    around = draw(st.lists(st.sampled_from(_around[kind]), unique=True, max_size=4))
    at = draw(st.integers(0, len(around)))
    parts = [*around[:at], *([lines] if lines is not None else []), *around[at:]]
    if kind == "toml":
        parts += draw(st.sampled_from([[], ["", "# of the table", "[params]", "tags = ['no']"]]))
    text = draw(st.sampled_from(["", "\n", "\ufeff", "\ufeff \n"])) + _enclosed(draw, kind, parts)
    ends = draw(st.sampled_from([["\n"], ["\r\n"], ["\n", "\r\n"], ["\r\n", "\n", "\n"]]))
    lines = text.split("\n")
    text = "".join(f"{line}{end}" for line, end in zip(lines, cycle(ends), strict=False))
    text = text.removesuffix(ends[(len(lines) - 1) % len(ends)])
    return replace(file, data=text.encode())


def _enclosed(draw: st.DrawFn, kind: str, parts: Sequence[str]) -> str:
    body = draw(st.sampled_from(["", "Body\n", "Body", "\n\ntags:\n- no\n---\n+++\nrest\n"]))
    if kind == "json":
        joint = draw(st.sampled_from([",\n  ", ", ", ",", ",\n\t"]))
        inner = joint.join(parts)
        return "{" + (joint[1:] + inner + joint[1:].rstrip(" \t") if inner else "") + "}\n" + body
    fence = "+++" if kind == "toml" else "---"
    closing = "+++" if kind == "toml" else draw(st.sampled_from(["---", "...", "--- "]))
    block = "".join(f"{part}\n" for part in parts)
    if (
        all(map(_BARE.match, block.splitlines()))
        and _BARE_START.match(block)
        and draw(st.booleans())
    ):
        return f"{block}{closing}" + (f"\n{body}" if body else "")  # Statiq's way
    return f"{fence}\n{block}{closing}" + (f"\n{body}" if body else "")


# --- the field -----------------------------------------------------------------------------------


@st.composite
def _yaml_field(draw: st.DrawFn, values: list[Any]) -> tuple[str | None, File]:
    key = draw(st.sampled_from(["tags", '"tags"', "'tags'", "tags ", "Tags"]))
    name = key.strip("\"' ")
    style = draw(st.sampled_from(["block", "flow", "lines", "commas", "one", "empty", "none"]))
    quoted = [_yaml_value(draw, value, flow=style != "block") for value in values]
    if style == "none":
        return None, File(b"")
    if style == "empty" or not values:
        return f"{key}:" + draw(st.sampled_from(["", " []", " [ ]", " # none", " ~"])), File(
            b"", key=name
        )
    if style == "block":
        return f"{key}:" + _block(draw, quoted), File(b"", values, key=name)
    if style == "lines":
        text, comments = _over_lines(draw, quoted)
        return f"{key}: {text}", File(b"", values, comments, key=name)
    if style == "commas":
        words = draw(
            st.lists(st.sampled_from(["go", "open data", "naïve"]), min_size=2, unique=True)
        )
        mark = draw(st.sampled_from(["", '"', "'"]))
        return f"{key}: {mark}{', '.join(words)}{mark}", File(b"", list(words), key=name, text=True)
    if style == "one":
        return f"{key}: go  # one", File(b"", ["go"], key=name, text=True)
    gap = draw(st.sampled_from(["", " "]))
    joint = draw(st.sampled_from([", ", ",  ", " , "]))
    return f"{key}: [{gap}{joint.join(quoted)}{gap}]", File(b"", values, key=name)


def _yaml_value(draw: st.DrawFn, value: Any, *, flow: bool) -> str:
    if not isinstance(value, str):
        return RAW[value]
    styles = [json.dumps(value, ensure_ascii=False), "'" + value.replace("'", "''") + "'"]
    return draw(st.sampled_from([*styles, value] if value in PLAIN else styles))


def _block(draw: st.DrawFn, quoted: Sequence[str]) -> str:
    indent = " " * draw(st.sampled_from([0, 2, 4]))
    gap = " " * draw(st.integers(1, 3))
    lines = [draw(st.sampled_from(["", " # of the list"]))]
    for one in quoted:
        lines += draw(st.sampled_from([[], [], [f"{indent}# above"], [""], ["# at the margin"]]))
        below = draw(st.sampled_from([f"{gap}{{}}", f"{gap}{{}} # beside", f"\n{indent}  {{}}"]))
        lines.append(f"{indent}-{below.format(one) if '{' not in one else gap + one}")
    lines += draw(st.sampled_from([[], [f"{indent}# below"], ["", "# for the next key"]]))
    return "\n".join(lines)


def _over_lines(draw: st.DrawFn, quoted: Sequence[str]) -> tuple[str, bool]:
    """Return a list in brackets over several lines, and whether it has comments."""
    first = draw(st.sampled_from(["", "\n  "]))
    joint = draw(st.sampled_from([",\n  ", ", # beside\n  ", ",\n  # above\n  "]))
    last = draw(st.sampled_from(["\n", ",\n", " # beside\n", ", # beside\n  # below\n", ""]))
    text = f"[{first}{joint.join(quoted)}{last}  ]"
    return text, ("#" in joint and len(quoted) > 1) or "#" in last


@st.composite
def _toml_field(draw: st.DrawFn, values: list[Any]) -> tuple[str | None, File]:
    style = draw(st.sampled_from(["flow", "lines", "commas", "empty", "none"]))
    if style == "none":
        return None, File(b"")
    if style == "empty" or not values:
        return "tags = " + draw(st.sampled_from(["[]", '""', "[ ]"])), File(b"")
    if style == "commas":
        return 'tags = "go, open data" # two', File(b"", ["go", "open data"], text=True)
    quoted = [_toml_value(draw, value) for value in values]
    if style == "lines":
        text, comments = _over_lines(draw, quoted)
        return f"tags = {text}", File(b"", values, comments)
    return f"tags=[{', '.join(quoted)}] # all", File(b"", values)


def _toml_value(draw: st.DrawFn, value: Any) -> str:
    if not isinstance(value, str):
        return RAW[value]
    basic = json.dumps(value, ensure_ascii=False)
    return draw(st.sampled_from([basic] if "'" in value else [basic, f"'{value}'"]))


@st.composite
def _json_field(draw: st.DrawFn, values: list[Any]) -> tuple[str | None, File]:
    style = draw(st.sampled_from([None, 2, "text", "none"]))
    if style == "none":
        return None, File(b"")
    if style == "text":
        return '"tags" : "go, open data"', File(b"", ["go", "open data"], text=True)
    text = json.dumps(values, ensure_ascii=draw(st.booleans()), indent=style)
    return f'"tags": {text}', File(b"", values)


_BARE = re.compile(r"[A-Za-z_][\w-]*:(?!\S)|[ \t]|#|- |$")
_BARE_START = re.compile(r"[A-Za-z_]\w*: ")
_FIELDS = {"yaml": _yaml_field, "toml": _toml_field, "json": _json_field}
