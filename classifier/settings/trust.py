"""What a project's settings file may do before its user has trusted it.

A cloned repository brings a settings file, and so does any parent folder. Such a file may change
how articles are judged. Until its user trusts it, it may not send articles or the API key to a
server, nor make the program read or write outside of the project.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from classifier import small_files
from classifier.errors import OutputError, SettingsError
from classifier.settings.model import MODEL_NAMES, NO_PATHS, PATHS
from classifier.settings.tables import panel_scorers

VARIABLE: Final = "CLASSIFY_TRUST_PROJECT"
"""Set to 1 where nobody can be asked, as in continuous integration: every file is trusted."""
_OPENAI_HOST: Final = "api.openai.com"
_FILE: Final = "trusted.json"


@dataclass(frozen=True, slots=True)
class Requests:
    """What a settings file asks for that needs trust. False where there is nothing."""

    paths: tuple[str, ...] = ()
    """Settings that lead out of the project, as `key = value`."""
    server: str = ""
    """`base_url = ...`, where it is neither OpenAI's own address nor a loopback one, or a model of
    a provider."""
    loopback: bool = False
    """Whether it names a server on this computer: that needs no trust, but gets no key."""

    def __bool__(self) -> bool:
        return bool(self.paths or self.server or self.loopback)


def requests(file: Path, values: Mapping[str, Any], *, base_url: str | None = None) -> Requests:
    """Return what `values`, read from a project's `file`, ask for that needs trust.

    `base_url` is the one that is used, whoever named it: with one, no model names a provider.
    """
    inside = project_folder(file)
    paths = tuple(
        f"{key} = {path!r}"
        for key in PATHS
        for path in _listed(values.get(key))
        if path not in NO_PATHS.get(key, ())
        if _leads_out(Path(path), inside)
    ) + tuple(
        f"panel.scorers has {name!r}"
        for name in panel_scorers(values.get("panel"))
        if name.startswith("embedded:") and name.partition(":")[2] not in MODEL_NAMES
        if _leads_out(Path(name.partition(":")[2]), inside)
    )
    url = values.get("base_url")
    if url is None and base_url is None:
        return Requests(paths, server=_provider(values))
    if not isinstance(url, str) or _is_openai(url):
        return Requests(paths)
    if is_loopback(url):
        return Requests(paths, loopback=True)
    return Requests(paths, server=f"base_url = {url!r}")


def _provider(values: Mapping[str, Any]) -> str:
    """Return the setting that names a model of a provider elsewhere than on this computer."""
    models = {f"model = {name!r}": name for name in _listed(values.get("model"))}
    for scorer in panel_scorers(values.get("panel")):
        models[f"panel.scorers has {scorer!r}"] = scorer.partition(":")[2]
    if not models:
        return ""
    from classifier.scorers.openai import servers

    named = {said: servers.named_provider(name, None) for said, name in models.items()}
    return next((said for said, it in named.items() if it and not is_loopback(it.address)), "")


def _listed(value: object) -> list[str]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def refusal(file: Path, asked: Sequence[str]) -> str:
    """Return the one line that says what is refused, and how to allow it."""
    name = min(str(file), os.path.relpath(file), key=len)
    return (
        f"{str(file)!r} is not trusted and leads out of the project ({', '.join(asked)}): read it, "
        f"then run `classify trust {shlex.quote(name)}`, or use an option or a CLASSIFY_ variable"
    )


def project_folder(file: Path) -> Path:
    """Return the checkout that a settings file is in, or its own folder where there is none."""
    return checkout(Path(os.path.realpath(file)).parent)


def checkout(folder: Path) -> Path:
    """Return the checkout that a folder is in, or the folder where there is none; no links."""
    folder = Path(os.path.realpath(folder))
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)


def is_trusted(file: Path) -> bool:
    """Whether the user has trusted the file as it is now."""
    if os.environ.get(VARIABLE, "") == "1":
        return True
    return _read().get(str(Path(os.path.realpath(file)))) == _digest(file)


def trust(file: Path) -> None:
    """Trust a settings file for as long as its content does not change.

    Raises:
        SettingsError: The file cannot be read, or trust cannot be stored.
    """
    _write({**_read(), str(Path(os.path.realpath(file))): _digest(file)})


def forget(file: Path) -> bool:
    """Trust a settings file no more; return whether it was trusted in any version."""
    known = _read()
    removed = known.pop(str(Path(os.path.realpath(file))), None)
    if removed is not None:
        _write(known)
    return removed is not None


def user_folder() -> Path:
    """Return the folder of the user's own configuration."""
    import platformdirs

    return Path(platformdirs.user_config_path("classify", appauthor=False))


def is_loopback(url: str) -> bool:
    """Whether an address is on this computer, whatever a name server says."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_openai(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (parts.scheme, parts.netloc) == ("https", _OPENAI_HOST)


def _leads_out(path: Path, folder: Path) -> bool:
    return not Path(os.path.realpath(path)).is_relative_to(folder)


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(small_files.read(file)).hexdigest()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"{str(file)!r}: cannot be read: {reason}") from None


def _read() -> dict[str, str]:
    try:
        known = json.loads((user_folder() / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}  # without it nothing is trusted
    return known if isinstance(known, dict) else {}


def _write(known: Mapping[str, str]) -> None:
    from classifier.outputs.files import replacing

    file = user_folder() / _FILE
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as out:
            out.write(json.dumps(known, indent=1, sort_keys=True) + "\n")
    except OSError as error:
        raise SettingsError(f"cannot write {str(file)!r}: {error.strerror}") from None
    except OutputError as error:
        raise SettingsError(str(error)) from None
