"""What no reader of the page sees is neither judged nor sent."""

from __future__ import annotations

import pytest
from support.growth import grows_linearly

from classifier.content.markdown import prose

HIDDEN = (
    '<span style="visibility:hidden">{}</span>',
    '<div style="color:red; VISIBILITY : hidden !important">{}</div>',
    "<span style='opacity: 0.0;'>{}</span>",
    '<span style="opacity:0%">{}</span>',
    '<span style="filter: blur(0) opacity(0)">{}</span>',
    '<span style="filter:opacity(5%)">{}</span>',
    '<p style="mso-hide: all">{}</p>',
    '<span style="font-size:0">{}</span>',
    '<span style="font-size: 1px">{}</span>',
    '<span style="font:italic 0/0 serif">{}</span>',
    '<div style="position:absolute;left:-9999px">{}</div>',
    '<div style="text-indent:-200em">{}</div>',
    '<div style="transform: translateX(-9999px)">{}</div>',
    '<div style="transform:scale(0)">{}</div>',
    '<div style="position:absolute;clip:rect(0,0,0,0)">{}</div>',
    '<div style="clip-path: inset(50%)">{}</div>',
    '<div style="height:1px;overflow:hidden">{}</div>',
    '<div style="content-visibility:hidden">{}</div>',
    '<span style="color:white">{}</span>',
    '<span style="color: rgb(254, 255, 255)">{}</span>',
    '<span style="color: #FFF">{}</span>',
    '<span style="color:hsl(0 0% 100%)">{}</span>',
    '<span style="color:transparent">{}</span>',
    '<span style="color:rgba(0,0,0,0)">{}</span>',
    '<span style="color:#123456;background:#123457">{}</span>',
    '<div style="background:#000"><i style="color:black">{}</i></div>',
    '<font color="white">{}</font>',
    "<noscript>{}</noscript>",
    "<iframe src='x'>{}</iframe>",
    "<dialog>{}</dialog>",
    "<span aria-hidden=true>{}</span>",
    "<span style=display:none>{}</span>",
    '<span style="display&#58;none">{}</span>',
    '<span style="display:/**/none">{}</span>',
    '<span style="disp\\6c ay:none">{}</span>',
    '<span title="a > b" style="display:none">{}</span>',
    "<span\n  style='display:none'\n>{}</span>",
    "<span style={{{{fontSize: 0}}}}>{}</span>",
    '<div title="a <b" hidden>{}</div>',
    "<div hidden><a title='</div>'>x</a> {}</div>",
    "<div hidden><!-- </div> -->{}</div>",
    "<div hidden>\n\n`</div>` {}\n\n</div>",
    "<div hidden><script>'</div>'</script>{}</div>",
    "<span hidden><div>x</span> {}</div></span>",
    "<div style={{{{visibility: 'hidden'}}}}>\n\n{}\n\n</div>",
)
SEEN = (
    '<span style="opacity:0.6">{}</span>',
    '<span style="filter:opacity(60%) blur(0)">{}</span>',
    '<span style="font-size: 80%">{}</span>',
    '<div style="margin-left:-20px; overflow:hidden; height:200px">{}</div>',
    '<span style="color:white;background:#036">{}</span>',
    '<div style="background-color: navy"><b style="color:white">{}</b></div>',
    '<div style="background: url(dark.png)"><b style="color:white">{}</b></div>',
    '<span style="color:#123456">{}</span>',
    '<font color="red">{}</font>',
    "<dialog open>{}</dialog>",
    "<Video>{}</Video>",
    '<span aria-hidden="false">{}</span>',
    '<a style="color:red" href="{{{{< ref x >}}}}">{}</a>',
    "<details><summary>More</summary>{}</details>",
)


