from __future__ import annotations

from pathlib import Path

import pytest

from classifier.cli.render.watch import show_change
from classifier.models import Failure, FailureReason, Result
from classifier.outputs.write_back import Refused
from classifier.project.apply import ApplyResult
from classifier.project.running import Run
from classifier.project.watch import Change


def result(name: str, *failures: Failure) -> Result:
    return Result(article=name, scorer="fake", failures=failures)


def change(run: Run, **parts: object) -> Change:
    return Change(run=run, **parts)  # type: ignore[arg-type]


@pytest.fixture
def run() -> Run:
    return None  # type: ignore[return-value] # of later changes nothing of the run is shown


def test_names_are_escaped_and_only_some_failures_shown(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    failures = [Failure(FailureReason.REFUSED, f"refused {n}", ("tags/x",)) for n in range(5)]
    show_change(change(run, results=(result("a\x1b[31m.md", *failures),)), json=False, quiet=False)
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert out.endswith(": -\n")
    assert "refused 2" in err
    assert "refused 3" not in err
    assert "and 2 more failures" in err


def test_a_file_is_named_once(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    failures = (
        Failure(FailureReason.FRONT_MATTER, "'a.md': the front matter is broken"),
        Failure(FailureReason.REFUSED, "the model refused", ("tags/x",)),
    )
    show_change(change(run, results=(result("a.md", *failures),)), json=False, quiet=False)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "classify: 'a.md': the front matter is broken",
        "classify: 'a.md': the model refused",
    ]


def test_quiet_shows_labels_and_what_is_wrong(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("a.md")
    applied = ApplyResult(
        changed=(path,),
        unchanged=0,
        refused=(Refused(path, "a.md: cannot be edited"),),
        not_judged=(),
        removed_by_person={},
    )
    shown = change(run, definitions=(path,), results=(result("a.md"),), applied=applied)
    show_change(shown, json=False, quiet=True)
    assert capsys.readouterr() == ("a.md: -\n", "classify: a.md: cannot be edited\n")
    show_change(shown, json=False, quiet=False)
    assert "1 file changed" in capsys.readouterr().err
