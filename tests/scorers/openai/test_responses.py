from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.chat_server import completion
from support.growth import grows_linearly

from classifier.models import Category, FailureReason, Instructions
from classifier.scorers.openai import prompts, responses
from classifier.scorers.openai.requests import encode, make_request

PROMPTS = prompts.load()


def category(name, *exclusions):
    instructions = Instructions(exclusions=exclusions)
    return Category(id=f"t/{name}", kind="t", title=name.title(), instructions=instructions)


BREAD, CHESS = category("bread", "Cakes", "Pastry"), category("chess")


def request(*categories, canaries=()):
    return make_request(encode("Text."), categories, canaries=canaries)


def item(key, mentions=5, alignment=5, depth=5, **more):
    return {
        "id": key,
        "evidence": [],
        "exclusion": None,
        "reasoning": "Because.",
        "mentions": mentions,
        "alignment": alignment,
        "depth": depth,
    } | more


def read(*items, asked=None):
    content = json.dumps({"judgements": items})
    return responses.read(json.dumps(completion(content)), asked or request(BREAD, CHESS), PROMPTS)


def says(content):
    return responses.read(json.dumps(completion(content)), request(BREAD, CHESS), PROMPTS)


# --- numbers -------------------------------------------------------------------------------------

score = st.integers(0, 10)


@given(score, score, score)
def test_the_confidence_is_the_weighted_sum_of_the_aspects(mentions, alignment, depth):
    reply = read(item("bread", mentions, alignment, depth), asked=request(BREAD))
    weights = PROMPTS.aspects
    expected = weights["mentions"] * mentions + weights["alignment"] * alignment
    expected = (expected + weights["depth"] * depth) / 10
    assert reply.answers[0].confidence == pytest.approx(expected, abs=1e-4)
    assert 0 <= reply.answers[0].confidence <= 1


@given(score, score, score)
def test_an_exclusion_never_raises_a_confidence_and_caps_it(mentions, alignment, depth):
    given_ = (mentions, alignment, depth)
    free = read(item("bread", *given_), asked=request(BREAD)).answers[0]
    capped = read(item("bread", *given_, exclusion=2), asked=request(BREAD)).answers[0]
    assert capped.exclusion == "Pastry"
    assert capped.confidence == min(free.confidence, PROMPTS.exclusion_cap)


@pytest.mark.parametrize("number", [0, -1, 3])
def test_an_exclusion_that_is_not_there_changes_nothing_and_is_noted(number):
    reply = read(item("bread", exclusion=number), asked=request(BREAD))
    assert reply.answers[0].exclusion is None
    assert str(number) in reply.notes[0]


# --- short answers -------------------------------------------------------------------------------


def short(key, *scores, why="about something else"):
    return {"id": key, "why": why, "scores": list(scores)}


def answer(full=(), out=(), *, rubric=PROMPTS, asked=None):
    content = json.dumps({"judgements": list(full), "out": list(out)})
    return responses.read(json.dumps(completion(content)), asked or request(BREAD, CHESS), rubric)


def test_a_short_answer_has_scores_and_a_phrase():
    reply = answer([item("bread", 8, 9, 7)], [short("chess", 2, 1, 0)])
    assert reply.missing == ()
    full, out = reply.answers
    assert (full.short, out.short) == (False, True)
    assert out.aspects == {"mentions": 0.2, "alignment": 0.1, "depth": 0.0}
    assert out.confidence == pytest.approx(0.2 * 0.2 + 0.5 * 0.1)
    assert out.reasoning == "about something else"
    assert out.quotes == ()


def test_of_two_answers_the_one_in_full_counts():
    reply = answer([item("bread", 8, 9, 7), item("chess")], [short("bread", 0, 0, 0)])
    assert [v.short for v in reply.answers] == [False, False]
    assert "second answer" in reply.notes[0]


def test_of_two_answers_in_a_list_that_differ_none_counts():
    reply = answer([item("bread", 8, 9, 7), item("bread", 1, 1, 1), item("chess")])
    assert reply.missing == (BREAD,)
    assert "second answer" in reply.notes[0]
    assert answer([item("bread"), item("bread"), item("chess")]).missing == ()
    shorts = [short("bread", 0, 0, 0), short("bread", 2, 0, 0)]
    assert answer([item("chess")], shorts).missing == (BREAD,)


