from __future__ import annotations

from datetime import timedelta

import pytest

from classifier.cli.option_checks import renew_options
from classifier.errors import UsageError
from classifier.project.renewal import RenewOptions


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nosuch.md"], "no such file or folder: 'nosuch.md'"),
        (["-", "-"], "standard input (-) can be read only once"),
        (["lunch.md", "--kind", "tag"], "'tag'"),
        (["lunch.md", "--category", "bred"], "'bred'"),
        (["lunch.md", "--categories", "nowhere"], "nowhere"),
        (["lunch.md", "--scorer", "gpt"], "scorer"),
        (["lunch.md", "--pack", "0", "--scorer", "openai"], "pack"),
        (["lunch.md", "--pack", "many"], "--pack"),
        (["lunch.md", "--model", "m1"], "--model is for language models: add --scorer openai"),
        (["lunch.md", "--no-canary"], "--no-canary is for language models"),
        (["lunch.md", "--fast", "--scorer", "imported"], "--fast is for the embedded scorer"),
        (["lunch.md", "--nonsense"], "No such option: --nonsense"),
        (["--json"], "name articles, or folders of articles; or set `content` in classify.toml"),
    ],
)
def test_a_wrong_call_is_one_line_that_names_it_and_exit_2(
    run, arguments: list[str], message: str
) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith("classify: ")
    assert message in ran.err


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90d", timedelta(days=90)),
        ("12h", timedelta(hours=12)),
        (" 8 W", timedelta(weeks=8)),
    ],
)
def test_an_age_has_a_unit(text: str, age: timedelta) -> None:
    assert renew_options(text, 3) == RenewOptions(older_than=age, at_most=3)


@pytest.mark.parametrize("text", ["90", "d", "-1d", "1.5d", "90 days", "", "999999d"])
def test_another_age_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--older-than"):
        renew_options(text, None)


def test_a_number_of_articles_needs_an_age() -> None:
    assert renew_options(None, None) is None
    with pytest.raises(UsageError, match="add --older-than"):
        renew_options(None, 3)
