from __future__ import annotations

import pytest


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
