"""The page of a run in a real Chromium: what people see and do, and what hostile text cannot do."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import browser
from support.browser import Browser, Page
from support.reports import HOSTILE, about, beside, category, hostile, judged, judgement

from classifier.models import Evidence, Failure, FailureReason, Taxonomy, Verdict
from classifier.outputs.report import Data, gather, render
from classifier.project import Project
from classifier.sanitize import one_line

pytestmark = pytest.mark.skipif(browser.find() is None, reason="not installed: chromium")

NAMES = ("bread", "cheese", "olives", "wine")
TAXONOMY = Taxonomy(
    categories=(*(category(name) for name in NAMES), category("craft", kind="concepts"))
)
BREAD, CHEESE, OLIVES, WINE, CRAFT = TAXONOMY.categories
OTHER = "other:x:ffffffffffffffff"


def lunch() -> Data:
    """Two scorers, a verdict against the first, front matter, a failure, and many far-off pairs."""
    body = "We had bread. There was more of it."
    quote = Evidence("We had bread.", 0, 13)
    first = judged(
        "lunch",
        [
            judgement(BREAD, 0.9, reasoning="It is about bread.", evidence=(quote,)),
            judgement(CHEESE, 0.45, reasoning="Only a little.", aspects={"depth": 0.4}),
            judgement(OLIVES, 0.01),
            judgement(WINE, 0.02, reasoning="None at all."),
            judgement(CRAFT, 0.7, exclusion="craft beer"),
        ],
        TAXONOMY,
        body=body,
        gold={BREAD.id: True, CHEESE.id: True, OLIVES.id: False, WINE.id: False},
        verdicts={WINE.id: Verdict(category=WINE.id, accepted=True, note="there was some", at=9)},
    )
    second = judged(
        "lunch", [judgement(BREAD, 0.1), judgement(CHEESE, 0.8, scorer=OTHER)], TAXONOMY
    )
    unread = Failure(FailureReason.NOT_UTF8, "save it as UTF-8")
    broken = judged("broken", [], TAXONOMY, title="", failures=(unread,))
    crowd = [
        judged(f"day-{n:03}", [judgement(it, 0.1) for it in TAXONOMY.categories], TAXONOMY)
        for n in range(300)
    ]
    told = about(TAXONOMY, "fake:m1:0123456789", OTHER, fields=["tags"])
    return gather(told, [beside(first, second), *(beside(it, it) for it in (broken, *crowd))])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "a report.html"
    path.write_text(render(lunch()), encoding="utf-8")
    return path


@pytest.fixture
def show(chromium: Browser, file: Path) -> Iterator[Show]:
    shown = Show(chromium, file)
    yield shown
    shown.close()


class Show:
    """Opens the page at an address, and in the end looks whether anything went wrong in it."""

    def __init__(self, chromium: Browser, file: Path) -> None:
        self._chromium = chromium
        self._file = file
        self._pages: list[Page] = []

    def __call__(self, hash_: str = "", *, width: int = 1440, dark: bool = False) -> Page:
        page = self._chromium.open(f"{self._file.as_uri()}{hash_}", width=width, dark=dark)
        self._pages.append(page)
        return page

    def close(self) -> None:
        for page in self._pages:
            problems = page.events("Runtime.exceptionThrown", "Log.entryAdded")
            page.close()
            assert problems == []


LUNCH = "#view=articles&article=content%2Flunch.md"


# --- strangers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("view", ["overview", "map", "categories", "articles"])
def test_hostile_text_is_shown_and_never_run(chromium: Browser, tmp_path: Path, view: str) -> None:
    path = tmp_path / "hostile.html"
    data = hostile()
    path.write_text(render(data), encoding="utf-8")
    show = Show(chromium, path)
    page = show(f"#view={view}")
    for article, category_ in zip(
        data.core["articles"]["paths"], data.core["categories"], strict=True
    ):
        chosen = json.dumps({"view": view, "article": article, "category": category_["id"]})
        page.run(
            f"""new Promise((done) => {{
                addEventListener("hashchange", () => setTimeout(done), {{ once: true }});
                location.hash = new URLSearchParams({chosen});
            }})"""
        )
        page.run("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
        shown = page.run("document.body.innerText")
        if view in ("categories", "articles"):
            assert one_line(HOSTILE[0]) in shown
            assert one_line(HOSTILE[1]) in shown
        assert not set(shown) & set("\u202e\x1b\u2028\u2029")
        assert page.run("window.pwned") is None
        assert page.run("document.scripts.length") == 1
        assert page.run("document.querySelectorAll('img, iframe, object, embed').length") == 0
        links = page.run("[...document.links].map((it) => it.getAttribute('href'))")
        assert links
        assert all(link.startswith("#") for link in links)
        names = page.run("[...document.querySelectorAll('*')].flatMap(n => n.getAttributeNames())")
        assert not [name for name in names if name.startswith("on")]
    show.close()


def test_a_hostile_address_finds_nothing_and_runs_nothing(show: Show) -> None:
    page = show("#view=constructor&article=<img src=x onerror=pwned=1>&scorer=__proto__&min=x")
    assert page.run("document.body.dataset.view") == "overview"
    page.run("location.hash = '#view=articles&article=<img src=x onerror=window.pwned=1>'")
    page.until("document.querySelector('.pane')?.innerText.includes('has no article')")
    assert "<img src=x onerror=window.pwned=1>" in page.text(".pane")
    assert page.run("window.pwned") is None


def test_the_page_asks_nobody_for_anything(show: Show, file: Path) -> None:
    page = show(LUNCH)
    for view in ("overview", "map", "categories"):
        page.run(f"location.hash = '#view={view}'")
        page.until(f"document.body.dataset.view === '{view}'")
    asked = page.events("Network.requestWillBeSent")
    urls = {it["request"]["url"].partition("#")[0] for it in asked} - {"data:,", "about:blank"}
    assert urls == {file.as_uri()}
    denied = page.run("fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'denied')")
    assert denied == "denied"
    # Tried on purpose: what the browser says about it is no problem of the page.
    show._pages.remove(page)


# --- what is there -------------------------------------------------------------------------------


def test_the_overview_sums_the_run_up(show: Show) -> None:
    text = show().text(".overview")
    assert "302 articles x 5 categories" in text
    assert "2 labels on 1 article; 301 without any." in text
    assert "Calls\nnone" in text
    assert "with people's verdicts: 1 pair" in text
    assert "with front matter (tags): 2 pairs" in text
    assert "save it as UTF-8" in text


def test_an_article_has_its_labels_reasons_quotes_and_who_judged(show: Show) -> None:
    page = show(LUNCH)
    assert page.text("main h2") == "Lunch"
    bread, wine = page.texts(".judgements:first-of-type > .judgement")[:2]
    assert "0.90\nPrimary" in bread
    assert "It is about bread." in bread
    assert page.text("blockquote") == "We had bread. There was more of it."
    assert page.text("blockquote mark") == "We had bread."
    assert "accepted by a person" in wine
    assert "the scorer disagrees" in wine
    assert "there was some" in wine
    assert "other (x) 0.10" in bread
    page.click(".provenance summary")
    provenance = page.text(".provenance dl")
    for told in ("fake:m1:0123456789", "m1-2026", "stated", "2027-01-15"):
        assert told in provenance


def test_a_category_has_its_distribution_and_its_near_misses(show: Show) -> None:
    page = show("#view=categories&category=tags%2Fcheese")
    text = page.text(".pane")
    assert "Near misses (1)" in text
    assert "Only a little." in text
    assert "All others (300)" in text
    label = page.run("document.querySelector('figure svg').getAttribute('aria-label')")
    assert "0.10: 300" in label
    assert "0.45: 1" in label
    page.click(".pane article > button")
    assert page.run("document.querySelectorAll('.judgement').length") == 302


def test_an_article_that_could_not_be_read_says_why(show: Show) -> None:
    page = show("#view=articles&article=content%2Fbroken.md")
    assert "not_utf8: save it as UTF-8" in page.text(".pane")
    assert "Not judged yet." in page.text(".pane")


def test_of_a_long_list_only_what_is_in_sight_is_in_the_document(show: Show) -> None:
    page = show("#view=articles")
    assert page.run("document.querySelectorAll('.row').length") < 40
    assert page.run("document.querySelector('.row').getAttribute('aria-setsize')") == "302"
    page.run("document.querySelector('.list').scrollTop = 1e6")
    page.until("document.querySelector('.list').innerText.includes('Lunch')")
    assert page.run("document.querySelectorAll('.row').length") < 40


def test_a_damaged_file_is_said_to_be_one(chromium: Browser, tmp_path: Path) -> None:
    path = tmp_path / "damaged.html"
    text = render(lunch())
    start = text.index('id="core">') + 200
    path.write_text(text[:start] + text[start + 400 :], encoding="utf-8")
    page = chromium.open(path.as_uri(), ready="document.querySelector('.notice')")
    assert "the file is damaged" in page.text("main")
    page.close()


# --- filters and links ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hash_", "found"),
    [
        ("&q=LUNCH", "1 article x 5 categories"),
        ("&q=day 007", "1 article x 5 categories"),
        ("&c=bre", "302 articles x 1 category"),
        ("&kind=concepts", "302 articles x 1 category"),
        ("&level=Primary", "1 article x 1 category, 1 pair of 1,510"),
        ("&min=0.4&max=0.5", "1 article x 1 category, 1 pair of 1,510"),
        ("&show=label", "1 article x 2 categories, 2 pairs of 1,510"),
        ("&show=near", "1 article x 1 category, 1 pair of 1,510"),
        ("&show=excluded", "1 article x 1 category, 1 pair of 1,510"),
        ("&show=verdict", "1 article x 1 category, 1 pair of 1,510"),
        ("&show=unjudged", "1 article x 5 categories, 5 pairs of 1,510"),
        ("&show=none", "301 articles x 5 categories"),
        ("&differs=verdict", "1 article x 1 category, 1 pair of 1,510"),
        ("&differs=field", "1 article x 2 categories, 2 pairs of 1,510"),
        ("&differs=1", "1 article x 2 categories, 2 pairs of 1,510"),
        (f"&show=label&scorer={OTHER}", "1 article x 1 category, 1 pair of 1,510"),
        ("&q=nothing+like+it", "0 articles x 5 categories"),
    ],
)
def test_an_address_says_what_is_shown(show: Show, hash_: str, found: str) -> None:
    page = show(f"#view=articles{hash_}")
    assert page.text("#found").startswith(found)


def test_a_filter_that_is_set_is_in_the_address(show: Show) -> None:
    page = show("#view=articles")
    page.click("[name=q]")
    page.type("lunch")
    page.until("location.hash.includes('q=lunch')")
    page.until("document.querySelectorAll('.row').length === 1")
    page.run("document.querySelector('[value=Ignored]').click()")
    page.until("location.hash.includes('level=Primary%2CSecondary%2CTertiary')")
    page.click("#reset")
    page.until("location.hash === '#view=articles'")
    assert page.text("#found") == "302 articles x 5 categories"


def test_back_leads_from_an_article_to_the_list(show: Show) -> None:
    page = show("#view=articles&q=lunch")
    page.click(".row")
    page.until("document.querySelector('main h2')?.innerText === 'Lunch'")
    page.run("history.back()")
    page.until("document.querySelector('.pane').innerText === 'Choose an article.'")


def test_nothing_found_is_said(show: Show) -> None:
    for view, told in (
        ("map", "Nothing matches the filters."),
        ("articles", "No article matches the filters."),
        ("categories", "No category matches the filters."),
    ):
        page = show(f"#view={view}&q=nothing+like+it&show=label")
        assert told in page.text("main")


# --- keys ----------------------------------------------------------------------------------------


def test_keys_lead_everywhere(show: Show) -> None:
    page = show()
    page.press("?")
    page.until("document.querySelector('dialog').open")
    assert "Search articles" in page.text("dialog")
    page.press("Escape")
    page.until("!document.querySelector('dialog').open")
    page.press("/")
    page.until("document.body.dataset.view === 'articles'")
    page.type("lunch")
    page.until("document.querySelectorAll('.row').length === 1")
    page.press("4")  # in a field, it is a letter
    page.press("Escape")
    page.press("x")
    page.until("!location.hash.includes('q=')")
    page.press("j")
    page.until("location.hash.includes('article=content%2Fbroken.md')")
    page.press("j")
    page.until("location.hash.includes('article=content%2Fday-000.md')")
    page.press("k")
    page.until("location.hash.includes('article=content%2Fbroken.md')")
    page.press("Escape")
    page.until("!location.hash.includes('article=')")
    page.press("2")
    page.until("document.body.dataset.view === 'map'")


def test_the_focus_is_not_lost_on_the_way(show: Show) -> None:
    page = show()
    page.run("document.querySelector('nav a:nth-child(2)').focus()")
    page.press("Enter")
    page.until("document.body.dataset.view === 'map'")
    assert page.run("document.activeElement.innerText") == "Map"
    page.run("document.querySelector('.map').focus()")
    page.press("Enter")
    page.until("document.body.dataset.view === 'articles'")
    assert page.run("document.activeElement.id") == "main"


def test_the_map_is_walked_with_arrow_keys(show: Show) -> None:
    page = show("#view=map&sort=labels")
    page.run("document.querySelector('.map').focus()")
    assert "Bread" in page.text(".readout")
    page.press("ArrowRight")
    page.until("document.querySelector('.readout').innerText.includes('Cheese')")
    assert page.text(".readout").startswith("0.45 Tertiary: Cheese (tags) on Lunch")
    page.press("Enter")
    page.until("document.querySelector('main h2')?.innerText === 'Lunch'")
    assert "Cheese" in page.text(".judgement.here")


def test_a_cell_is_opened_by_a_click_and_a_name_orders_by_it(show: Show) -> None:
    page = show("#view=map&sort=labels")
    left, top = page.run(
        "(({ x, y }) => [x, y])(document.querySelector('.map').getBoundingClientRect())"
    )
    page.click_at(left + 300 + 60, top + 100)  # the second name: pixels as heatmap.js has them
    page.until("location.hash.includes('sort=tags%2Fcheese')")
    page.click_at(left + 300 + 60, top + 150 + 9)
    page.until("location.hash.includes('article=content%2Flunch.md')")


def test_single_keys_can_be_switched_off(show: Show) -> None:
    page = show()
    page.press("?")
    page.click("dialog input")
    page.press("Escape")
    page.until("!document.querySelector('dialog').open")
    page.press("4")
    page.run("new Promise((done) => setTimeout(done, 50))")
    assert page.run("document.body.dataset.view") == "overview"
    page.run("localStorage.clear()")


# --- how it looks --------------------------------------------------------------------------------


def test_the_theme_is_the_systems_until_another_is_asked_for(show: Show) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = show(), show(dark=True)
    assert light.run(ground) == "rgb(251, 250, 248)"
    assert dark.run(ground) == "rgb(22, 21, 20)"
    dark.press("d")
    dark.until(f"{ground} === 'rgb(251, 250, 248)'")
    dark.run("localStorage.clear()")


@pytest.mark.parametrize("view", ["overview", "map", "categories", "articles"])
def test_a_telephone_shows_it_without_scrolling_sideways(show: Show, view: str) -> None:
    page = show(f"#view={view}", width=390)
    assert page.run("document.documentElement.scrollWidth") <= 390
    page = show(f"{LUNCH}&category=tags%2Fcheese".replace("articles", view), width=390)
    assert page.run("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("view", ["overview", "map", "categories", "articles"])
def test_everything_that_can_be_operated_has_a_name(show: Show, view: str) -> None:
    page = show(f"{LUNCH}&category=tags%2Fcheese".replace("articles", view))
    nodes = page.send("Accessibility.getFullAXTree")["nodes"]
    roles = {"button", "link", "searchbox", "spinbutton", "combobox", "checkbox", "listbox"}
    for node in nodes:
        if not node["ignored"] and node["role"]["value"] in roles | {"dialog", "application"}:
            assert node["name"]["value"].strip(), node


def test_on_paper_there_are_no_controls(show: Show) -> None:
    page = show(LUNCH)
    page.send("Emulation.setEmulatedMedia", media="print")
    assert page.text("main h2") == "Lunch"
    hidden = "nav, .tools, #filters, .list"
    seen = f"[...document.querySelectorAll('{hidden}')].filter((it) => it.checkVisibility()).length"
    assert page.run(seen) == 0
    assert page.pdf().startswith(b"%PDF")


# --- verdicts ------------------------------------------------------------------------------------


def test_verdicts_are_saved_as_a_file_that_can_be_imported(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    (site / "content").mkdir(parents=True)
    (site / "content/lunch.md").write_text("Bread and wine.\n")
    (site / "tags").mkdir()
    for name in NAMES:
        (site / f"tags/{name}.md").write_text(f"---\ntitle: {name.title()}\n---\n")
    (site / "classify.toml").write_text('categories = "tags"\n')
    page_file = site / "report.html"
    page_file.write_text(render(lunch()), encoding="utf-8")
    show = Show(chromium, page_file)
    page = show(LUNCH)
    assert page.run("document.querySelector('#save').disabled") is True
    page.click("[aria-label='Reject Bread']")
    page.click("[aria-label='Accept Cheese']")
    page.click("[aria-label='Accept Olives']")
    page.click("[aria-label='Accept Olives']")  # taken back
    assert page.text("#save") == "Save 2 verdicts"
    assert "accepted by a person" in page.text("main")
    page.go(f"{page_file.as_uri()}{LUNCH}")  # nothing is lost until it is saved
    assert page.text("#save") == "Save 2 verdicts"
    page.send("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(site))
    page.click("#save")
    saved = site / "verdicts.jsonl"
    wait_for(saved)
    show.close()
    monkeypatch.chdir(site)
    with Project.open() as project:
        project.import_verdicts(saved)
        found = {it.category: it.accepted for it in project.verdicts()}
    assert found == {"tags/bread": False, "tags/cheese": True}


def wait_for(file: Path) -> None:
    end = time.monotonic() + browser.PATIENCE
    while not (file.exists() and file.read_text().endswith("\n")):
        assert time.monotonic() < end, file
        time.sleep(0.02)
