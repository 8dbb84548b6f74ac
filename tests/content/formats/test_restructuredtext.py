"""reStructuredText: what is read, and that nothing else is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.content.formats import restructuredtext
from classifier.content.formats.extract import UnreadableError
from classifier.content.markdown import prose

TEXT = """
=====
Bread
=====

:tags: a, b
:lang: en

Flour & *water*, see :ref:`the section <sec>` and `a link <https://example.org>`_.

.. code-block:: python

   not_this()

.. note:: Mind the heat.

Baking
------

- First item
- Second *item*

.. toctree::

   not-this
"""
PROSE = """Bread
Flour & water, see the section and a link.
Note
Mind the heat.
Baking
First item
Second item"""


def test_text_is_read_and_the_fields_at_the_top() -> None:
    found = restructuredtext.read(TEXT.encode())
    text = prose(found.body)
    assert text.text == PROSE
    assert [(it.text, it.level) for it in text.headings] == [("Bread", 1), ("Baking", 2)]
    assert found.meta == {"tags": "a, b", "lang": "en"}
    assert found.text is None


def test_fields_in_comments_count_as_nikola_has_them() -> None:
    found = restructuredtext.read(b".. title: Loaves\n.. tags: x, y\n\nFlour.\n")
    assert found.meta == {"title": "Loaves", "tags": "x, y"}
    assert prose(found.body).text == "Flour."


@pytest.mark.parametrize(
    "directive",
    [
        ".. include:: {path}",
        ".. literalinclude:: {path}",
        ".. csv-table::\n   :file: {path}",
        ".. csv-table::\n   :url: {uri}",
        ".. raw:: html\n   :file: {path}",
        ".. raw:: html\n   :url: {uri}",
        ".. raw:: html\n\n   <p>secret</p>",
        ".. image:: {path}\n   :loading: embed",
        ".. figure:: {path}\n   :loading: embed",
        ".. math::\n   :file: {path}",
    ],
)
def test_no_other_file_is_read(tmp_path: Path, directive: str) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg><text>secret</text></svg>")
    text = directive.format(path=secret, uri=secret.as_uri())
    found = restructuredtext.read(f"Flour.\n\n{text}\n\nWater.\n".encode())
    assert "secret" not in found.body.replace(str(secret), "")
    assert "Water." in found.body


def test_the_day_does_not_change_the_text() -> None:
    found = restructuredtext.read(b"Today |d| is.\n\n.. |d| date:: %Y\n")
    assert prose(found.body).text == "Today date is."


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(UnreadableError, match="2 MB"):
        restructuredtext.read(b" " * 2_000_001)