def test_a_full_answer_counts_whichever_comes_first():
    reply = answer([short("bread", 0, 0, 0), item("bread", 8, 9, 7), item("chess")])
    assert [v.short for v in reply.answers] == [False, False]


@pytest.mark.parametrize("change", [str.upper, str.title, " {} ".format], ids=range(3))
def test_fields_are_known_in_any_letter_case(change):
    full, out = (
        {change(name): value for name, value in each.items()}
        for each in (item("bread", 8, 9, 7), short("chess", 2, 1, 0))
    )
    assert answer([full], [out]) == answer([item("bread", 8, 9, 7)], [short("chess", 2, 1, 0)])


@given(st.tuples(score, score, score))
def test_a_short_answer_stands_only_for_what_is_clearly_out(scores):
    reply = answer([item("chess")], [short("bread", *scores)])
    (bread,) = [v for v in reply.answers if v.short]
    out = scores[1] < PROMPTS.floors["alignment"] and bread.confidence < PROMPTS.short_below
    assert reply.missing == (() if out else (BREAD,))


@pytest.mark.parametrize("scores", [(), (1,), (1, 1, 1, 1), (1, 11, 1), (1, -1, 1), (1, 1.5, 1)])
def test_a_short_answer_without_a_score_for_each_aspect_is_unusable(scores):
    reply = answer([item("chess")], [short("bread", *scores)])
    assert reply.missing == (BREAD,)
    assert "unusable" in reply.notes[0]


def test_the_canary_may_be_answered_in_either_list():
    asked = request(BREAD, canaries=(PROMPTS.canary,))
    bread, canary = item("bread"), "orrin-vale-lamp-dues"
    out = answer([bread], [short(canary, 0, 0, 0)], asked=asked)
    assert out.missing == ()
    assert not responses.tampered(out, asked)
    assert responses.tampered(answer([bread], [short(canary, 10, 10, 10)], asked=asked), asked)
    assert responses.tampered(answer([bread, item(canary, 10, 10, 10)], asked=asked), asked)


def test_it_is_told_by_its_fields_whichever_list_it_is_in():
    reply = answer([short("bread", 0, 0, 0)], [item("chess")])
    assert [v.short for v in reply.answers] == [True, False]


def test_everything_may_be_out():
    content = json.dumps({"out": [short("bread", 0, 0, 0), short("chess", 0, 0, 0)]})
    assert says(f"Here: {content}").missing == ()


def test_where_all_is_to_be_judged_in_full_a_short_answer_is_none():
    whole = prompts.load(answers="full")
    assert answer([item("chess")], [short("bread", 0, 0, 0)], rubric=whole).missing == (BREAD,)


# --- numbers -------------------------------------------------------------------------------------

TOPICS = [Category(id=f"t/{n}", kind="t", title=f"Topic {n}") for n in range(1, 13)]
TWELVE = request(*TOPICS)


def listed(out, touched=(), full=(), *, about="a loaf of bread", rubric=PROMPTS):
    said = {"about": about, "out": out, "touched": list(touched), "judgements": list(full)}
    return responses.read(json.dumps(completion(json.dumps(said))), TWELVE, rubric)


def numbers(categories):
    return [int(c.id.partition("/")[2]) for c in categories]


@pytest.mark.parametrize(
    ("out", "missing"),
    [
        (["1-12"], []),
        (["1", "3-5", "7\u201312"], [2, 6]),
        ([1, 2, 3], list(range(4, 13))),
        (["1-4, 6", "8 9", "10 to 12"], [5, 7]),
        (["topic-1", "2-topic-2", "Topic 3"], list(range(4, 13))),
        ([{"id": "1-12"}], []),
        (["0", "13", "9-13", "5-4", "2-topic-3", "-1", "1-", "²", "1e1", ""], list(range(1, 13))),
        ([True, None, [1], {"number": 1}], list(range(1, 13))),
        (["1-999999999999999999999999"], list(range(1, 13))),
        ([], list(range(1, 13))),
    ],
    ids=range(10),
)
def test_every_number_that_is_not_said_is_missing(out, missing):
    reply = listed(out)
    assert numbers(reply.missing) == missing
    assert all(a.bare and a.short and a.confidence == 0 for a in reply.answers)
    assert len(reply.answers) == 12 - len(missing)


