from __future__ import annotations

import re
from dataclasses import replace

from support.embedded import BAKING, LOAF, SCALING, SERVERS, judge

from classifier.scorers.embedded.scorer import EmbeddedScorer


def test_reasoning_counts_what_a_reader_can_count(scorer: EmbeddedScorer) -> None:
    baking, _, space = judge(scorer, LOAF)
    assert "'Baking' appears in the title and twice in the text." in baking.reasoning
    assert "'Kneading and shaping dough'" in baking.reasoning
    assert "Neither 'Space flight' nor another name for it is mentioned." in space.reasoning
    assert re.search(r"general topics are closer than its title, led by 'Baking'", space.reasoning)


def test_rules_that_cannot_be_weighed_are_said_to_be_left_out(scorer: EmbeddedScorer) -> None:
    rules = ("Posts that do not mention dough", "Posts without recipes", "Bread prices")
    vague = replace(BAKING, instructions=replace(BAKING.instructions, exclusions=rules))
    (judged,) = judge(scorer, LOAF, vague)
    assert judged.reasoning.endswith(
        "2 exclusion rules say only what is missing: not weighed offline."
    )


def test_an_example_of_a_rule_excludes_by_its_name(scorer: EmbeddedScorer) -> None:
    rule = "Unrelated kinds of scaling, such as autoscaling of servers behind load balancers"
    vague = replace(SCALING, instructions=replace(SCALING.instructions, exclusions=(rule,)))
    (judged,) = judge(scorer, SERVERS, vague)
    assert judged.exclusion == rule
    assert judged.reasoning.startswith(
        "Excluded: closer to 'autoscaling of servers behind load balancers', an example in the rule"
    )
