"""The weights in an ONNX file, without a library: they stay in the file, mapped into memory.

An ONNX file is a protocol buffer: fields with a number, each a variable-length integer or bytes.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

_GRAPH: Final = 7
"""Field of the graph in a model."""
_TENSOR: Final = 5
"""Field of a tensor with weights in a graph."""
_DIMENSION, _TYPE, _NAME, _RAW = 1, 2, 8, 9
"""Fields of a tensor."""
_TYPES: Final = {1: "<f4", 3: "i1", 7: "<i8"}
_LENGTHS: Final = {1: 8, 5: 4}
"""Bytes of the kinds of fields that have a fixed size."""


def tensors(path: Path) -> dict[str, NDArray[Any] | None]:
    """Return the weights of a model by name; None for those it names without having them.

    Those are views of the file, which may begin at any byte. Numbers of other kinds than floats,
    bytes and long integers are left out. The file must be one that is known: damaged ones raise
    anything.
    """
    with path.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return {
        name: array
        for graph in _parts(data, _GRAPH)
        for part in _parts(graph, _TENSOR)
        for name, array in [_tensor(part)]
    }


def _tensor(data: memoryview) -> tuple[str, NDArray[Any] | None]:
    import numpy as np

    shape: list[int] = []
    kind, name, raw = 0, "", None
    for number, value in _fields(data):
        if number == _DIMENSION and isinstance(value, int):
            shape.append(value)
        elif number == _DIMENSION and not isinstance(value, int):
            shape.extend(_packed(value))
        elif number == _TYPE and isinstance(value, int):
            kind = value
        elif number == _NAME and not isinstance(value, int):
            name = str(value, "utf-8")
        elif number == _RAW and not isinstance(value, int):
            raw = value
    if raw is None or kind not in _TYPES:
        return name, None
    return name, np.frombuffer(raw, _TYPES[kind]).reshape(shape)


def _parts(data: memoryview, wanted: int) -> Iterator[memoryview]:
    for number, value in _fields(data):
        if number == wanted and not isinstance(value, int):
            yield value


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield number and value of each field."""
    at = 0
    while at < len(data):
        tag, at = _integer(data, at)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, at = _integer(data, at)
            yield number, value
            continue
        length, at = (_LENGTHS[kind], at) if kind in _LENGTHS else _integer(data, at)
        yield number, data[at : at + length]
        at += length


def _packed(data: memoryview) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _integer(data, at)
        yield value


def _integer(data: memoryview, at: int) -> tuple[int, int]:
    """Return the integer at a place, and the place behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
