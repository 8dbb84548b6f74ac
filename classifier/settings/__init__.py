"""One model for everything a project sets once. Read `model.py` first."""

from classifier.settings.loading import home, load
from classifier.settings.model import FieldSettings, Settings, field, rules, sets_minimum

__all__ = ["FieldSettings", "Settings", "field", "home", "load", "rules", "sets_minimum"]
