"""How the work for an input grows with its size."""

from __future__ import annotations

import time
from collections.abc import Callable


def grows_linearly(work: Callable[[int], object], size: int) -> bool:
    """Whether eight times the size is about eight times the work, and not 64 times.

    By the processor time of this process alone, which others on the machine do not add to. Noise is
    given three tries: it may make linear work look worse, but never square work look linear.
    """

    def cost(size: int) -> float:
        start = time.process_time()
        work(size)
        return time.process_time() - start

    return any(cost(8 * size) < 24 * max(cost(size), 0.01) for _ in range(3))
