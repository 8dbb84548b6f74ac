from __future__ import annotations

from pathlib import Path

import pytest
from support.settings_files import write

from classifier.errors import SettingsError
from classifier.models import Rule
from classifier.settings import field, load, rules


def test_a_rule_takes_what_it_leaves_out_from_the_default_rule(tmp_path: Path) -> None:
    write(tmp_path, 'at_most = "all"\nby = "level"\n[rules.Tags]\nminimum = "Primary"')
    by_kind, default = rules(load(tmp_path))
    assert default == Rule(minimum=0.5, at_most=None, by="level")
    assert by_kind == {"tags": Rule(minimum=0.8, at_most=None, by="level")}


@pytest.mark.parametrize(
    ("name", "floor"), [("Primary", 0.8), ("secondary", 0.6), ("TERTIARY", 0.4), ("0.35", 0.35)]
)
def test_a_minimum_may_be_the_name_of_a_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, floor: float
) -> None:
    write(tmp_path, f'minimum = "{name}"')
    assert load(tmp_path).minimum == floor
    monkeypatch.setenv("CLASSIFY_MINIMUM", name)
    assert load(tmp_path).minimum == floor


def test_a_kind_is_in_the_field_of_its_name_unless_the_settings_say_another(
    tmp_path: Path,
) -> None:
    (tmp_path / "classify.toml").write_text('[fields.tags]\nname = "topics"\nvalue = "slug"\n')
    found = load(tmp_path)
    assert field(found, "tags").name == "topics"
    assert field(found, "tags").value == "slug"
    assert field(found, "concepts").name == "concepts"
    assert field(found, "concepts").value == "title"


def test_an_unknown_key_of_a_field_is_named_with_the_one_meant(tmp_path: Path) -> None:
    (tmp_path / "classify.toml").write_text('[fields.tags]\nnames = "topics"\n')
    with pytest.raises(SettingsError, match=r"'fields.tags.names'.*did you mean 'name'"):
        load(tmp_path)
