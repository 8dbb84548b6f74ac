"""Judge on many machines with Ray (docs/guides/ray.md). Needs the extra `ray`."""

from __future__ import annotations

from classifier.distributed.dataset import classify_dataset
from classifier.distributed.engine import started
from classifier.distributed.running import DistributedRun, run

__all__ = ["DistributedRun", "classify_dataset", "run", "started"]
