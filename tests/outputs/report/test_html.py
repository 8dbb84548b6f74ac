from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

from support.reports import hostile

import classifier.outputs.report
from classifier.outputs.report import render

PARTS = Path(classifier.outputs.report.__file__).parent / "page"


def page() -> str:
    return render(hostile())


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


# --- what the page is ----------------------------------------------------------------------------


def test_the_same_data_make_the_same_page() -> None:
    assert page() == page()


def test_strangers_text_is_nowhere_in_the_markup() -> None:
    text = page()
    assert "pwned" not in text.replace("&lt;", "").split("</title>")[1]
    title = text.split("<title>")[1].split("</title>")[0]
    assert "<" not in title
    assert "\u202e" not in text


def test_the_page_has_the_elements_of_its_template_and_no_others() -> None:
    def tags(text: str) -> list[str]:
        return [tag for tag, _ in Elements(text).found]

    template = (PARTS / "page.html").read_text(encoding="utf-8")
    data = ["script"] * 2
    at = tags(template).index("script")
    assert tags(page()) == [*tags(template)[:at], *data, *tags(template)[at:]]


def test_nothing_is_loaded_from_anywhere() -> None:
    elements = Elements(page()).found
    places = {f"#{attributes['id']}" for _, attributes in elements if "id" in attributes}
    for tag, attributes in elements:
        assert "src" not in attributes, tag
        assert attributes.get("href") in (None, "#", "data:,", *places)
    sources = "".join(part.read_text(encoding="utf-8") for part in PARTS.iterdir())
    links = set(re.findall(r"\b(?:https?|wss?|ftp):[^\s\"'`]*", sources))
    assert links == {"http://www.w3.org/2000/svg"}  # a name, never fetched
    assert "url(" not in sources
    assert "@import" not in sources


def test_the_policy_lets_the_pages_own_script_and_style_run_and_nothing_else() -> None:
    text = page()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["connect-src"] == rules["base-uri"] == "'none'"

    def hashed(start: str, end: str) -> str:
        part = text.split(start)[1].split(end)[0]
        return f"'sha256-{b64encode(sha256(part.encode()).digest()).decode()}'"

    assert rules["script-src"] == hashed('<script type="module">', "</script>")
    assert rules["style-src"] == hashed("<style>", "</style>")


def test_the_script_makes_no_markup_of_text() -> None:
    for part in PARTS.glob("*.js"):
        script = part.read_text(encoding="utf-8")
        words = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|srcdoc"
        assert not re.search(words, script), part.name
        assert "</script" not in script
        assert "<!--" not in script
        assert "\r" not in script


def test_every_script_of_the_folder_is_in_the_page() -> None:
    text = page()
    for part in PARTS.glob("*.js"):
        assert part.read_text(encoding="utf-8") in text, part.name


# --- what it looks like --------------------------------------------------------------------------


def test_text_stands_out_from_its_ground_in_both_themes() -> None:
    style = (PARTS / "page.css").read_text(encoding="utf-8")
    colours = {
        name: pair for name, *pair in re.findall(r"--(\S+): light-dark\((#\w+), (#\w+)\);", style)
    }
    for theme in (0, 1):
        for ink in ("ink", "muted", "accent", "warn"):
            for ground in ("paper", "raised"):
                assert contrast(colours[ink][theme], colours[ground][theme]) >= 4.5, (ink, ground)
        assert contrast(colours["ink"][theme], colours["mark"][theme]) >= 4.5
        assert contrast(colours["heat"][theme], colours["paper"][theme]) >= 3


def contrast(one: str, other: str) -> float:
    """As WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        shares = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
