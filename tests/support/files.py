"""Small files of formats that are not text."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def docx(
    *paragraphs: str,
    title: str = "",
    prolog: str = "",
    styles: str = "",
    name: str = "document.xml",
) -> bytes:
    """Return a document whose first paragraph is a heading. `name`: of its main part."""
    first = ['<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'] + [""] * len(paragraphs)
    body = "".join(
        f"<w:p>{style}<w:r><w:t>{text}</w:t></w:r></w:p>"
        for style, text in zip(first, paragraphs, strict=False)
    )
    types = f'<Types xmlns="{_PACKAGE}/content-types"></Types>'
    relation = f'<Relationship Id="r" Type="{_OFFICE}/officeDocument" Target="word/{name}"/>'
    return archive(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relation}'
            "</Relationships>",
            f"word/{name}": f'{prolog}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body>'
            "</w:document>",
            "word/styles.xml": f'<w:styles xmlns:w="{_WORD}"><w:style w:type="paragraph" '
            'w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>'
            f"{styles}</w:styles>",
            "docProps/core.xml": '<c xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{title}</dc:title><dc:language>fr</dc:language></c>",
        }
    )


def epub(*chapters: str, prolog: str = "") -> bytes:
    """Return a book of chapters, each the inside of a body."""
    numbers = range(len(chapters))
    items = "".join(
        f'<item id="i{n}" href="text/c%20{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in reversed(numbers)
    )
    order = "".join(f'<itemref idref="i{n}"/>' for n in numbers)
    return archive(
        {
            "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OEBPS/b.opf"/>'
            "</rootfiles></container>",
            "OEBPS/b.opf": f'{prolog}<package xmlns:dc="http://purl.org/dc/elements/1.1/">'
            "<metadata><dc:title>Loaves</dc:title><dc:language>en</dc:language></metadata>"
            f"<manifest>{items}</manifest><spine>{order}</spine></package>",
            **{
                f"OEBPS/text/c {n}.xhtml": f"<html><head><title>x</title></head><body>{text}"
                "</body></html>"
                for n, text in enumerate(chapters)
            },
        }
    )


def pdf(*pages: str, title: str = "") -> bytes:
    """Return a PDF with a line of text for each line of a page."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, page in enumerate(pages):
        shown = "".join(f"({line}) Tj T* " for line in page.split("\n"))
        stream = f"BT /F 12 Tf 14 TL 72 720 Td {shown}ET"
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F 3 0 R >> >> /Contents {5 + 2 * n} 0 R >>",
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    objects.append(f"<< /Title ({title}) >>")
    data = "%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer << /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>"
    return (
        f"{data}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}\n"
        f"startxref\n{len(data)}\n%%EOF\n"
    ).encode("latin-1")
