"""A site and everything that can be done with it. Read `verbs/` first: one verb per command."""

from classifier.project.project import Project

__all__ = ["Project"]