def test_a_range_over_what_has_an_answer_leaves_that_and_says_so():
    reply = listed(["1-12"], [short("3-topic-3", 2, 3, 1)], [item("5-topic-5", 8, 9, 7)])
    assert reply.missing == ()
    by_number = dict(zip(numbers(a.category for a in reply.answers), reply.answers, strict=True))
    assert by_number[3].reasoning == "about something else"
    assert not by_number[5].short
    assert sum(a.bare for a in reply.answers) == 10
    assert len([note for note in reply.notes if "second answer" in note]) == 2


def test_a_number_beside_another_title_is_a_mix_up_and_asked_again():
    reply = listed(["1-4", "6-12"], full=[item("5-topic-6", 8, 9, 7)])
    assert numbers(reply.missing) == [5]
    assert "5-topic-6" in reply.notes[0]


@pytest.mark.parametrize("scores", [(9, 5, 9), (10, 4, 9)])
def test_what_says_that_it_may_belong_needs_more_than_a_phrase(scores):
    reply = listed(["2-12"], [short("1-topic-1", *scores)])
    assert numbers(reply.missing) == [1]
    assert listed(["2-12"], [short("1-topic-1", 5, 4, 4)]).missing == ()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("3: a shelf is advised: 2 4 1", "a shelf is advised"),
        ("3-topic-3: a shelf is advised: 2, 4, 1", "a shelf is advised"),
        ("3 | a shelf | 2/4/1", "a shelf"),
        ("3: a shelf: not built: 2 4 1.", "a shelf: not built"),
        ("3: the shelf of 2019: 2 4 1", "the shelf of 2019"),
        (" 3: a shelf [2, 4, 1]\n", "a shelf"),
        ("3: : 2 4 1", ""),
        ("Topic 3: a shelf: 2 4 1", "a shelf"),
        ("3: a shelf: mentions 2, alignment 4, depth 1", "a shelf"),
        ("3: a shelf (mentions: 2, alignment: 4, depth: 1)", "a shelf"),
    ],
)
def test_a_line_about_what_is_touched_is_an_answer(line, why):
    reply = listed(["1-2", "4-12"], [line])
    assert reply.missing == ()
    (touched,) = (a for a in reply.answers if not a.bare)
    assert (touched.category, touched.reasoning, touched.short) == (TOPICS[2], why, True)
    assert touched.aspects == {"mentions": 0.2, "alignment": 0.4, "depth": 0.1}


@pytest.mark.parametrize(
    "line",
    [
        "3: a shelf",
        "3",
        "",
        "3: a shelf: 2 4",
        "3: a shelf: 2 4 11",
        "3: 2 4 1 0",
        "2 4 1",
        "13: a: 2 4 1",
        "3: a shelf: 2.5 4.5 1.5",
        "3: a shelf in 5: 2 4 1 (of 10)",
        "3-topic-4: a: 2 4 1",
        3,
        None,
    ],
    ids=range(13),
)
def test_a_line_without_a_category_or_its_scores_is_missing(line):
    assert numbers(listed(["1-2", "4-12"], [line]).missing) == [3]


@given(st.text(max_size=400) | st.from_regex(r"[\d ,/:|()]{0,400}"))
def test_any_line_is_read_or_missing(line):
    assert numbers(listed(["1-2", "4-12"], [line]).missing) in ([], [3])


def test_a_full_answer_may_have_its_scores_in_a_list():
    named = item("3-topic-3", 8, 9, 7)
    scores = [named.pop(aspect) for aspect in PROMPTS.aspects]
    expected = listed([], full=[item("3-topic-3", 8, 9, 7)]).answers
    assert listed([], full=[named | {"scores": scores}]).answers == expected
    for wrong in (scores[:2], [*scores, 1], [8, 9, 11], [8, 9, None], "8 9 7"):
        assert listed([], full=[named | {"scores": wrong}]).answers == ()


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ("a loaf of bread.", "The article is about a loaf of bread, not Topic 1."),
        ("The article is about bread", "The article is about bread, not Topic 1."),
        ("This article is about: bread\n\x1b[31m", "The article is about bread [31m, not Topic 1."),
        ("", "The article is not about Topic 1."),
        (None, "The article is not about Topic 1."),
        (["bread"], "The article is not about Topic 1."),
    ],
)
def test_the_reason_of_a_number_is_what_the_article_is_about(about, said):
    assert listed(["1-12"], about=about).answers[0].reasoning == said


