from __future__ import annotations

from classifier.cli.github import annotation


def test_a_finding_is_one_command_with_its_place() -> None:
    assert (
        annotation("error", "no label", title="check", file="a.md", line=3)
        == "::error file=a.md,line=3,title=check::no label"
    )
    assert annotation("notice", "x", title="t") == "::notice title=t::x"


def test_no_text_ends_the_command_or_begins_another() -> None:
    command = annotation("warning", "100%\n::error::x", title="a:b,c", file="a,b:c.md")
    assert "\n" not in command
    assert command.startswith("::warning file=a%2Cb%3Ac.md,title=a%3Ab%2Cc::100%25")
    assert command.count("::") == 2 + command.partition("::100")[2].count("::")
