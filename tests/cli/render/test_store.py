from __future__ import annotations

import json
import re
from pathlib import Path


def test_stats_count_what_is_stored_for_each_scorer(run, site: Path) -> None:
    run("site")
    out = run("store", "stats").out
    assert re.search(r"^  pairs +15$", out, re.M)
    assert re.search(r"^keywords:counting:01234567\n  15 judgements, last used \d{4}-", out, re.M)
    assert "offline, free" in out
    answer = json.loads(run("store", "stats", "--json").out)
    assert (answer["schema"], answer["pairs"]) == ("classify-store/1", 15)
    assert answer["by_scorer"][0]["judgements"] == 15
