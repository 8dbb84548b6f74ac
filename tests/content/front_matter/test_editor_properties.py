from __future__ import annotations

from functools import partial

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.editing import edit, edit_scalar, editor
from support.editing import labels as labels_of
from support.front_matter import File, files, labels
from support.one_key import MISSING, trouble

from classifier.content.front_matter import reading
from classifier.content.front_matter.model import EditError
from classifier.outputs import label_merge

many = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)


def attempt(file: File, asked: tuple[str, ...]) -> bytes | None:
    """Edit; a refusal is fine only where a comment might be lost or commas clash."""
    try:
        return edit(file.data, file.key, asked)
    except EditError as error:
        if not file.comments and "commas" not in str(error):
            raise
        return None


@many
@given(files())
def test_labels_are_read_as_any_reader_of_the_file_reads_them(file: File) -> None:
    assert list(labels_of(file.data, file.key)) == file.labels


@many
@given(files(), st.lists(labels, max_size=3), st.data())
def test_an_edit_changes_lines_of_its_key_and_nothing_else(file, new, data) -> None:
    there = labels_of(file.data, file.key)
    kept = data.draw(st.lists(st.sampled_from(there), unique=True)) if there else []
    asked = tuple(data.draw(st.permutations([*kept, *(one for one in new if one not in there)])))
    after = attempt(file, asked)
    if after is None or after == file.data:
        assert after is None or asked == there
        return
    values = dict(zip(there, file.values, strict=True))
    as_list = [values.get(label, label) for label in asked]
    stays_text = file.text and len(there) > 1 < len(asked)
    expected = MISSING if stays_text else as_list
    assert trouble(file.data, after, file.key, expected) is None, after.decode()
    assert labels_of(after, file.key) == asked
    assert edit(after, file.key, asked) == after


@many
@given(files(), st.lists(labels, min_size=1, max_size=3, unique=True))
def test_what_is_added_is_taken_out_again_to_the_byte(file: File, new: list[str]) -> None:
    there = labels_of(file.data, file.key)
    after = attempt(file, (*there, *(one for one in new if one not in there)))
    if there and after and not file.text:  # one that has become a list stays a list
        assert edit(after, file.key, there) == file.data


@many
@given(files(), st.integers(-1000, 1000) | st.floats(0.001, 1000))
def test_a_number_is_written_alone_and_once(file: File, number: float) -> None:
    after = edit_scalar(file.data, "weight", number)
    assert trouble(file.data, after, "weight", number) is None
    assert edit_scalar(after, "weight", number) == after
    other = number if number == 3 else 3  # an equal number stays as it is written
    assert trouble(after, edit_scalar(after, "weight", 3), "weight", other) is None
    assert edit(after, "weight", None) == file.data


@many
@given(files(), st.lists(labels, min_size=1, max_size=3, unique=True), st.integers(-9, 9))
def test_several_keys_together_read_as_one_after_another(file, new, number) -> None:
    together = editor(file.data)
    try:
        alone = edit(file.data, file.key, new)
        together.set_labels(file.key, new)
    except EditError:
        return
    together.set_labels("topics-of-ours", new)
    together.set_number("weight", number)
    after = together.finish()[0].encode()
    assert edit(edit(after, "weight", None), "topics-of-ours", None) == alone
    assert labels_of(after, "topics-of-ours") == tuple(new)


_pieces = st.sampled_from(
    [*"-+{}[]:\"'#;<>!* \t\r\na0", "---\n", "+++\n", "a: b\n", "<!--", "-->", "\ufeff", "title: "]
)


@many
@given(st.lists(_pieces).map("".join), st.lists(labels, max_size=2, unique=True))
def test_whatever_the_text_a_block_that_is_created_leaves_the_body_alone(text, new) -> None:
    try:
        front = reading.parse(text)
        one = editor(text.encode(), create=True)
        one.set_labels("tags", new)
        one.set_labels("topics", new)
        after, found = one.finish()
    except (EditError, reading.FrontMatterError):
        return
    assert found.body == front.body
    assert after.endswith(front.body)
    assert new == [] or [found.meta["tags"], found.meta["topics"]] == [new, new]


@many
@given(st.binary() | files().map(lambda file: file.data), st.binary(max_size=3), st.data())
def test_whatever_the_bytes_the_only_trouble_is_a_refusal_in_one_line(whole, noise, data) -> None:
    at = data.draw(st.integers(0, len(whole)))
    broken = whole[:at] + noise + whole[at:]
    try:
        after = edit(broken, "tags", partial(label_merge.merge, ours=["New"]))
    except EditError as error:
        refusal = str(error)
    else:
        assert "New" in labels_of(after, "tags")
        return
    assert len(refusal.splitlines()) == 1
