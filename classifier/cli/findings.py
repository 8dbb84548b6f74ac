"""What `--format` does for commands that report findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol, TypeVar

from classifier.cli.console import emit, emit_json
from classifier.cli.layout import Line, show
from classifier.cli.option_checks import check_choice

_T = TypeVar("_T", contravariant=True)

_FORMATS: Final = ("text", "json", "github", "sarif")


class FindingsRenderer(Protocol[_T]):
    """A module of `render` that knows every format."""

    def lines(self, found: _T, /) -> Iterable[Line]: ...

    def to_dict(self, found: _T, /) -> Mapping[str, Any]: ...

    def sarif(self, found: _T, /) -> Mapping[str, Any]: ...

    def workflow_commands(self, found: _T, /) -> Iterable[str]: ...


def check_format(name: str) -> None:
    """Raise UsageError for a format that there is not."""
    check_choice("--format", name, _FORMATS)


def show_findings(
    found: _T, render: FindingsRenderer[_T], kind: str, *, quiet: bool = False
) -> None:
    """Print findings in a format. `quiet` leaves out the text, not what programs read."""
    if kind == "json":
        emit_json(render.to_dict(found))
    elif kind == "sarif":
        emit_json(render.sarif(found))
    elif kind == "github":
        for line in render.workflow_commands(found):
            emit(line)
    elif not quiet:
        show(render.lines(found))


def has_room(kind: str) -> bool:
    """Whether remarks may stand beside findings: not where a program reads the whole."""
    return kind not in {"json", "sarif"}
