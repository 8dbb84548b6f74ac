"""Settings on disk."""

from __future__ import annotations

from pathlib import Path


def write(folder: Path, text: str, name: str = "classify.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file
