"""One model for everything a project sets once. Read `model.py` first."""

from classifier.settings.loading import changed, home, load, project_file
from classifier.settings.model import (
    MODEL_NAMES,
    Settings,
    field,
    inline_fields,
    rules,
    section_rules,
    sets_minimum,
)
from classifier.settings.tables import FieldSettings

__all__ = [
    "MODEL_NAMES",
    "FieldSettings",
    "Settings",
    "changed",
    "field",
    "home",
    "inline_fields",
    "load",
    "project_file",
    "rules",
    "section_rules",
    "sets_minimum",
]
