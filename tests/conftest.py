from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from support.browser import Browser
    from support.chat_server import ChatServer
    from support.traces import Application

    from classifier.store import Store

# Machines are shared: how long an example takes says nothing about the code.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

# What several test modules share is in tests/support, importable as `support.<module>`.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What the developer has set must not change what a test sees."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-configuration"))
    for name in os.environ:
        if name.startswith(("CLASSIFY_", "OPENAI_")):
            monkeypatch.delenv(name)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def keywords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every project judges with the keyword scorer."""
    from support.keyword_scorer import KeywordScorer

    monkeypatch.setattr("classifier.composition.make_scorer", lambda _settings: KeywordScorer())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    from classifier.store import Store

    with Store.open(tmp_path / "records.sqlite3") as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[ChatServer]:
    """A language model on loopback, which needs no key."""
    from support.chat_server import ChatServer

    with ChatServer() as running:
        yield running


@pytest.fixture
def api_key(monkeypatch: pytest.MonkeyPatch) -> str:
    key = "sk-very-secret"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    return key


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> Application:
    """An application that collects spans and metrics."""
    from support.traces import Application

    return Application(monkeypatch)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    from support.browser import Browser

    with Browser() as browser:
        try:
            browser.send("Browser.getVersion")
        except (RuntimeError, BrokenPipeError) as error:
            pytest.skip(f"chromium is installed, but does not start here: {error}")
        yield browser


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a file's bytes by their length: workers must agree on names, archives hold the time."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) and len(val) > 100 else None
