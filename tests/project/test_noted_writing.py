from __future__ import annotations

from pathlib import Path

import pytest
from support.site import write_article

from classifier.content.document import Documents
from classifier.outputs import write_back
from classifier.outputs.label_file import LabelFile
from classifier.outputs.write_back import Edited, Edits, Refused
from classifier.project.noted_writing import NotedEdit, NotingWriter
from classifier.project.provenance import Provenance
from classifier.store import Store


def test_edits_are_written_noted_and_handed_on_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_article(Path("a.md"), "text")
    edited = write_back.prepare(path, Edits(labels={"tags": ["x"]}), digest=_digest(path))
    assert isinstance(edited, Edited)
    edit = NotedEdit(edited=edited, ours={"tags": ("x",)}, noted_inside=False)
    with Store.open(tmp_path / "store.db") as store:
        provenance = Provenance(LabelFile.read(tmp_path), store, tmp_path, Documents())
        writer = NotingWriter(provenance=provenance, store=store, key=Path.as_posix)
        assert list(writer.write(["other", edit])) == ["other", edit]
        assert provenance.file.written("a.md", "tags") == ("x",)
        assert store.applied("tags") == {"a.md": ("x",)}
        write_article(path, "changed meanwhile")
        (refused,) = writer.write([edit])
        assert isinstance(refused, Refused)
        assert "changed meanwhile" in path.read_text()


def _digest(path: Path) -> str:
    from classifier.content import articles
    from classifier.models import Article

    article = articles.read(path)
    assert isinstance(article, Article)
    return article.digest
