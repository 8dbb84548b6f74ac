"""Random front matter and server answers: nothing may crash or take two seconds of CPU time.

    python benchmarks/fuzz.py --front-matter 1000000 --answers 200000 --seed 1

Front matter is read, cleaned and edited. Half of the answers are right ones,
changed in some places. Every input has a seed of its own, printed where it fails:
`--seed SEED --front-matter 1` makes it again.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from types import FrameType

from classifier.content import document
from classifier.content.document import Document
from classifier.content.front_matter.editor import Editor
from classifier.content.front_matter.model import EditError
from classifier.models import Article, Category, Task
from classifier.scorers.openai import prompts, responses
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.requests import RequestBuilder

LIMIT = 2.0
"""Seconds of CPU time for one input."""
HANGS = 60.0
"""Seconds by the clock, however busy the machine is."""
PIECES = (
    *(
        "---\n",
        "+++\n",
        "...\n",
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        "- ",
        "? ",
        "&a ",
        "*a",
        "!t ",
        "|\n",
    ),
    *(
        "tags",
        "title",
        '"',
        "'",
        "\\",
        "\n",
        "\r\n",
        "\t",
        "  ",
        "#",
        "<<: ",
        "=",
        ",",
        "0x1F",
        "~",
    ),
    *(
        "2024-01-01",
        "1e999",
        "\ufeff",
        "\u2028",
        "\x85",
        "é",
        "\U0001f331",
        "`",
        "``",
        "<!--",
        "-->",
    ),
    *("{{", "}}", "<p hidden>", "</p>", "[^1]", "| a |", "    ", "\x00", "null", "yes"),
)
VALUES: tuple[object, ...] = (
    *(None, True, 0, -1, 9, 9.0, 11, 10**400, float("inf"), float("nan"), "", "9", "null", [], {}),
    *([[]], "<think>", "```json", "\ud800", "tags/bread", "judgements", {"a": {}}, "x" * 1000),
)
TIMES = (1,) * 9 + (2,)
KEYS = (
    *(
        "choices",
        "message",
        "content",
        "usage",
        "prompt_tokens",
        "judgements",
        "out",
        "id",
        "scores",
    ),
    *(
        "evidence",
        "exclusion",
        "reasoning",
        "mentions",
        "alignment",
        "depth",
        "why",
        "error",
        "text",
    ),
    *("finish_reason", "refusal", "tool_calls", "function", "arguments", "model", "type", "code"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("--front-matter", type=int, default=10_000, help="inputs")
    parser.add_argument("--answers", type=int, default=2_000, help="inputs")
    parser.add_argument("--seed", type=int, default=1, help="of the first input")
    options = parser.parse_args()
    builder = RequestBuilder(
        model="m", base_url="http://127.0.0.1:9/v1", prompts=prompts.load(), options=OpenAIOptions()
    )
    bread = Category(id="tags/bread", kind="tags", title="Bread")
    (request,) = builder.build(Task(Article(id="a", body="Bread."), (bread,)))

    keys = list(request.keys)

    def answer(chance: random.Random) -> None:
        responses.read(_answer(chance, keys), request, builder.prompts)

    signal.signal(signal.SIGPROF, _too_slow)
    signal.signal(signal.SIGALRM, _hangs)
    wrong = _run("front matter", options.front_matter, options.seed, _front_matter)
    wrong += _run("answers", options.answers, options.seed, answer)
    sys.exit(1 if wrong else 0)


def _run(name: str, number: int, seed: int, attempt: Callable[[random.Random], None]) -> int:
    wrong, slowest, began = 0, 0.0, time.monotonic()
    for each in range(seed, seed + number):
        start = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, LIMIT)
        signal.setitimer(signal.ITIMER_REAL, HANGS)
        try:
            attempt(random.Random(each))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            wrong += 1
            print(f"{name}, seed {each}: {type(error).__name__}")
            traceback.print_exc(limit=-3)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
        slowest = max(slowest, time.process_time() - start)
    seconds = time.monotonic() - began
    print(f"{name}: {number:,} inputs from seed {seed} in {seconds:.0f} s, slowest {slowest:.2f} s")
    print(f"{name}: {wrong:,} wrong")
    return wrong


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"more than {LIMIT:g} s of CPU time")


def _hangs(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"more than {HANGS:g} s")


def _front_matter(chance: random.Random) -> None:
    inside = "".join(chance.choices(PIECES, k=chance.randint(0, 40)))
    fence = chance.choice(("---\n", "+++\n", "", "{"))
    found = document.from_text(f"{fence}{inside}\n{fence}Bread.\n", id="a.md")
    if not isinstance(found, Document):
        assert found.reason != "internal", found.message
        return
    assert getattr(found.article, "reason", None) != "internal", found.article
    try:
        editor = Editor(found.text, found.front_matter)
        editor.set_labels("tags", lambda labels: [*labels, "Bread"])
        editor.finish()
    except EditError:
        pass


def _answer(chance: random.Random, keys: Sequence[str]) -> str:
    if chance.random() < 0.5:
        judged = _changed(chance, {"judgements": [_judgement(chance, key) for key in keys]})
    else:
        judged = _value(chance, 4)
    content = json.dumps(judged)
    for _ in range(chance.randint(0, 2)):
        at = chance.randrange(len(content) + 1)
        content = content[:at] + chance.choice(PIECES) + content[at:]
    message = {"role": "assistant", "content": content}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 900, "completion_tokens": 90}
    whole = {"choices": [choice], "usage": usage, "model": "m"}
    text = json.dumps(_changed(chance, whole) if chance.random() < 0.9 else _value(chance, 5))
    return text if chance.random() < 0.9 else text[: chance.randrange(len(text) + 1)]


def _judgement(chance: random.Random, key: str) -> dict[str, object]:
    scores = {name: chance.randint(0, 10) for name in ("mentions", "alignment", "depth")}
    return {"id": key, "evidence": ["Bread."], "exclusion": None, "reasoning": "It is.", **scores}


def _changed(chance: random.Random, value: object) -> object:
    """Return the same value, with now and then another one in a place of it."""
    if chance.random() < 0.05:
        return _value(chance, 2)
    if isinstance(value, dict):
        left = {k: _changed(chance, each) for k, each in value.items() if chance.random() > 0.02}
        return left | ({chance.choice(KEYS): _value(chance, 2)} if chance.random() < 0.1 else {})
    if isinstance(value, list):
        return [_changed(chance, each) for each in value for _ in range(chance.choice(TIMES))]
    return value


def _value(chance: random.Random, depth: int) -> object:
    kind = chance.random()
    if depth and kind < 0.5:
        keys = chance.sample(KEYS, chance.randint(0, 6))
        return {key: _value(chance, depth - 1) for key in keys}
    if depth and kind < 0.75:
        return [_value(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    return chance.choice(VALUES)


if __name__ == "__main__":
    main()