@pytest.mark.parametrize("element", HIDDEN)
def test_what_is_hidden_by_its_tag_is_left_out(element: str) -> None:
    read = prose(f"Before it.\n\n{element.format('unseen')}\n\nAfter it.\n").text
    assert read == "Before it.\nAfter it."


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("<div hidden>no\n\nno\n\nno", ""),
        ("<section>\n\na\n\n<div hidden>\n\nno\n\n</section>\n\nb", "a\nb"),
        ("<ul><li>a</li><li hidden>no</ul>\n\nb", "a\nb"),
        ("a <span hidden>no\n\nb", "a\nb"),
        ("<span hidden>\nno\n\nno", ""),
        ("<p hidden>no\n\nb", "b"),
        ("a <b style='display:none'>no\n\nno", "a"),
        ("a <video src='x'>no", "a"),
        ("a <noscript class='x'>no\n\nno", "a"),
        ('a <i style="color:#fff">no', "a"),
        # no tags, and tags that hold nothing
        ("commit -m <title> b", "commit -m\nb"),
        ("the <object> b", "the\nb"),
        ("a <br hidden> b <img hidden> c <Tag hidden /> d", "a b c d"),
    ],
)
def test_a_hidden_element_that_is_not_closed_ends_where_a_browser_ends_it(
    body: str, read: str
) -> None:
    assert prose(body).text.replace("\n", " ").split() == read.split()


STYLED = "<style>{}</style>\n\nBefore it.\n\n<p id='i' class='a b'>words</p>\n\nAfter it.\n"


@pytest.mark.parametrize(
    "css",
    [
        ".a{display:none}",
        "p.b { color: red; VISIBILITY : hidden }",
        "#i{font-size:0}",
        "h1, .a.b {opacity:0}",
        "/* .x */ .a/**/{display:/**/none}",
        "@media screen { .a{display:none} }",
        ".a{display:none!important} p.a#i{display:block}",
        "@import 'x'; .a{display:none}",
        ".x{} .a{display:none} .b{display:",
        ".a{display:block}.a{display:none}",
        ".\\61{display:none}.a{position:absolute;left:-9999px}",
    ],
)
def test_what_a_style_sheet_of_the_article_hides_is_left_out(css: str) -> None:
    assert prose(STYLED.format(css)).text == "Before it.\nAfter it."


@pytest.mark.parametrize(
    "css",
    [
        ".c{display:none}",
        ".a.c{display:none}",
        "div.a{display:none}",
        ".a .b{display:none}",
        ".a:hover{display:none}",
        "@media print{.a{display:none}}",
        "@media (max-width: 100px){.a{display:none}}",
        ".a{display:none} p.a{display:block}",
        "#i{display:block} .a{display:none}",
        ".a{opacity:0;animation:show 1s forwards}",
        ".a{color:#fff}",
        ".a{.c{display:none}}",
        "} .c{display:none",
    ],
)
def test_what_a_style_sheet_leaves_in_sight_stays(css: str) -> None:
    assert prose(STYLED.format(css)).text == "Before it.\nwords\nAfter it."


def test_style_sheets_in_code_hide_nothing() -> None:
    shown = "```html\n<style>.a{display:none}</style>\n```\n\n<p class='a'>words</p>"
    assert prose(shown).text == "words"


@pytest.mark.parametrize("element", SEEN)
def test_what_is_seen_stays(element: str) -> None:
    read = prose(f"Before it.\n\n{element.format('kept words')}\n\nAfter it.\n").text
    assert "kept words" in read
    assert read.startswith("Before it.\n")
    assert read.endswith("\nAfter it.")


def test_what_is_written_in_characters_that_nobody_sees_is_left_out() -> None:
    tags = "".join(chr(0xE0000 + ord(c)) for c in "give 10")
    selectors = "".join(chr(0xE0100 + ord(c)) for c in "give 10")
    assert prose(f"Bre{tags}ad\u202e and\u2066 sa{selectors}lt\u3164.").text == "Bread and salt."


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        *("<p style=", "<p style='color:white'>", "<i style='background:red'>", "<b hidden {"),
        *(
            '<a hidden ="',
            "<a hidden ={{}",
            "<div hidden><!--",
            "<style hidden>",
            "<i hidden><b></i>",
        ),
        *("<span hidden></div><div></span>", "<style>.a{", "<style>.a{}</style><p class='a'>"),
    ],
)
def test_hostile_repetition_costs_linear_work(unit: str) -> None:
    assert grows_linearly(lambda size: prose("a" + unit * (size // len(unit))), 20_000)
