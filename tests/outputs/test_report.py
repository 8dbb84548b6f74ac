"""The page of a run: what it holds, and that nothing in it can be anything but text."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reports import about, beside, category, held, hostile, judged, judgement
from support.results import texts

import classifier.outputs.report
from classifier.models import (
    ConfidenceKind,
    Evidence,
    Failure,
    FailureReason,
    Rule,
    Taxonomy,
    Verdict,
)
from classifier.outputs.report import Data, gather, render
from classifier.sanitize import one_line

BREAD, CHEESE, WINE = (category(name) for name in ("bread", "cheese", "wine"))
TAXONOMY = Taxonomy(categories=(BREAD, CHEESE, WINE))
PARTS = Path(classifier.outputs.report.__file__).parent / "page"
LABEL, EXCLUDED, REACHES, NEAR = 1, 2, 4, 8


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
    assert tags(page()) == tags(template)


def test_nothing_is_loaded_from_anywhere() -> None:
    for tag, attributes in Elements(page()).found:
        assert "src" not in attributes, tag
        assert attributes.get("href") in (None, "#", "data:,")
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


@given(st.lists(texts, min_size=5, max_size=5))
def test_what_goes_in_is_what_the_page_holds(some: list[str]) -> None:
    name, title, reasoning, quote, note = some
    verdict = Verdict(category=WINE.id, accepted=True, note=note, at=1.0)
    data = gather(
        about(TAXONOMY),
        [
            judged(
                name,
                [judgement(BREAD, 0.9, reasoning=reasoning, evidence=(Evidence(quote),))],
                TAXONOMY,
                title=title,
                verdicts={WINE.id: verdict},
            )
        ],
    )
    back = held(render(data))
    assert back == Data(json.loads(json.dumps(data.core)), json.loads(json.dumps(data.details)))
    assert back.core["articles"] == {
        "paths": [one_line(f"content/{name}.md")],
        "titles": [one_line(title)],
    }
    assert back.core["verdicts"] == [[2, 1, one_line(note), "", 1]]
    if reasoning.strip():
        assert one_line(reasoning) in back.details["texts"]


# --- what the data say ---------------------------------------------------------------------------


def test_a_pair_has_its_confidence_rounded_down_its_level_and_what_became_of_it() -> None:
    taxonomy = Taxonomy(categories=TAXONOMY.categories, rules={"tags": Rule(at_most=1)})
    judgements = [judgement(BREAD, 0.9), judgement(CHEESE, 0.80004), judgement(WINE, 0.49996)]
    data = gather(about(taxonomy), [judged("a", judgements, taxonomy)])
    (scorer,) = data.core["scorers"]
    assert scorer["confidence"] == [9000, 8000, 4999]
    primary, tertiary = 0 << 4, 2 << 4
    assert scorer["flags"] == [primary | LABEL | REACHES, primary | REACHES | NEAR, tertiary | NEAR]
    assert scorer["minimums"] == [5000, 5000, 5000]


def test_an_exclusion_is_no_near_miss() -> None:
    judgements = [judgement(BREAD, 0.9, exclusion="rolls")]
    data = gather(about(TAXONOMY), [judged("a", judgements, TAXONOMY)])
    assert data.core["scorers"][0]["flags"][0] == EXCLUDED
    assert "excluded: rolls" in data.details["texts"]


def test_what_was_not_judged_is_told_from_what_is_ignored() -> None:
    failure = Failure(FailureReason.REFUSED, "would not say", (CHEESE.id,))
    unread = Failure(FailureReason.NOT_UTF8, "save it as UTF-8")
    data = gather(
        about(TAXONOMY),
        [
            judged("a", [judgement(BREAD, 0.0)], TAXONOMY, failures=(failure,)),
            judged("b", [], TAXONOMY, failures=(unread,)),
        ],
    )
    (scorer,) = data.core["scorers"]
    assert scorer["confidence"] == [0, -1, -1, -1, -1, -1]
    assert scorer["failures"] == [
        [0, "refused", "would not say", [1]],
        [1, "not_utf8", "save it as UTF-8", []],
    ]


def test_a_verdict_beside_what_the_scorer_thinks() -> None:
    verdicts = {
        BREAD.id: Verdict(category=BREAD.id, accepted=False, note="only rolls", at=5),
        WINE.id: Verdict(category=WINE.id, accepted=True, source="gold.csv", at=6),
    }
    data = gather(
        about(TAXONOMY), [judged("a", [judgement(BREAD, 0.9)], TAXONOMY, verdicts=verdicts)]
    )
    (scorer,) = data.core["scorers"]
    assert sorted(data.core["verdicts"]) == [[0, 0, "only rolls", "", 5], [2, 1, "", "gold.csv", 6]]
    assert scorer["flags"] == [REACHES, 0, LABEL]
    assert scorer["confidence"] == [9000, -1, -1]  # a person's word is no confidence


def test_a_calibrated_confidence_has_its_raw_one_beside_it() -> None:
    minimums = {BREAD.id: 0.3}
    taxonomy = Taxonomy(categories=TAXONOMY.categories, minimums=minimums)
    it = judgement(
        BREAD, 0.35, kind=ConfidenceKind.CALIBRATED, raw=0.9, pack=(WINE.id, BREAD.id, "gone/by")
    )
    data = gather(about(taxonomy), [judged("a", [it], taxonomy)])
    (scorer,) = data.core["scorers"]
    (columns,) = data.details["scorers"]
    assert (scorer["calibrated"], scorer["minimums"]) == (True, [3000, 5000, 5000])
    assert columns["raw"] == [9000]
    assert data.details["packs"] == [[2, 0]]


MANY = Taxonomy(categories=tuple(category(f"c{n:02}") for n in range(20)))


@pytest.mark.parametrize("explain", [False, True])
def test_reasons_are_kept_of_what_somebody_may_ask_about_or_of_all(explain: bool) -> None:
    said = [judgement(it, 0.05, reasoning="far off") for it in MANY.categories]
    said[4] = judgement(MANY.categories[4], 0.9, reasoning="a label")
    said[7] = judgement(MANY.categories[7], 0.1, reasoning="ruled out", exclusion="never")
    said[9] = judgement(MANY.categories[9], 0.41, reasoning="near")
    data = gather(
        about(MANY, explain=explain, fields=["tags"]),
        [judged("a", said, MANY, gold={MANY.categories[15].id: True})],
    )
    (columns,) = data.details["scorers"]
    texts = [data.details["texts"][n] for n in columns["reasoning"]]
    if explain:
        assert columns["pair"] == list(range(20))
    else:
        # 0 is among the three best; 15 is in the front matter and not assigned.
        assert columns["pair"] == [0, 4, 7, 9, 15]
        assert texts == ["far off", "a label", "ruled out", "near", "far off"]
    assert data.details["texts"].count("far off") == 1


def test_what_one_scorer_labels_is_explained_of_the_other_too() -> None:
    low = [judgement(it, 0.05) for it in MANY.categories]
    high = [*low[:19], judgement(MANY.categories[19], 0.9, scorer="other:x:ff")]
    told = about(MANY, "fake:m1:0123456789", "other:x:ff")
    data = gather(told, [beside(judged("a", low, MANY), judged("a", high, MANY))])
    for columns in data.details["scorers"]:
        assert 19 in columns["pair"]


def test_a_quote_stands_in_the_prose_around_it() -> None:
    body = "# Lunch\n\nWe had **bread** and [cheese](x.md). It was good.\n\nAnd then we left.\n"
    start = body.index("It was")
    quote = Evidence("It was good.", start, start + len("It was good."))
    made_up = Evidence("It was bad.")
    data = gather(
        about(TAXONOMY),
        [judged("a", [judgement(BREAD, 0.9, evidence=(quote, made_up))], TAXONOMY, body=body)],
    )
    (numbers, unverified) = data.details["scorers"][0]["evidence"][0]
    texts = [data.details["texts"][n] if n >= 0 else "" for n in numbers]
    assert texts == ["It was good.", "We had bread and cheese.", ""]
    assert len(unverified) == 1


def test_long_surroundings_are_cut_between_words() -> None:
    body = f"{'word ' * 40}The quote is here. {'word ' * 40}"
    start = body.index("The")
    quote = Evidence("The quote is here.", start, start + len("The quote is here."))
    data = gather(
        about(TAXONOMY),
        [judged("a", [judgement(BREAD, 0.9, evidence=(quote,))], TAXONOMY, body=body)],
    )
    ((numbers,),) = data.details["scorers"][0]["evidence"]
    _, before, after = (data.details["texts"][n] for n in numbers)
    assert before == f"… {' '.join(['word'] * 17)}"
    assert after == f"{' '.join(['word'] * 17)} …"


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
