"""`classify related`: lists on the terminal, as JSON, and in files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from classifier.scorers.embedded import documents


class _Space:
    def __init__(self, cache: object, *, model: Path | str | None) -> None:
        pass

    def rows(self, digests, read) -> dict[str, np.ndarray]:
        angle = {one: len(read(one).body) / 20 for one in digests}
        return {one: np.asarray([np.cos(a), np.sin(a)], np.float32) for one, a in angle.items()}

    def table(self, rows: list[np.ndarray]) -> np.ndarray:
        return np.stack(rows)


@pytest.fixture(autouse=True)
def space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "DocumentSpace", _Space)


def test_lists_are_written_and_a_second_time_nothing_is(run, site: Path) -> None:
    ran = run("related", "site")
    assert ran.code == 0
    assert "related articles of 3 articles" in ran.err
    assert "1 file written, 0 up to date: data/related.json" in ran.err
    assert len(json.loads(Path("data/related.json").read_text())["articles"]) == 3
    assert "0 files written, 1 up to date" in run("related", "site").err


def test_the_data_folder_of_the_site_is_used(run, site: Path) -> None:
    Path("_data").mkdir()
    run("related", "site", "--quiet")
    assert Path("_data/related.json").exists()


def test_a_dry_run_and_json_write_nothing(run, site: Path) -> None:
    out = run("related", "site", "--dry-run", "--top", "1").out
    assert "site/a.md" in out
    assert "(c.md)" in out
    found = json.loads(run("related", "site", "--json").out)
    assert {it["reference"] for it in found["articles"]["a.md"]} == {"b.md", "c.md"}
    assert not Path("data").exists()


def test_articles_without_a_list_are_named(run, site: Path) -> None:
    ran = run("related", "site", "--output", "d/{ItemId}.json")
    assert ran.code == 1
    assert "'site/a.md': 'ItemId' in its front matter is missing" in ran.err
    assert run("related", "site", "--output", "d/{x.json").code == 2


def test_settings_say_what_options_do_not(run, site: Path) -> None:
    settings = Path("classify.toml")
    settings.write_text(settings.read_text() + '\n[related]\ntop = 1\nfield = "also"\n')
    assert run("related", "site").code == 0
    assert (site / "site/a.md").read_text().count("c.md") == 1
    assert not Path("data").exists()
    assert run("related", "site", "--output", "lists.json", "--top", "2").code == 0
    assert len(json.loads(Path("lists.json").read_text())["articles"]["a.md"]) == 2
    for wrong in ("/tmp/x.json", "../x.json", "C:/x.json"):
        settings.write_text(settings.read_text() + f'output = "{wrong}"\n')
        assert "inside the project" in run("related", "site").err
        settings.write_text(settings.read_text().replace(f'output = "{wrong}"\n', ""))
    settings.write_text(settings.read_text().replace("top = 1", "top = 0"))
    ran = run("related", "site")
    assert ran.code == 2
    assert "related.top" in ran.err


def test_an_output_of_the_settings_is_beside_them(
    run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = site / "classify.toml"
    settings.write_text(settings.read_text() + '\n[related]\noutput = "lists.json"\n')
    monkeypatch.chdir(site / "site")
    assert run("related", ".").code == 0
    assert (site / "lists.json").exists()
