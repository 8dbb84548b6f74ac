from __future__ import annotations

from pathlib import Path

import pytest
from support.chat_server import ChatServer

from classifier.errors import UsageError
from classifier.project import Project


@pytest.fixture
def gold(site: Path) -> Path:
    path = site / "gold.csv"
    path.write_text("article,category\nlunch.md,bread\n")
    return path


def test_every_size_judges_all_pairs_once(site: Path, gold: Path, server: ChatServer) -> None:
    with Project.open(scorer="openai", model="m1", base_url=server.url) as project:
        first = project.compare_pack_sizes(gold, [2, 1], judge=True)
        assert [row.pack for row in first.sizes] == [1, 2]
        assert [usage.calls for usage in first.usage] == [4, 2]
        assert first.complete
        again = project.compare_pack_sizes(gold, [1, 2], judge=True)
        assert again.usage == first.usage
    assert len(server.requests) == 6


def test_nothing_is_asked_without_judge(site: Path, gold: Path, server: ChatServer) -> None:
    with (
        Project.open(scorer="openai", model="m1", base_url=server.url) as project,
        pytest.raises(UsageError, match="`judge`"),
    ):
        project.compare_pack_sizes(gold, [1, 2])
    assert server.requests == []


@pytest.mark.parametrize("sizes", [[10], [0, 1], [], [5, 5]])
def test_fewer_than_two_sizes_are_refused(project: Project, gold: Path, sizes: list[int]) -> None:
    with pytest.raises(UsageError, match="expected at least two"):
        project.compare_pack_sizes(gold, sizes)


def test_other_scorers_have_no_packs(project: Project, gold: Path) -> None:
    with pytest.raises(UsageError, match="is for language models, not keywords"):
        project.compare_pack_sizes(gold, [1, 2])
