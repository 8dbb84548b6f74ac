"""PDF, by pypdf: the text of the pages."""

from __future__ import annotations

import io
import logging
import re
from typing import Final

from classifier.content.formats.extract import (
    LARGEST,
    Extract,
    UnreadableError,
    bounded,
    named,
    plain,
)

_MOST_PAGES: Final = 2000
_HYPHEN: Final = re.compile(r"(?<=[^\W\d_])-\n(?=[^\W\d_A-Z])")
_FILE_NAME: Final = re.compile(r"untitled|microsoft \w+ - |.*\.(?:docx?|tex|pdf|indd|rtf)$", re.I)


def read(data: bytes) -> Extract:
    """Read a PDF. Raises UnreadableError, and whatever pypdf raises."""
    from pypdf import PdfReader

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it would print of what is damaged
    pdf = PdfReader(io.BytesIO(data))
    if pdf.is_encrypted and not pdf.decrypt(""):
        raise UnreadableError("needs a password; save it without one")
    if len(pdf.pages) > _MOST_PAGES:
        raise UnreadableError(f"has more than {_MOST_PAGES:,} pages; split it, or leave it out")
    pages: list[str] = []
    length = 0
    for page in pdf.pages:
        pages.append(page.extract_text())
        length += len(pages[-1])
        if length > LARGEST:
            raise UnreadableError("has too much text; split it, or leave it out")
    title = (pdf.metadata.title if pdf.metadata else None) or ""
    return Extract(
        body=bounded(plain(_HYPHEN.sub("", "\n".join(pages)))),
        meta=named(
            title="" if _FILE_NAME.match(title) else title,
            description=pdf.metadata.subject if pdf.metadata else None,
            lang=pdf.root_object.get("/Lang"),
        ),
    )
