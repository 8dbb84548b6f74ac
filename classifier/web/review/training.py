"""Training in the background, one at a time."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Any

from classifier.errors import ClassifierError
from classifier.project.review import Review


class Training:
    """Trains the scorer on the verdicts of a review while the page goes on."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._lock = threading.Lock()
        self._state: dict[str, Any] = {"state": "idle"}

    def state(self) -> dict[str, Any]:
        return self._state

    def start(self) -> dict[str, Any]:
        """Begin, unless it is under way; return the state."""
        with self._lock:
            if self._state["state"] != "running":
                self._state = {"state": "running"}
                threading.Thread(target=self._run, name="training", daemon=True).start()
        return self._state

    def _run(self) -> None:
        try:
            trained = self._review.train()
        except ClassifierError as error:
            self._state = {"state": "failed", "detail": str(error)}
        except Exception as error:  # noqa: BLE001 - the page is told, and goes on
            self._state = {"state": "failed", "detail": f"{type(error).__name__}: {error}"}
        else:
            self._state = {"state": "done", **asdict(trained)}
