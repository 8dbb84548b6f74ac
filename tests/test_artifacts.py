from __future__ import annotations

from pathlib import Path

import pytest

from classifier.artifacts import ArtifactModel, dump, load, path_for
from classifier.errors import SettingsError


class Weights(ArtifactModel):
    by_name: dict[str, float]


def test_the_file_is_in_the_folder_or_beside_the_file_of_definitions(tmp_path: Path) -> None:
    file = tmp_path / "tags.yml"
    file.write_text("bread: Bread\n")
    assert path_for(tmp_path, "trained") == tmp_path / "trained.json"
    assert path_for(file, "trained") == tmp_path / "tags.trained.json"
    assert path_for(tmp_path, "cuts") == tmp_path / "cascade.json"


def test_what_is_dumped_is_loaded_and_lists_its_keys_in_order(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    made = Weights(by_name={"b": 0.25, "a": 1.0})
    path.write_text(dump(made))
    assert load(path, Weights, fault="is broken", way_out="make it anew") == made
    assert dump(made) == dump(Weights(by_name={"a": 1.0, "b": 0.25}))


@pytest.mark.parametrize(
    ("text", "where"),
    [("{", "the file"), ('{"by_name": {"a": "x"}}', "by_name.a"), ('{"by_name": {}, "z": 1}', "z")],
)
def test_a_file_of_another_kind_is_named_with_the_place_and_the_way_out(
    tmp_path: Path, text: str, where: str
) -> None:
    path = tmp_path / "weights.json"
    path.write_text(text)
    with pytest.raises(SettingsError) as error:
        load(path, Weights, fault="is no weights", way_out="make it anew")
    message = str(error.value)
    assert message.startswith(f"{str(path)!r} is no weights ({where}: ")
    assert message.endswith(": make it anew")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read '.*gone\.json': No such file"):
        load(tmp_path / "gone.json", Weights, fault="", way_out="")
