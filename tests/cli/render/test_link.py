"""What `classify link` prints about the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.cli.render.link import show_refused, show_result
from classifier.outputs.write_back import Refused
from classifier.project.link import LinkResult

REFUSED = Refused(Path("a.md"), "'a.md' is no text")


@pytest.mark.parametrize(
    ("dry_run", "line"),
    [
        (False, "classify: 1 file changed (2 links added, 1 removed), 3 up to date, 1 skipped\n"),
        (
            True,
            "classify: 1 file would change (2 links added, 1 removed), 3 up to date, 1 skipped\n",
        ),
    ],
)
def test_files_and_links_are_counted(capsys, dry_run: bool, line: str) -> None:
    done = LinkResult(changed=(Path("b.md"),), unchanged=3, added=2, removed=1, refused=(REFUSED,))
    show_result(done, dry_run=dry_run, quiet=False)
    assert capsys.readouterr().err == line


def test_what_was_skipped_is_printed_even_where_all_else_is_not(capsys) -> None:
    show_refused(REFUSED)
    show_result(
        LinkResult(changed=(), unchanged=0, added=0, removed=0, refused=(REFUSED,)),
        dry_run=False,
        quiet=True,
    )
    assert capsys.readouterr().err == "classify: 'a.md' is no text\n"
