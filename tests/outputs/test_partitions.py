from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.keyword_scorer import KeywordScorer

from classifier.decisions import LabelPolicy
from classifier.models import (
    Article,
    Category,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Result,
    Task,
    Taxonomy,
    Usage,
)
from classifier.outputs import partitions
from classifier.outputs.partitions import (
    Counts,
    JudgedArticle,
    PartitionHead,
    encode,
    read,
    read_head,
)
from classifier.pipeline import Classifier

BREAD = Category(id="tags/bread", kind="tags", title="Bread")
WINE = Category(id="tags/wine", kind="tags", title="Wine")
TAXONOMY = Taxonomy(categories=(BREAD, WINE))
CLASSIFIER = Classifier(TAXONOMY, KeywordScorer(), policy=LabelPolicy(TAXONOMY))
HEAD = PartitionHead(scorer="keywords", state="0", rules="1", counts=Counts(articles=2))


def judged(text: str, **changes: object) -> tuple[Result, dict[str, tuple[Judgement, float]]]:
    task = Task(Article(id="a.md", title="A", body=text), TAXONOMY.categories)
    (outcome,) = KeywordScorer().score([task])
    outcome = replace(outcome, **changes)  # type: ignore[arg-type]
    digests = {category.id: category.digest for category in TAXONOMY.categories}
    judgements = {digests[it.category]: (it, 1_700_000_000.5) for it in outcome.judgements}
    return CLASSIFIER.result(outcome), judgements


def written(*found: tuple[Result, dict[str, tuple[Judgement, float]]]) -> io.BytesIO:
    made = [partitions.row(*it, id="a.md", file="content/a.md") for it in found]
    return io.BytesIO(encode(made, HEAD))


def test_judgements_come_back_as_they_were_made() -> None:
    result, judgements = judged("Bread, bread, bread.", usage=Usage(calls=1, cost=0.25), model="m")
    full = replace(
        judgements[BREAD.digest][0],
        aspects={"fit": 0.5},
        exclusion="no cake",
        evidence=(Evidence("Bread", 0, 5), Evidence("not found")),
        pack=("tags/bread", "tags/wine"),
        summary="short",
        penalty="touched only",
    )
    judgements[BREAD.digest] = full, 1_700_000_001.25
    (found,) = read(written((result, judgements)))
    assert found == JudgedArticle(
        article="a.md",
        digest=result.digest,
        scorer=result.scorer,
        model="m",
        usage=Usage(calls=1, cost=0.25),
        judgements=judgements,
        held={},
    )


def test_the_rows_are_those_of_articles_with_their_origin_and_judgements() -> None:
    table = pq.read_table(written(judged("Bread, bread, bread.")))
    (row,) = table.to_pylist()
    assert (row["article"], row["id"], row["file"]) == ("a.md", "a.md", "content/a.md")
    assert row["labels"] == ["tags/bread"]
    assert [it["category"] for it in row["judgements"]] == ["tags/bread", "tags/wine"]
    assert row["judged_at"].isoformat() == "2023-11-14T22:13:20.500000+00:00"


def test_answers_that_are_not_trusted_come_back_and_unread_articles_do_not() -> None:
    held = Failure(FailureReason.TAMPERED, "it obeyed", ("tags/wine",))
    missing = Failure(FailureReason.MISSING, "left out", ("tags/bread",))
    unread = Result(article="b.md", scorer="s", failures=(Failure(FailureReason.UNREADABLE, "no"),))
    result, _ = judged("Bread.", judgements=(), failures=(held, missing))
    (found,) = read(written((result, {}), (unread, {})))
    assert found.held == {"tags/wine": held}


def test_counts_are_added_up_without_the_rows() -> None:
    counts = Counts()
    counts.add(judged("Bread, bread, bread.")[0])
    missing = Failure(FailureReason.MISSING, "left out", ("tags/bread",))
    counts.add(judged("Wine.", judgements=(), failures=(missing,))[0])
    held = Failure(FailureReason.TAMPERED, "it obeyed", ("tags/bread",))
    counts.add(judged("Wine.", judgements=(), failures=(held,))[0])
    assert counts == Counts(
        articles=3,
        labelled=1,
        pairs=2,
        labels={"tags/bread": 1},
        failures={"missing": 1, "tampered": 1},
        examples=[("a.md", "missing", "left out", 1), ("a.md", "tampered", "it obeyed", 1)],
        unfinished=1,
    )
    file = io.BytesIO(encode([], replace(HEAD, counts=counts)))
    head = read_head(file)
    assert head == replace(HEAD, counts=counts)
    assert (counts + counts).labels == {"tags/bread": 2}
    assert (counts + Counts()) == counts


def damaged() -> Iterator[bytes]:
    """Yield six files."""
    whole = written(judged("Bread, bread, bread.")).getvalue()
    yield whole[: len(whole) // 2]
    yield b""
    foreign = io.BytesIO()
    pq.write_table(pa.table({"article_digest": ["x"]}), foreign)
    yield foreign.getvalue()
    table = pq.read_table(written(judged("Bread, bread, bread.")))
    for head in (b"{", b'{"scorer": 1}', b'{"scorer":"a","state":"b","rules":"c","counts":{}}'):
        other = io.BytesIO()
        pq.write_table(table.replace_schema_metadata({partitions._HEAD: head}), other)
        yield other.getvalue()


def test_a_damaged_or_foreign_file_has_no_head() -> None:
    assert [read_head(io.BytesIO(data)) for data in damaged()] == [None] * 6


@pytest.mark.parametrize(
    ("column", "value"),
    [("confidence", 1.5), ("definition", "x"), ("confidence_kind", "guess"), ("reasoning", None)],
)
def test_a_judgement_that_cannot_be_is_refused(column: str, value: object) -> None:
    table = pq.read_table(written(judged("Bread, bread, bread.")))
    (row,) = table.to_pylist()
    row["judgements"][0][column] = value
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row], schema=table.schema), file)
    with pytest.raises(ValueError, match="it is damaged, or no partition"):
        list(read(file))
