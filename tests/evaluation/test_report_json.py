from __future__ import annotations

import json

from support.evaluations import report, side

from classifier.evaluation.report_json import to_dict
from classifier.store import Store

# --- shown ---------------------------------------------------------------------------------------


def test_plain_values_are_json(store: Store) -> None:
    values = to_dict(report(store, against=side(scorer="other")))
    assert values["schema"] == "classify-eval/1"
    again = json.loads(json.dumps(values, allow_nan=False))
    assert again["against"]["scorer"] == "other"
    assert again["disagreements"][0]["evidence"] == ["a quote"]