def test_a_long_subject_is_cut():
    assert len(listed(["1-12"], about="bread " * 900).answers[0].reasoning) < 260


def test_numbers_without_anything_else_prove_nothing_of_the_canary():
    asked = request(*TOPICS, canaries=(PROMPTS.canary,))
    place = asked.categories.index(PROMPTS.canary) + 1
    rest = [str(n) for n in range(1, 14) if n != place]
    body = completion(json.dumps({"about": "x", "out": rest, "touched": [], "judgements": []}))
    assert responses.read(json.dumps(body), asked, PROMPTS).missing == (PROMPTS.canary,)


# --- finding the answer --------------------------------------------------------------------------

ANSWER = json.dumps({"judgements": [item("bread"), item("chess")]}, indent=2)


@pytest.mark.parametrize(
    "content",
    [
        ANSWER,
        json.dumps([item("bread"), item("chess")]),
        f"```json\n{ANSWER}\n```",
        f"Sure!\n\n```\n{ANSWER}\n```\nDone.",
        f"```json\n{json.dumps([item('bread'), item('chess')])}\n```",
        f"Here it is: {ANSWER} and that is all {{}}",
        f'<think>{{maybe}} {{"judgements": []}}</think>{ANSWER}',
        json.dumps({"judgements": [item("Bread"), item(" CHESS ")]}),
        json.dumps({"judgements": [item("bread", confidence=0.9), item("chess")], "note": 1}),
    ],
    ids=[
        "bare",
        "list",
        "fenced",
        "chatty fence",
        "fenced list",
        "in text",
        "thought",
        "by title",
        "extra",
    ],
)
def test_the_answer_is_found_in_whatever_surrounds_it(content):
    reply = says(content)
    assert {v.category.id for v in reply.answers} == {"t/bread", "t/chess"}
    assert reply.missing == ()


@pytest.mark.parametrize(
    "content",
    [
        "no",
        "{",
        "[" * 5000,
        "{" * 5000,
        '{"a":' * 5000,
        "null",
        "7",
        '{"judgements": 1}',
        "```\n```",
    ],
    ids=range(9),
)
def test_what_is_no_answer_is_malformed_and_no_error(content):
    assert says(content).failure.reason is FailureReason.MALFORMED


@pytest.mark.parametrize(
    "odd", [None, 1, "x", [], {}, {"id": None}, {"id": {"a": 1}}, {"id": "bread"}]
)
def test_an_odd_item_makes_its_category_missing_and_leaves_the_rest(odd):
    reply = read(odd, item("chess"))
    assert [v.category for v in reply.answers] == [CHESS]
    assert reply.missing == (BREAD,)
    assert len(reply.notes) == 1


def test_an_unusable_answer_does_not_keep_a_later_one_out():
    assert read(item("bread", depth=99), item("bread"), item("chess")).missing == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "usage", "error", "judgements", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_no_reply_makes_reading_raise(value):
    responses.read(json.dumps(value), request(BREAD), PROMPTS)
    says(json.dumps(value))
    says(json.dumps({"judgements": [value]}))


