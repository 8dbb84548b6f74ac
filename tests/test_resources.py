from __future__ import annotations

import pytest

from classifier import resources, taxonomy


def test_the_prompts_and_the_example_categories_travel_with_the_program() -> None:
    assert {"system.md", "article.md"} <= {
        path.name for path in resources.folder("prompts").iterdir()
    }
    assert taxonomy.load(resources.folder("categories")).categories


@pytest.mark.parametrize("name", ["prompts", "categories"])
def test_the_folder_of_a_wheel_wins(name, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "classifier")
    assert resources.folder(name) == tmp_path / name
    carried = tmp_path / "classifier" / f"{name}_data"
    carried.mkdir(parents=True)
    assert resources.folder(name) == carried
