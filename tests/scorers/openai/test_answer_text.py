from __future__ import annotations

import json

import pytest

from classifier.scorers.openai import answer_text

ANSWER = {"judgements": [{"id": "a", "x": 1}], "out": [{"id": "b", "x": 0}]}
ITEMS = [*ANSWER["judgements"], *ANSWER["out"]]
DRAFT = json.dumps({"judgements": [{"id": "a", "x": 9}]})
TEXT = json.dumps(ANSWER)


@pytest.mark.parametrize(
    "text",
    [
        f"<think>{DRAFT}</think>{TEXT}",
        f"<thinking>{DRAFT}</thinking>{TEXT}",
        f"<Reasoning effort='high'>{DRAFT}</Reasoning>{TEXT}",
        f"{DRAFT}</think>{TEXT}",
        f"<think>one {DRAFT}<think>two</think>{DRAFT}</think>\n{TEXT}",
        f"[THINK]{DRAFT}[/THINK]{TEXT}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|channel|>final<|message|>{TEXT}",
        f"◁think▷{DRAFT}◁/think▷{TEXT}",
        f"<unused94>thought\n{DRAFT}<unused95>{TEXT}",
        f"{TEXT}<think>{DRAFT}",
        f"{TEXT}\n<think>or {DRAFT}</think>",
        f"{DRAFT}<think>no</think>{TEXT}",
        f"< think >{DRAFT}</ think >{TEXT}",
        f"<antThinking>{DRAFT}</antThinking>{TEXT}",
        f"<|think|>{DRAFT}<|end|><|begin|>assistant<|content|>{TEXT}<|end|>",
        f"<|inner_prefix|>{DRAFT}<|inner_suffix|>{TEXT}",
        f"<|channel>thought\n{DRAFT}<channel|>{TEXT}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant"
        f"<|channel|>final <|constrain|>json<|message|>{TEXT}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant"
        f"<|channel|>commentary to=functions.answer <|constrain|>json<|message|>{TEXT}<|call|>",
        f"analysisOne of {DRAFT}assistantfinal{TEXT}",
        f"Here is my thought process: {DRAFT}\n\nHere is my response: {TEXT}",
    ],
    ids=range(21),
)
def test_a_draft_in_the_thinking_is_no_answer(text):
    assert answer_text.find(text) == [ITEMS]


THOUGHTS = [
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|thinking|>", "<|/thinking|>"),
    ("<longcat_think>", "</longcat_think>"),
    ("<inner_monologue lang='en'>", "</inner_monologue>"),
    ("<chain_of_thought>", "</chain_of_thought>"),
    ("[THOUGHT]", "[/THOUGHT]"),
]


@pytest.mark.parametrize(
    "text",
    [
        f"<think>{TEXT}",
        f"{TEXT}</think>",
        "<analysis>{",
        "</think>",
        *(f"{opening}{TEXT}{closing} Sorry." for opening, closing in THOUGHTS),
    ],
    ids=range(10),
)
def test_thinking_without_an_answer_has_none(text):
    assert answer_text.find(text) == []


@pytest.mark.parametrize("around", ["{}", "```json\n{}\n```", "Here:\n{}", "\ufeff{}", "[{}]"])
def test_a_tag_in_a_quote_ends_no_thinking(around):
    text = json.dumps({"judgements": [{"id": "a", "q": "the line </think> ends <think> it"}]})
    assert answer_text.find(around.replace("{}", text)) == [json.loads(text)["judgements"]]


@pytest.mark.parametrize(
    "value",
    [
        {"response": ANSWER},
        [ANSWER],
        {"Judgements": ANSWER["judgements"], "OUT": ANSWER["out"]},
        {"judgments": ANSWER["judgements"], " out": ANSWER["out"]},
        ITEMS,
        TEXT,
        {"answer": TEXT},
        {"judgements": ANSWER["judgements"], "out": ANSWER["out"], "draft": json.loads(DRAFT)},
    ],
)
def test_an_answer_is_found_in_what_is_put_around_it(value):
    assert answer_text.find(json.dumps(value)) == [ITEMS]


def test_small_objects_before_the_answer_do_not_hide_it():
    drafts = "".join(f'maybe {{"n": {n}}} or {{so}}. ' for n in range(20))
    assert answer_text.find(drafts + TEXT) == [ITEMS]


def test_every_answer_of_a_text_is_returned_in_its_order():
    assert [items[0]["x"] for items in answer_text.find(f"{DRAFT} or rather {TEXT}")] == [9, 1]
    lines = "\n".join(json.dumps(item) for item in ITEMS)
    assert answer_text.find(lines) == [[item] for item in ITEMS]


def test_line_breaks_and_tabs_may_stand_in_strings():
    assert answer_text.find('{"judgements": [{"id": "a", "q": "one\n\ttwo"}]}') == [
        [{"id": "a", "q": "one\n\ttwo"}]
    ]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        *THOUGHTS,
        ("<details><summary>How</summary>", "</details>"),
        ("<|notes|>", "<|/notes|>"),
        ("[NOTES]", "[/NOTES]"),
    ],
)
def test_an_answer_inside_of_an_element_is_a_draft_where_another_stands_free(opening, closing):
    assert answer_text.find(f"{opening}{DRAFT}{closing}\n{TEXT}") == [ITEMS]
    assert answer_text.find(f"{TEXT}\n{opening}{DRAFT}{closing}") == [ITEMS]
    assert answer_text.find(f"{opening}{DRAFT}{closing}<answer>{TEXT}</answer>") == [ITEMS]
    if (opening, closing) not in THOUGHTS:
        assert answer_text.find(f"{opening}{TEXT}{closing}") == [ITEMS]


@pytest.mark.parametrize("text", [f"<p>Here: {TEXT}", f"<br>{TEXT}</p>", f"<code>{TEXT}</code>"])
def test_an_element_that_is_not_closed_hides_nothing(text):
    assert answer_text.find(text) == [ITEMS]


def test_a_list_of_one_word_is_no_mark():
    assert answer_text.find(f"[draft] [1] {TEXT} [/draft] [null]") == [ITEMS]


def test_many_elements_cost_no_more_than_they_have_characters():
    count = 0
    pop = list.pop

    class Counted(list):
        def pop(self, *place):
            nonlocal count
            count += 1
            return pop(self, *place)

    answers = answer_text._Answers()
    answers._kept = Counted()
    for mark in answer_text._MARK.finditer("".join(f"<e{n}>" for n in range(500))):
        answers.pass_by(mark)
    answers.add([[n] for n in range(500)])
    for mark in answer_text._MARK.finditer("".join(f"</e{n}>" for n in range(500))):
        answers.pass_by(mark)
    assert count == 500
