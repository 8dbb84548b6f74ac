from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a file's bytes by their length: workers must agree on names, archives hold the time."""
    return f"{len(val)}-bytes" if isinstance(val, bytes) and len(val) > 100 else None
