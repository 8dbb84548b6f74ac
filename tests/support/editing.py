"""Edit one key of a file that is held in memory."""

from __future__ import annotations

from classifier.content.front_matter import reading
from classifier.content.front_matter.editor import Editor, Wanted
from classifier.content.front_matter.model import EditError


def editor(data: bytes, *, spaced: bool = False, create: bool = False) -> Editor:
    try:
        text = data.decode("utf-8")
        front = reading.parse(text)
    except UnicodeDecodeError:
        raise EditError("it is not UTF-8") from None
    except reading.FrontMatterError as error:
        raise EditError(str(error)) from None
    return Editor(text, front, spaced=spaced, create=create)


def edit(data: bytes, key: str, wanted: Wanted, *, spaced: bool = False) -> bytes:
    one = editor(data, spaced=spaced)
    one.set_labels(key, wanted)
    return one.finish()[0].encode("utf-8")


def edit_scalar(data: bytes, key: str, number: float) -> bytes:
    one = editor(data)
    one.set_number(key, number)
    return one.finish()[0].encode("utf-8")


def labels(data: bytes, key: str, *, spaced: bool = False) -> tuple[str, ...]:
    return editor(data, spaced=spaced).labels(key)