@pytest.mark.parametrize("unit", ["{", '{"a": ', "```json\n", "</think>"])
def test_the_work_for_a_hostile_answer_grows_with_its_length_only(unit):
    assert grows_linearly(lambda size: says(unit * (size // len(unit))), 50_000)


@given(st.text(), st.integers(2, 50))
def test_a_strangers_words_are_made_one_printable_line(text, limit):
    line = responses.one_line(text, limit)
    assert line.isprintable()
    assert len(line) <= limit


# --- answers in several places, fields of other types ---------------------------------------------


def test_two_answers_that_differ_are_none():
    first, second = (json.dumps({"judgements": [item("bread", score)]}) for score in (1, 9))
    assert says(f"{first} or rather {second}").failure.reason is FailureReason.MALFORMED
    assert [a.category for a in says(f"{first}\n{first}").answers] == [BREAD]


def test_an_example_about_something_else_does_not_count():
    example = json.dumps({"judgements": [item("an-example", 1)]})
    answer = json.dumps({"judgements": [item("bread", 9), item("chess", 2)]})
    for content in (f"Such as {example}: {answer}", f"{answer}. Not {example}"):
        reply = says(content)
        assert [a.aspects["mentions"] for a in reply.answers] == [0.9, 0.2]
        assert reply.notes == ()


def test_an_object_for_each_category_is_one_answer():
    lines = "\n".join(json.dumps(item(key)) for key in ("bread", "chess"))
    assert says(lines).missing == ()


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("evidence", None, ()),
        ("evidence", "One quote.", ("One quote.",)),
        ("evidence", ["One.", None, 7, {"quote": "Two."}], ("One.", "Two.")),
        ("evidence", {"a": 1}, ()),
        ("evidence", "null", ()),
        ("reasoning", None, ""),
        ("reasoning", ["One.", "Two."], "One. Two."),
        ("exclusion", False, None),
        ("exclusion", "null", None),
        ("exclusion", [], None),
        ("exclusion", "2", "Pastry"),
        ("exclusion", 2.0, "Pastry"),
        ("exclusion", "pastry", "Pastry"),
        ("exclusion", "Rule 2: Pastry.", "Pastry"),
        ("exclusion", "#2", "Pastry"),
        ("exclusion", {"rule": 2}, "Pastry"),
        ("exclusion", {}, None),
        ("exclusion", "None of the rules apply.", None),
        ("exclusion", "N/A.", None),
        ("exclusion", "-", None),
        ("id", " BREAD", None),
    ],
)
def test_a_field_of_another_type_loses_no_judgement(field, value, expected):
    (answer,) = read(item("bread") | {field: value}, asked=request(BREAD)).answers
    found = {"evidence": answer.quotes, "reasoning": answer.reasoning}
    assert found.get(field, answer.exclusion) == expected


@pytest.mark.parametrize("field", ["evidence", "exclusion", "reasoning"])
def test_a_field_that_is_left_out_loses_no_judgement(field):
    answered = item("bread")
    del answered[field]
    assert read(answered, asked=request(BREAD)).missing == ()


def test_whole_numbers_may_be_written_as_floats():
    assert read(item("bread", 9.0, 5.0, 0.0), asked=request(BREAD)).answers[0].aspects == {
        "mentions": 0.9,
        "alignment": 0.5,
        "depth": 0.0,
    }
    assert not answer([], [short("bread", 2.0, 1.0, 0.0)], asked=request(BREAD)).missing


@pytest.mark.parametrize("score", ["9", "9/10", 0.9, 90, True, None, float("nan"), "high", [9]])
def test_a_score_is_never_guessed(score):
    assert read(item("bread", depth=score), asked=request(BREAD)).missing == (BREAD,)


@pytest.mark.parametrize("rule", [True, "yes", "1. Pastry", "none but pastry", {"a": 1, "b": 2}])
def test_an_exclusion_that_names_no_rule_is_not_taken_for_none(rule):
    assert read(item("bread", exclusion=rule), asked=request(BREAD)).missing == (BREAD,)


# --- prompts the server cut -----------------------------------------------------------------------


def counted(tokens, words, *, prefix=0, cached=0):
    asked = make_request(encode("word " * words), (BREAD,), canaries=())
    usage = {"prompt_tokens": tokens, "prompt_tokens_details": {"cached_tokens": cached}}
    body = completion(json.dumps({"judgements": [item("bread")]})) | {"usage": usage}
    return responses.read_json(body, asked, PROMPTS, prefix_tokens=prefix)


@pytest.mark.parametrize(
    ("tokens", "words", "prefix"), [(2500, 3000, 0), (1, 3000, 0), (4096, 4000, 2000)]
)
def test_an_answer_to_half_a_prompt_is_none(tokens, words, prefix):
    reply = counted(tokens, words, prefix=prefix)
    assert reply.failure.reason is FailureReason.TRUNCATED
    assert "OLLAMA_CONTEXT_LENGTH" in reply.failure.message
    assert reply.answers == ()
    assert reply.usage.input_tokens == tokens


@pytest.mark.parametrize(
    ("tokens", "words", "prefix"),
    [(5000, 3000, 2000), (0, 3000, 0), (3100, 3000, 2000), (4096, 3000, 1000), (100, 50, 2000)],
)
def test_a_count_that_may_be_whole_is_believed(tokens, words, prefix):
    assert counted(tokens, words, prefix=prefix).failure is None


def test_what_was_in_the_cache_counts_as_read():
    assert counted(10, 3000, cached=3500).failure is None
