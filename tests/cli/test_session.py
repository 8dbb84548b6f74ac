from __future__ import annotations

from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.cli import display
from classifier.cli.session import Listener
from classifier.progress import Progress
from classifier.project.events import EmbeddingDefinitions, JudgingFinished, JudgingStarted

# --- what goes to stderr -------------------------------------------------------------------------


def test_only_a_few_warnings_are_shown_and_the_rest_counted(run, project: Path) -> None:
    for n in range(8):
        path = project / "taxonomy" / "tags" / f"odd{n}.md"
        path.write_text(f"---\ntitle: Odd {n}\ntags: [Nowhere]\n---\n")
    err = run("lunch.md").err.splitlines()
    assert len(err) == 6
    assert all(line.startswith("classify: warning: ") for line in err[:5])
    assert err[5] == "classify: and 3 more warnings; `classify categories` shows all"
    assert run("lunch.md", "--quiet").err == ""


def test_notes_of_the_scorer_go_to_stderr_unless_quiet(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    noting = KeywordScorer(notes=("an answer for \x1b[31mnobody",))
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: noting)
    assert run("lunch.md").err == "classify: 'lunch.md': note: an answer for \ufffd[31mnobody\n"
    assert run("lunch.md", "--quiet").err == ""


def test_the_use_of_the_example_categories_is_told(run, project: Path) -> None:
    (project / "classify.toml").unlink()
    assert run("lunch.md").err.startswith("classify: using the example categories")
    assert run("lunch.md", "--categories", "taxonomy").err == ""


def test_embedding_is_part_of_the_progress_and_a_line_of_its_own_without_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "EVERY", 0.0)
    listener, progress = Listener(quiet=False), Progress()
    listener(EmbeddingDefinitions(500, 1000))
    assert capsys.readouterr().err == "classify: embedding 1,000 definitions: 50 %\n"
    listener(JudgingStarted(progress))
    listener(EmbeddingDefinitions(500, 1000))
    assert progress.embedding == (500, 1000)
    listener(EmbeddingDefinitions(1000, 1000))
    assert progress.embedding is None
    listener(JudgingFinished(progress))
    assert "definitions" not in capsys.readouterr().err
