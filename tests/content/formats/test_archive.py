from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from support import files

from classifier.content.formats.archive import Archive, texts
from classifier.content.formats.extract import UnreadableError


def test_parts_are_bounded_together() -> None:
    opened = Archive(files.archive({"a": "12345", "b": "12345"}), most_bytes=9)
    assert opened.read("a") == b"12345"
    with pytest.raises(UnreadableError, match="too large"):
        opened.read("b")


def test_the_number_of_parts_is_bounded() -> None:
    with pytest.raises(UnreadableError, match="10,000 parts"):
        Archive(files.archive({str(n): "" for n in range(10_001)}), most_bytes=9)


def test_text_is_found_whatever_the_namespace() -> None:
    root = fromstring('<a xmlns:x="urn:x"><x:title> Bread <b>and</b> butter </x:title></a>')
    assert texts(root, "title") == "Bread and butter"
    assert texts(root, "other") == ""
