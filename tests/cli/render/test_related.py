"""What `classify related` prints."""

from __future__ import annotations

from classifier.cli.render.related import show_lists, show_written
from classifier.project.related import RelatedWritten
from classifier.related.values import Related, RelatedPage


def page(name: str) -> RelatedPage:
    return RelatedPage(
        path=f"c/{name}.md", reference=name, title=name.title(), section="", slug=name
    )


def test_a_list_has_similarity_title_and_shared_labels(capsys) -> None:
    near = Related(page=page("rye"), similarity=0.75, labels=("tags/bread",))
    show_lists({"a": (page("loaf"), (near,)), "b": (page("sea"), ())}, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "c/loaf.md",
        "  0.75 Rye (rye) [tags/bread]",
        "c/sea.md",
        "  nothing related",
    ]


def test_errors_are_printed_even_where_all_else_is_not(capsys) -> None:
    done = RelatedWritten(
        articles=3, drafts=1, written=1, unchanged=1, output="d.json", errors=("'x' is missing",)
    )
    show_written(done, quiet=True)
    assert capsys.readouterr().err == "classify: 'x' is missing\n"
    show_written(done, quiet=False)
    assert "3 articles (1 draft in none)" in capsys.readouterr().err
