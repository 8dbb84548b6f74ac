"""Read the annotations that people made in another tool."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from classifier import small_files
from classifier.errors import UsageError
from classifier.exchange import argilla, label_studio
from classifier.exchange.pairs import Annotation
from classifier.exchange.reading import UnreadableRecordError

SUFFIX = ".json"


def read(path: Path) -> list[Annotation]:
    """Read a file that Label Studio (JSON or JSON-MIN) or Argilla (records.json) exported.

    Raises:
        UsageError: It cannot be read, or a record of it cannot be understood.
    """
    return list(_annotations(path))


def _annotations(path: Path) -> Iterator[Annotation]:
    for number, record in enumerate(_records(path), 1):
        try:
            yield from _read_record(record)
        except UnreadableRecordError as error:
            raise UsageError(f"{str(path)!r}, record {number}: {error}") from None


def _read_record(record: object) -> Iterator[Annotation]:
    if not isinstance(record, dict):
        raise UnreadableRecordError("is no object")
    if label_studio.is_export(record):
        return label_studio.read_record(record)
    if argilla.is_export(record):
        return argilla.read_record(record)
    raise UnreadableRecordError("is neither of Label Studio nor of Argilla")


def _records(path: Path) -> list[object]:
    try:
        small_files.refuse_pipe(path)
        records = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{str(path)!r} is not JSON in UTF-8") from None
    if not isinstance(records, list):
        raise UsageError(
            f"{str(path)!r}: expected a list of records, as Label Studio and Argilla export it"
        )
    return records
