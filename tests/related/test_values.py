"""How others refer to an article."""

from __future__ import annotations

import pytest

from classifier.related.values import page_of


def test_a_bundle_is_its_folder_and_a_file_itself() -> None:
    bundle = page_of("content/blog/loaf/index.md", "blog/loaf/index.md", meta={}, title="Loaf")
    assert (bundle.reference, bundle.slug, bundle.section) == ("blog/loaf", "loaf", "blog")
    file = page_of("content/rye.md", "rye.md", meta={"Slug": "dark"}, title="Rye")
    assert (file.reference, file.slug, file.section) == ("rye.md", "dark", "")
    assert page_of("index.md", "index.md", meta={}, title="").reference == "index.md"


def test_what_a_site_keeps_in_front_matter_is_taken_in_any_letter_case() -> None:
    meta = {"ItemId": "Ab-1", "itemkind": "resource", "ItemType": "blog", "kind": ["x"]}
    page = page_of("a.md", "a.md", meta=meta, title="A", section_key="itemType")
    assert (page.id, page.kind, page.type, page.section) == ("Ab-1", "resource", "blog", "blog")
    assert page_of("b/a.md", "b/a.md", meta={"k": ["x"]}, title="", section_key="k").section == ""


@pytest.mark.parametrize(
    ("meta", "draft"),
    [
        ({}, False),
        ({"draft": True}, True),
        ({"Draft": "true"}, True),
        ({"draft": False}, False),
        ({"published": False}, True),
        ({"published": "2020-01-02"}, False),
        ({"publish": "no"}, True),
    ],
)
def test_drafts_are_known_by_the_keys_of_each_generator(meta: dict, draft: bool) -> None:
    assert page_of("a.md", "a.md", meta=meta, title="").draft is draft
