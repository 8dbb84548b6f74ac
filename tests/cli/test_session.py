from __future__ import annotations

from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer

from classifier import composition

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
