from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from classifier.models import Category
from classifier.store import VerdictRecord
from classifier.verdicts import Verdicts

BREAD, WINE = (Category(id=f"tags/{name}", kind="tags", title=name) for name in ("bread", "wine"))


def verdict(category: Category = BREAD, accepted: bool | None = True, **more: object):
    fields: dict[str, object] = {
        "path": "a.md",
        "article": "digest",
        "category": category.id,
        "definition": category.digest,
        "at": 0.0,
    }
    return VerdictRecord(**(fields | more), accepted=accepted)  # type: ignore[arg-type]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def accepted(verdicts: Verdicts, *, path: str = "a.md", article: str = "digest") -> dict[str, bool]:
    return {name: its.accepted for name, its in verdicts.of(path=path, article=article).items()}


@pytest.mark.parametrize(
    ("path", "article"), [("a.md", "edited"), ("moved.md", "digest"), ("a.md", "digest")]
)
def test_a_verdict_is_found_by_path_or_by_text(home: Path, path: str, article: str) -> None:
    verdicts = Verdicts([verdict()], [BREAD], home=home)
    assert accepted(verdicts, path=path, article=article) == {BREAD.id: True}
    assert accepted(verdicts, path="b.md", article="another") == {}


def test_the_last_verdict_counts_and_a_withdrawn_one_is_gone(home: Path) -> None:
    given = [verdict(accepted=True), verdict(accepted=False)]
    assert accepted(Verdicts(given, [BREAD], home=home)) == {BREAD.id: False}
    given.append(verdict(accepted=None))
    assert accepted(Verdicts(given, [BREAD], home=home)) == {}


def test_of_the_verdicts_by_path_and_by_text_the_later_counts(home: Path) -> None:
    by_text = verdict(accepted=False, path="before.md")
    by_path = verdict(accepted=True, article="before")
    assert accepted(Verdicts([by_text, by_path], [BREAD], home=home)) == {BREAD.id: True}
    assert accepted(Verdicts([by_path, by_text], [BREAD], home=home)) == {BREAD.id: False}


def test_a_renamed_category_is_known_by_its_definition(home: Path) -> None:
    renamed = verdict(category=BREAD, definition=WINE.digest)
    assert accepted(Verdicts([renamed], [WINE], home=home)) == {WINE.id: True}


def test_verdicts_on_other_categories_are_left_out(home: Path) -> None:
    assert len(Verdicts([verdict(BREAD), verdict(WINE)], [WINE], home=home)) == 1


def test_every_verdict_changes_the_digest_and_a_copy_has_the_same(home: Path) -> None:
    one = Verdicts([verdict()], [BREAD], home=home)
    two = Verdicts([verdict(), verdict()], [BREAD], home=home)
    assert one.digest != two.digest
    assert pickle.loads(pickle.dumps(one)).digest == one.digest
