"""Judge on many machines with Ray (docs/guides/ray.md). Needs the extra `ray`."""

from __future__ import annotations

from classifier.distributed.dataset import classify_dataset
from classifier.distributed.engine import started

__all__ = ["classify_dataset", "started"]
