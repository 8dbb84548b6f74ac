"""The review page in a real Chromium: keys, mouse, what is on disk, what hostile text can do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import browser
from support.browser import Browser, Page
from support.cli_sites import write_mislabelled
from support.review_client import PIXEL, Client

from classifier.project import Project
from classifier.project.review import Review

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser.find() is None, reason="not installed: chromium"),
]

WHOLE = "document.documentElement?.dataset.whole !== undefined"
HOSTILE = (
    "<script>window.pwned = 1</script><img src=x onerror='window.pwned = 1'>",
    "javascript:window.pwned=1",
    "' onmouseover=\"window.pwned = 1\" x='",
)
Open = Callable[..., Page]


@pytest.fixture
def show(chromium: Browser, taxonomy: Path, served: object) -> Iterator[Open]:
    """Opens a page once everything is there; in the end nothing must have gone wrong in any.

    Closed before the servers, the projects and their folder: a page asks for the next articles, and
    in front again for news.
    """
    pages: list[Page] = []

    def shown(client: Client, hash_: str = "", **more: Any) -> Page:
        page = chromium.open(f"{client.address}{hash_}", ready=WHOLE, **more)
        pages.append(page)
        return page

    yield shown
    for page in pages:
        problems = page.events("Runtime.exceptionThrown", "Log.entryAdded")
        page.close()
        assert problems == []


def stored() -> list[tuple[str, str, bool | None, str]]:
    """Return what another process finds on disk."""
    with Project.open() as project:
        return [(it.path, it.category, it.accepted, it.note) for it in project.verdicts()]


def at(path: str, category: str = "") -> str:
    return f"#view=articles&article={path}" + (f"&category=tags%2F{category}" if category else "")


def saved(page: Page, words: str) -> None:
    page.until(f"document.querySelector('.review [role=status]').textContent.startsWith({words!r})")


def card(page: Page) -> str:
    return page.text(".card.here .name")


# --- deciding ------------------------------------------------------------------------------------


def test_keys_accept_and_reject_and_every_verdict_is_on_disk_when_the_page_says_so(
    show: Open, client: Client
) -> None:
    page = show(client, at("lunch.md"))
    assert page.text(".text h2") == "Lunch"
    assert card(page) == "Bread"
    page.press("a")
    saved(page, "Accepted: Bread. Saved.")
    assert stored() == [("lunch.md", "tags/bread", True, "")]
    assert card(page) == "Cheese"
    page.press("r")
    saved(page, "Rejected: Cheese. Saved.")
    assert ("lunch.md", "tags/cheese", False, "") in stored()
    # The last one leads to the next article.
    page.until("document.querySelector('.text h2').innerText !== 'Lunch'")
    assert "2 verdicts" in page.text(".gain .words")
    assert "100 % of the 1 suggested" in page.text(".gain .words")


def test_one_key_confirms_the_rest_and_one_takes_it_back(show: Open, client: Client) -> None:
    page = show(client, at("lunch.md"))
    page.press("Enter")
    saved(page, "2 verdicts. Saved.")
    assert stored() == [
        ("lunch.md", "tags/bread", True, ""),
        ("lunch.md", "tags/cheese", False, ""),
    ]
    page.until("document.querySelector('.text h2').innerText !== 'Lunch'")
    page.press("u")
    saved(page, "Undone.")
    assert stored() == []
    page.until("document.querySelector('.text h2').innerText === 'Lunch'")
    page.press("r")  # what was corrected stays
    page.press("Enter")
    saved(page, "Rejected: Cheese. Saved.")
    assert [accepted for *_, accepted, _ in stored()] == [False, False]


def test_undo_takes_back_step_by_step_and_shows_where(show: Open, client: Client) -> None:
    page = show(client, at("lunch.md"))
    page.press("a")
    page.press("a")
    page.until("document.documentElement.dataset.verdicts === '2'")
    page.press("u")
    saved(page, "Undone.")
    assert stored() == [("lunch.md", "tags/bread", True, "")]
    page.until("document.querySelector('.card.here .name').innerText === 'Cheese'")
    assert page.text(".text h2") == "Lunch"
    page.press("u")
    page.until("document.documentElement.dataset.verdicts === '0'")
    page.press("u")
    saved(page, "Nothing to undo.")
    assert stored() == []


def test_next_previous_and_the_labels_of_an_article(show: Open, client: Client) -> None:
    page = show(client)
    first = page.text(".text h2")
    page.press("n")
    page.until(f"document.querySelector('.text h2').innerText !== {first!r}")
    page.press("p")
    page.until(f"document.querySelector('.text h2').innerText === {first!r}")
    before = card(page)
    page.press("j")
    page.until(f"document.querySelector('.card.here .name').innerText !== {before!r}")
    page.press("k")
    page.until(f"document.querySelector('.card.here .name').innerText === {before!r}")


def test_the_end_of_the_list_is_said(show: Open, client: Client) -> None:
    page = show(client, "#view=articles&q=picnic")
    assert page.text(".end") == ""
    page.press("Enter")
    saved(page, "")
    assert page.text(".end") == "This was the last article of the list."
    page.press("u")
    page.press("p")
    page.until("document.querySelector('.end').innerText === 'This is the first article.'")
    page.run(f"location.hash = '{at('lunch.md')}'")
    page.until("document.querySelector('.end').hidden")


def test_a_note_goes_with_the_verdict_and_is_shown(show: Open, client: Client) -> None:
    page = show(client, at("lunch.md", "wine"))
    page.press("i")
    page.until("document.activeElement.name === 'note'")
    page.type("not a drop")
    page.click("#ask .buttons button:nth-child(2)")
    saved(page, "Rejected: Wine. Saved.")
    assert stored() == [("lunch.md", "tags/wine", False, "not a drop")]
    page.run(f"location.hash = '{at('lunch.md', 'wine')}'")
    page.until("document.querySelector('.pairs').innerText.includes('Note: not a drop')")


def test_any_other_category_is_found_and_added(show: Open, client: Client) -> None:
    page = show(client, at("lunch.md"))
    page.press("+")
    page.until("document.activeElement.classList.contains('add')")
    page.type("oliv")
    page.until("document.querySelectorAll('.hits li').length === 1")
    assert page.run("document.activeElement.getAttribute('aria-activedescendant')") == "hit-0"
    page.press("Enter")
    saved(page, "Accepted: Olives. Saved.")
    assert stored() == [("lunch.md", "tags/olives", True, "")]
    page.until("document.querySelector('.card.here .name').innerText === 'Olives'")


def test_a_less_likely_label_is_accepted_by_one_click(show: Open, client: Client) -> None:
    page = show(client, at("lunch.md"))
    names = "Array.from(document.querySelectorAll('.likely bdi'), (it) => it.innerText)"
    assert page.run(names) == ["Olives", "Wine"]
    page.click(".likely button:nth-child(2)")
    saved(page, "Accepted: Wine. Saved.")
    assert stored() == [("lunch.md", "tags/wine", True, "")]
    page.until(f"{names}.join() === 'Olives'")
    assert page.text(".card.decided .name") == "Wine"


def test_everything_works_with_a_mouse(show: Open, client: Client) -> None:
    page = show(client, at("lunch.md"))
    page.click(".card.here .verdict.accept")
    saved(page, "Accepted: Bread. Saved.")
    assert (
        page.run("document.querySelector('.card .accept').getAttribute('aria-pressed')") == "true"
    )
    page.click(".card .verdict.accept")  # the same again takes it back
    saved(page, "Withdrawn: Bread. Saved.")
    assert stored() == []
    page.click(".review > .bar .reject")
    saved(page, "Rejected: Bread. Saved.")
    page.click(".list .row:not([aria-selected=true])")
    page.until("document.querySelector('.text h2').innerText !== 'Lunch'")


def test_quotes_and_mentions_of_the_open_label_are_highlighted(show: Open, client: Client) -> None:
    page = show(client, at("dinner.md", "wine"))
    assert page.texts(".text mark.here") == ["Wine"]
    page.run(f"location.hash = '{at('dinner.md', 'bread')}'")
    page.until("document.querySelector('.text mark.here')?.innerText === 'Bread'")
    assert "Loaves and their bakers." in page.text(".definition")


# --- nothing is lost -----------------------------------------------------------------------------


def test_two_tabs_show_each_others_verdicts(show: Open, client: Client) -> None:
    one, other = show(client, at("lunch.md")), show(client, at("lunch.md"))
    one.press("a")
    saved(one, "Accepted: Bread. Saved.")
    other.send("Page.bringToFront")
    other.run("document.dispatchEvent(new Event('visibilitychange'))")
    other.until("document.querySelector('.card .accept')?.getAttribute('aria-pressed') === 'true'")
    assert "1 verdict" in other.text(".gain .words")
    other.press("u")
    other.until("document.documentElement.dataset.verdicts === '0'")
    one.send("Page.bringToFront")
    one.run("document.dispatchEvent(new Event('visibilitychange'))")
    one.until("document.documentElement.dataset.verdicts === '0'")


def test_what_does_not_reach_the_disk_is_said_and_tried_again(
    show: Open, client: Client, review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = show(client, at("lunch.md"))
    page.run("window.real = window.fetch; window.fetch = () => Promise.reject(new Error('away'));")
    page.press("a")
    saved(page, "Not saved: Accepted: Bread")
    assert "1 verdict not saved" in page.text(".trouble")
    assert stored() == []
    page.run("window.fetch = window.real; 0")
    page.click(".trouble button")
    saved(page, "Accepted: Bread. Saved.")
    assert page.text(".trouble") == ""
    assert stored() == [("lunch.md", "tags/bread", True, "")]


def test_a_new_start_goes_on_where_the_last_one_ended(
    show: Open,
    review: Review,
    opened: Callable[[], Project],
    served: Callable[[Review], Client],
) -> None:
    page = show(served(review), at("lunch.md"))
    page.press("a")
    saved(page, "Accepted: Bread. Saved.")
    again = show(served(opened().review()), at("lunch.md"))
    assert "1 verdict" in again.text(".gain .words")
    again.press("u")
    saved(again, "Undone.")
    assert stored() == []


# --- many at once --------------------------------------------------------------------------------


def test_articles_of_a_category_are_chosen_and_decided_together(show: Open, client: Client) -> None:
    page = show(client, "#view=categories&category=tags%2Folives")
    page.click(".choose")
    page.run(
        """(() => {
            const boxes = document.querySelectorAll(".choose");
            boxes[2].dispatchEvent(new MouseEvent("click", { bubbles: true, shiftKey: true }));
        })()"""
    )
    assert "3 chosen" in page.text(".choice")
    page.click(".choice .reject")
    page.until("document.documentElement.dataset.verdicts === '3'")
    assert {(category, accepted) for _, category, accepted, _ in stored()} == {
        ("tags/olives", False)
    }
    page.run("document.querySelector('.choice')")
    assert page.run("document.querySelector('.choice').hidden") is True
    assert page.run("document.querySelectorAll('.reject[aria-pressed=true]').length") == 3


def test_the_minimum_can_be_dragged_and_the_changes_are_counted(show: Open, client: Client) -> None:
    page = show(client, "#view=categories&category=tags%2Fcheese")
    page.run(
        """(() => {
            const range = document.querySelector(".threshold input");
            range.value = "0.4";
            range.dispatchEvent(new Event("input"));
        })()"""
    )
    page.until("document.querySelector('.threshold output').innerText.startsWith('At 0.40')")
    words = page.text(".threshold output")
    assert "At 0.40: 2 labels, 1 label would change (1 added, 0 removed)" in words
    assert "[rules.tags] minimum = 0.40" in words
    assert stored() == []


def test_filters_narrow_the_queue(show: Open, client: Client) -> None:
    page = show(client, "#view=articles&q=picnic")
    assert page.texts(".list .title") == ["Picnic"]
    assert page.text(".text h2") == "Picnic"


def test_labels_are_applied_from_the_page(show: Open, client: Client) -> None:
    page = show(client, at("lunch.md", "wine"))
    page.press("a")
    saved(page, "Accepted: Wine. Saved.")
    page.click(".gain button:last-of-type")
    page.until("document.querySelector('.diff')")
    assert "+tags:" in page.text(".diff")
    assert "tags" not in Path("lunch.md").read_text()
    page.click("#ask .accept")
    page.until("document.querySelector('#ask').innerText.includes('1 file written')")
    assert "Wine" in Path("lunch.md").read_text()


def test_labels_of_one_article_are_applied_by_its_own_button(show: Open, client: Client) -> None:
    before = Path("dinner.md").read_text()
    page = show(client, at("lunch.md", "wine"))
    page.press("a")
    saved(page, "Accepted: Wine. Saved.")
    page.run(f"location.hash = '{at('dinner.md', 'wine')}'")
    page.until("document.querySelector('.text h2').innerText === 'Dinner'")
    page.press("r")
    saved(page, "Rejected: Wine. Saved.")
    page.run(f"location.hash = '{at('lunch.md')}'")
    page.until("document.querySelector('.text h2').innerText === 'Lunch'")
    page.click(".text .article button")
    page.until("document.querySelector('.diff')")
    assert "Apply to this article" in page.text("#ask h2")
    page.click("#ask .accept")
    page.until("document.querySelector('#ask').innerText.includes('1 file written')")
    assert "Wine" in Path("lunch.md").read_text()
    assert Path("dinner.md").read_text() == before
    page.until("document.querySelector('.text .article').innerText.includes('Wine')")


def test_training_says_what_it_brought_and_the_page_goes_on(
    show: Open,
    taxonomy: Path,
    opened: Callable[[], Project],
    served: Callable[[Review], Client],
) -> None:
    write_mislabelled(taxonomy)
    review = opened().review("site")
    for path in review.rows:
        number = int(Path(path).stem)
        review.give([path], "tags/bread", accepted=number % 3 == 0)
        review.give([path], "tags/wine", accepted=number % 3 == 1)
    page = show(served(review))
    page.click(".gain .train")
    page.until("document.querySelector('#ask h2')?.innerText === 'Trained'", seconds=120)
    words = page.text("#ask")
    assert "Learned from 48 labelled pairs." in words
    assert "tags: on held-out articles (of 24), F1 of the labels 0." in words
    page.click("#ask .buttons:last-child button")
    assert page.text(".gain .train") == "Train now"
    assert "48 verdicts" in page.text(".gain .words")
    assert "no suggested label seen yet" in page.text(".gain .words")


def test_images_of_the_folder_are_shown_and_links_open_elsewhere(
    show: Open, site: Path, client: Client
) -> None:
    (site / "loaf.png").write_bytes(PIXEL)
    (site / "lunch.md").write_text(
        "---\ntitle: Lunch\n---\nBread, more bread and bread again. Cheese too. "
        "![A loaf](loaf.png) ![Gone](gone.png) ![Far](http://127.0.0.1:9/x.png) "
        "[web](https://example.org/x) [here](/about) [bad](javascript:window.pwned=1)\n"
    )
    page = show(client, at("lunch.md"))
    page.until("document.querySelector('.body img')?.naturalWidth === 1")
    assert page.run("document.querySelector('.body img').alt") == "A loaf"
    assert page.texts(".body .image") == ["Image: Gone", "Image: Far"]
    assert page.texts(".body a") == ["web"]
    assert page.texts(".body u") == ["here", "bad"]
    link = page.run(
        "(({ href, target, rel }) => [href, target, rel])(document.querySelector('.body a'))"
    )
    assert link == ["https://example.org/x", "_blank", "noopener noreferrer"]
    asked = {it["request"]["url"] for it in page.events("Network.requestWillBeSent")}
    assert not [url for url in asked if "127.0.0.1:9/" in url or "example.org" in url]


def test_training_with_too_few_verdicts_says_so(show: Open, client: Client) -> None:
    page = show(client)
    page.click(".gain .train")
    page.until("document.querySelector('#ask').innerText.includes('Not trained')")


# --- strangers -----------------------------------------------------------------------------------


def front_matter(**meta: object) -> str:
    return "".join(["---\n", *(f"{k}: {json.dumps(v)}\n" for k, v in meta.items()), "---\n"])


def write_hostile(site: Path) -> None:
    worst = " ".join(HOSTILE)
    for n, text in enumerate(HOSTILE):
        definition = front_matter(title=text, description=worst, aliases=[worst])
        (site / f"taxonomy/tags/evil{n}.md").write_text(f"{definition}{worst}\n")
        head = front_matter(title=text, description=worst, tags=[text])
        (site / f"evil{n}.md").write_text(
            f"{head}{worst}\n\n[click](javascript:window.pwned=1) ![x](http://127.0.0.1:9/x.png)\n"
            f"<iframe src=http://127.0.0.1:9/></iframe>\n\n{text} {text} {text}\n"
        )


@pytest.mark.parametrize("view", ["articles", "categories", "map", "overview"])
def test_hostile_text_neither_runs_nor_leaves_the_page(
    show: Open,
    site: Path,
    opened: Callable[[], Project],
    served: Callable[[Review], Client],
    view: str,
) -> None:
    write_hostile(site)
    project = opened()
    project.run()
    review = project.review()
    evil = [it.id for it in review.categories if "evil" in it.id]
    review.give(["evil0.md"], evil[0], accepted=True, note=" ".join(HOSTILE))
    client = served(review)
    page = show(client)
    for path in ("evil0.md", "evil1.md", "evil2.md"):
        for category in evil:
            chosen = json.dumps({"view": view, "article": path, "category": category})
            page.run(
                f"""new Promise((done) => {{
                    addEventListener("hashchange", () => setTimeout(done), {{ once: true }});
                    location.hash = new URLSearchParams({chosen});
                }})"""
            )
            page.run("document.querySelectorAll('details').forEach((it) => { it.open = true; })")
            assert page.run("window.pwned") is None
    if view == "articles":
        page.until("document.querySelector('.text h2').innerText.includes('onmouseover')")
        assert "window.pwned" in page.text(".body")
        page.click(".gain button:last-of-type")  # the diff has hostile labels, too
        page.until("document.querySelector('#ask').innerText.includes('evil0.md')")
    assert page.run("window.pwned") is None
    assert page.run("document.scripts.length") == 1
    assert page.run("document.querySelectorAll('img, iframe, object, embed, base').length") == 0
    names = page.run("[...document.querySelectorAll('*')].flatMap(n => n.getAttributeNames())")
    assert not [name for name in names if name.startswith("on")]
    links = page.run("[...document.links].map((it) => it.getAttribute('href'))")
    assert all(link.startswith("#") for link in links)
    asked = {it["request"]["url"] for it in page.events("Network.requestWillBeSent")}
    own = (f"http://127.0.0.1:{client.port}/", "data:", "about:")
    assert [url for url in asked if not url.startswith(own)] == []


def test_a_page_of_another_origin_reaches_nothing(
    chromium: Browser, client: Client, review: Review
) -> None:
    page = chromium.open("data:text/html,<p>evil", ready="document.body")
    body = json.dumps(
        {"verdicts": [{"path": "lunch.md", "category": "tags/wine", "accepted": True}]}
    )
    for mode in ("cors", "no-cors"):
        page.run(
            f"""fetch("http://127.0.0.1:{client.port}/api/verdicts?token={client.token}",
                {{ method: "POST", mode: "{mode}", body: {json.dumps(body)} }}).catch(() => 0)"""
        )
    read = page.run(
        f"""fetch("http://127.0.0.1:{client.port}/api/queue?token={client.token}")
            .then((it) => it.text(), () => "refused")"""
    )
    page.close()
    assert read == "refused"
    assert review.verdict_count == 0


# --- for everybody -------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_cut_off_and_text_has_contrast(
    show: Open, client: Client, width: int, dark: bool
) -> None:
    page = show(client, at("lunch.md"), width=width, height=844, dark=dark)
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    for selector in (".card.here .name", ".card .muted", ".gain .words", ".body p", ".text .path"):
        assert contrast(page, selector) >= 4.5, selector
    assert page.run(
        """[...document.querySelectorAll(".review > .bar button")].every((it) => {
            const box = it.getBoundingClientRect();
            return box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight;
        })"""
    )


def contrast(page: Page, selector: str) -> float:
    """Return the contrast of text and what is behind it (WCAG 2.2)."""
    return page.run(
        f"""(() => {{
            const numbers = (text) => text.match(/[\\d.]+/g).map(Number);
            const light = (colour) => {{
                const [r, g, b] = colour.map((it) => it / 255)
                    .map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            }};
            let node = document.querySelector({json.dumps(selector)});
            const ink = numbers(getComputedStyle(node).color);
            let paper = [0, 0, 0, 0];
            while (node && (paper.length > 3 && paper[3] === 0)) {{
                paper = numbers(getComputedStyle(node).backgroundColor);
                node = node.parentElement;
            }}
            const [high, low] = [light(ink), light(paper)].sort((a, b) => b - a);
            return (high + 0.05) / (low + 0.05);
        }})()"""
    )


def test_every_control_has_a_name_and_keys_reach_it(show: Open, client: Client) -> None:
    page = show(client, at("lunch.md"))
    tree = page.send("Accessibility.getFullAXTree")["nodes"]
    controls = {
        "button",
        "link",
        "checkbox",
        "combobox",
        "searchbox",
        "textbox",
        "slider",
        "listbox",
    }
    nameless = [
        it
        for it in tree
        if not it.get("ignored")
        and it.get("role", {}).get("value") in controls
        and not it.get("name", {}).get("value", "").strip()
    ]
    assert nameless == []
    names = [it["name"]["value"] for it in tree if it.get("role", {}).get("value") == "button"]
    assert "Accept Bread" in names
    reached = []
    for _ in range(40):
        page.press("Tab")
        reached.append(page.run("document.activeElement.getAttribute('aria-label') || ''"))
    # From the queue to the text, to the labels.
    assert (
        reached.index("Queue")
        < reached.index("Accept Bread")
        < reached.index("Add another category")
    )


def test_what_was_decided_is_announced_and_the_place_is_marked(show: Open, client: Client) -> None:
    page = show(client, at("lunch.md"))
    assert page.run("document.querySelectorAll('[aria-current=true]').length") == 1
    page.press("a")
    saved(page, "Accepted: Bread. Saved.")
    assert page.run("document.querySelector('.review [role=status]').matches('.unseen')")
