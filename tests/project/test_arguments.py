from __future__ import annotations

from classifier.project import Project


def test_a_single_name_is_not_a_name_per_letter(project: Project) -> None:
    assert {it.kind for it in project.only(kinds="tags").taxonomy.categories} == {"tags"}
    assert len(project.only(categories="Bread").taxonomy.categories) == 1
    project.run()
    assert [it.article for it in project.only(exclude="lunch.md").run(".").results()] == [
        "dinner.md"
    ]
    assert [it.article for it in project.only(include="lunch.md").run(".").results()] == [
        "lunch.md"
    ]
