"""Abbreviations that articles and tags on computing and business use as words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from classifier.scorers.embedded.lexical import stem, words

_MEANINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "a11y": ("accessibility",),
    "ai": ("artificial intelligence",),
    "alm": ("application lifecycle management",),
    "api": ("application programming interface",),
    "ar": ("augmented reality", "annual report"),
    "aws": ("Amazon web services",),
    "bdd": ("behaviour driven development",),
    "bi": ("business intelligence",),
    "cd": ("continuous delivery", "continuous deployment"),
    "ci": ("continuous integration",),
    "cms": ("content management system",),
    "crm": ("customer relationship management",),
    "cx": ("customer experience",),
    "db": ("database",),
    "ddd": ("domain driven design",),
    "dx": ("developer experience",),
    "erp": ("enterprise resource planning",),
    "etl": ("extract transform load",),
    "foss": ("free and open source software",),
    "gcp": ("Google cloud platform",),
    "gdpr": ("general data protection regulation",),
    "hr": ("human resources",),
    "i18n": ("internationalization",),
    "iac": ("infrastructure as code",),
    "iot": ("internet of things",),
    "ip": ("intellectual property", "internet protocol"),
    "it": ("information technology",),
    "js": ("JavaScript",),
    "k8s": ("Kubernetes",),
    "l10n": ("localization",),
    "llm": ("large language model",),
    "ml": ("machine learning",),
    "mvc": ("model view controller",),
    "nlp": ("natural language processing",),
    "orm": ("object relational mapping",),
    "os": ("operating system",),
    "oss": ("open source software",),
    "pr": ("public relations", "pull request"),
    "qa": ("quality assurance",),
    "seo": ("search engine optimization",),
    "sre": ("site reliability engineering",),
    "tdd": ("test driven development",),
    "tfs": ("Team Foundation Server",),
    "ts": ("TypeScript",),
    "ui": ("user interface",),
    "ux": ("user experience",),
    "vm": ("virtual machine",),
    "vr": ("virtual reality",),
    "wcf": ("Windows communication foundation",),
    "wpf": ("Windows presentation foundation",),
}


def _key(text: str) -> tuple[str, ...]:
    return tuple(map(stem, words(text)))


_SHORT: Final = {_key(full): short for short, all_ in _MEANINGS.items() for full in all_}


def meaning(name: str) -> str | None:
    """Return what an abbreviation stands for; None if it is none, or may stand for several."""
    known = _MEANINGS.get(name.strip().lower(), ())
    return known[0] if len(known) == 1 else None


def short_for(name: str) -> str | None:
    """Return the usual abbreviation of a name, in small letters."""
    return _SHORT.get(_key(name))
