from __future__ import annotations

from classifier.project import Project


def test_other_settings_leave_the_project_as_it_was(project: Project) -> None:
    project.run("lunch.md")
    strict = project.with_settings(minimum=0.95)
    assert strict.definitions.default_rule.minimum == 0.95
    assert project.definitions.default_rule.minimum == 0.5
    with_bread, without = (each.classify("Bread, bread and bread.") for each in (project, strict))
    assert with_bread.labels["tags"] == ["Bread"]
    assert without.labels["tags"] == []


def test_other_settings_keep_the_store_and_the_choice_of_categories(project: Project) -> None:
    some = project.only(categories=["bread"])
    some.run("lunch.md")
    other = some.with_settings(minimum=0.95)
    assert [category.id for category in other.taxonomy.categories] == ["tags/bread"]
    assert other.run("lunch.md").progress.due_pairs == 0
