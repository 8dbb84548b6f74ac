"""A run's hand in the budget: money is set aside before a call, and settled after it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Final

from classifier.scorers.openai.limits import Budget

_GUARD: Final = threading.Lock()
"""Runs in several threads may share a budget. One lock for all, so that budgets stay picklable."""


class OverBudgetError(Exception):
    """Nothing is left; the message says of what, and the way out."""


@dataclass(slots=True)
class Hold:
    """What is set aside for one call; given back or settled exactly once."""

    _purse: Purse
    _amount: float

    def settle(self, spent: float) -> None:
        """Put the dollars spent, as far as known, in place of what was set aside."""
        self._purse.close(self._amount, spent, sent=True)

    def give_back(self) -> None:
        """Undo it: the call was never sent."""
        self._purse.close(self._amount, 0.0, sent=False)


class Purse:
    """Belongs to one event loop; the budget may be shared with others."""

    def __init__(self, budget: Budget | None) -> None:
        self._budget = budget or Budget()
        self._held = 0
        self._changed = asyncio.Event()

    async def take(self, cost: float) -> Hold:
        """Set `cost` dollars and one call aside.

        Where they are not left, but calls in flight may yet turn out cheaper than what was set
        aside for them, wait for those.

        Raises:
            OverBudgetError: nothing that could be waited for would help.
        """
        while not self._reserve(cost):
            if self._held == 0 or self._no_calls_left:
                raise OverBudgetError(self._explain(cost))
            self._changed.clear()
            await self._changed.wait()
        self._held += 1
        return Hold(self, cost)

    def close(self, amount: float, spent: float, *, sent: bool) -> None:
        with _GUARD:
            self._budget.settle(amount, spent)
            self._budget.calls -= not sent
        self._held -= 1
        self._changed.set()

    def _reserve(self, cost: float) -> bool:
        with _GUARD:
            return self._budget.reserve(cost)

    @property
    def _no_calls_left(self) -> bool:
        return self._budget.max_calls is not None and self._budget.calls >= self._budget.max_calls

    def _explain(self, cost: float) -> str:
        budget = self._budget
        if self._no_calls_left:
            return f"all of --max-calls {budget.max_calls} were made; raise it to go on"
        left = max(0.0, (budget.max_cost or 0.0) - budget.spent - budget.reserved)
        return (
            f"${left:.4f} of --max-cost {budget.max_cost:g} is left, and the next call may cost "
            f"${cost:.4f}; raise it to go on"
        )
