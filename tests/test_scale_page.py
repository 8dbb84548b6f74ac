"""docs/scale.md: its Python and its commands are run, and the simulation keeps its promises."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from support.keyword_scorer import KeywordScorer

from classifier import composition

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/scale.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def scale() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scale", ROOT / "benchmarks/scale.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["scale"] = module
    spec.loader.exec_module(module)
    del sys.modules["scale"]
    return module


def test_the_python_judges_each_file_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taxonomy/tags").mkdir(parents=True)
    (tmp_path / "taxonomy/tags/bread.md").write_text("---\ntitle: Bread\n---\n")
    (tmp_path / "classify.toml").write_text('categories = "taxonomy"\n')
    (tmp_path / "pages").mkdir()
    for number in range(3):
        rows = {"id": [f"{number}-a", f"{number}-b"], "body": ["Bread, bread.", "Nothing."]}
        parquet.write_table(pa.table(rows), tmp_path / f"pages/{number}.parquet")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(code, {"__name__": "page"})
    assert capsys.readouterr().out == "0.parquet 2\n1.parquet 2\n2.parquet 2\n"
    assert sorted(path.name for path in (tmp_path / "labels").iterdir()) == [
        "0.parquet",
        "1.parquet",
        "2.parquet",
    ]
    table = parquet.read_table(tmp_path / "labels/1.parquet")
    assert "body" not in table.column_names
    assert table["labels"].to_pylist() == [["tags/bread"], []]
    (tmp_path / "labels/1.parquet").unlink()
    exec(code, {"__name__": "page"})
    assert capsys.readouterr().out == "1.parquet 2\n"


@pytest.mark.slow
def test_the_commands_measure_and_simulate(tmp_path: Path) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/a.md").write_text("Bread is baked from flour, water and salt.\n")
    shutil.copytree(ROOT / "benchmarks", tmp_path / "benchmarks")
    (commands,) = re.findall(r"```sh\n(python benchmarks.*?)```", PAGE, re.DOTALL)
    commands = commands.replace("python ", f"{sys.executable} ")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert '"seconds_per_pair"' in done.stdout
    assert "1,000,000 pages" in done.stdout


def test_a_simulation_has_the_same_figures_again(scale: ModuleType) -> None:
    def once() -> object:
        work = list(scale.partitions([0.1, 0.2], 5_000, 100, np.random.default_rng(1)))
        return scale.replay(work, scale.Cluster(workers=7, hours_between_failures=0.01))

    assert once() == once()


@pytest.mark.parametrize("hours", [0.0, 0.005, 20.0])
def test_every_partition_is_done_once_whatever_fails(scale: ModuleType, hours: float) -> None:
    work = [10.0] * 300
    found = scale.replay(work, scale.Cluster(workers=10, hours_between_failures=hours))
    assert found.done == (1,) * 300
    assert 0 < found.efficiency < 1
    assert (found.lost > 0) == (hours == 0.005)


def test_workers_that_never_fail_wait_or_slow_down_are_ideal(scale: ModuleType) -> None:
    perfect = scale.Cluster(workers=5, slow_share=0, hours_between_failures=0, start=0)
    assert scale.replay([3.0] * 20, perfect).efficiency == 1
    assert scale.replay([3.0] * 21, perfect).seconds == 15.0  # one has a fifth one


def test_partitions_have_the_pages_that_there_are(scale: ModuleType) -> None:
    work = list(scale.partitions([2.0], 250, 100, np.random.default_rng(1)))
    assert work == [200.0, 200.0, 100.0]
