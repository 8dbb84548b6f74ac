"""What `classify run --json` says about one article."""

from __future__ import annotations

import json
from typing import Any


def labels(out: str) -> list[str]:
    return [label["id"] for kind in json.loads(out)["labels"].values() for label in kind]


def judgement(out: str, category: str) -> dict[str, Any]:
    (found,) = (j for j in json.loads(out)["judgements"] if j["category"] == category)
    return found
