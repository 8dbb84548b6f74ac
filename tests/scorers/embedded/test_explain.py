from __future__ import annotations

import re

from support.embedded import LOAF, judge

from classifier.scorers.embedded.scorer import EmbeddedScorer


def test_reasoning_counts_what_a_reader_can_count(scorer: EmbeddedScorer) -> None:
    baking, _, space = judge(scorer, LOAF)
    assert "'Baking' appears in the title and twice in the text." in baking.reasoning
    assert "'Kneading and shaping dough'" in baking.reasoning
    assert "Neither 'Space flight' nor another name for it is mentioned." in space.reasoning
    assert re.search(r"general topics are closer than its title, led by 'Baking'", space.reasoning)
