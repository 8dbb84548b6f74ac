"""Put links into a body and take them out again; every other character stays."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from classifier.content.markdown import prose
from classifier.content.plain_text import plain_spans
from classifier.content.prose import Prose
from classifier.links.mentions import Mention, Names
from classifier.links.template import Affixes, is_linked
from classifier.models import Category

_NOTED: Final = re.compile(r"(?P<start>\d{1,4})\+(?P<length>\d{1,4}) (?P<written>.+)")
_ESCAPE: Final = re.compile(r"\\([\\nr])")
_PLAIN: Final = {"\\": "\\", "n": "\n", "r": "\r"}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that we wrote, as it is written, and which part of it was there before."""

    before: str
    text: str
    after: str

    @property
    def written(self) -> str:
        return f"{self.before}{self.text}{self.after}"

    @property
    def note(self) -> str:
        """What is kept of it in one line, so that it can be taken out."""
        written = self.written.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
        return f"{len(self.before)}+{len(self.text)} {written}"

    @classmethod
    def of(cls, note: str) -> Link | None:
        """Read what was kept; None where it is no link."""
        found = _NOTED.fullmatch(note)
        if found is None:
            return None
        start = int(found["start"])
        written = _ESCAPE.sub(lambda one: _PLAIN[one[1]], found["written"])
        end = start + int(found["length"])
        if not start < end <= len(written):
            return None
        return cls(written[:start], written[start:end], written[end:])


@dataclass(frozen=True, slots=True)
class Rewritten:
    body: str
    added: tuple[Link, ...] = ()
    removed: tuple[Link, ...] = ()
    unsure: tuple[Link, ...] = ()
    """Links of ours that the body has more than once: nobody knows which is ours."""


def without_links(body: str, links: Sequence[Link]) -> Rewritten:
    """Take out links, leaving their words.

    One that is not in the body is left out, and so is one that is there more than once.
    """
    removed, unsure = [], []
    for link in links:
        times = body.count(link.written)
        if times > 1:
            unsure.append(link)
        elif times:
            body = body.replace(link.written, link.text)
            removed.append(link)
    return Rewritten(body, removed=tuple(removed), unsure=tuple(unsure))


@dataclass(frozen=True, slots=True)
class Linker:
    """Puts links to the pages of categories into bodies."""

    names: Names
    affixes: Mapping[str, Affixes]
    """What is written around a mention, by category id."""

    def linked(
        self, body: str, read: Prose, *, at_most: int, skip: Collection[str] = ()
    ) -> Rewritten:
        """Make the first mention of each category a link to its page.

        A category that the body has a link to already gets none.

        Args:
            body: Of the article.
            read: Its prose, which stays as it is: a link that would change it is not made.
            at_most: Links, in the order of the text.
            skip: Ids of categories that get no link.
        """
        fit = (
            mention
            for mention in self.names.first_mentions(body, plain_spans(body, read))
            if mention.category.id not in skip and not self._is_linked(mention.category, body)
        )
        chosen = list(islice(fit, at_most))
        made = self._put(body, chosen)
        if not chosen or prose(made.body).text == read.text:
            return made
        safe: list[Mention] = []
        for mention in chosen:
            if prose(self._put(body, [*safe, mention]).body).text == read.text:
                safe.append(mention)
        return self._put(body, safe)

    def _is_linked(self, category: Category, body: str) -> bool:
        return self.affixes[category.id].are_in(body) or is_linked(category, body)

    def _put(self, body: str, mentions: Sequence[Mention]) -> Rewritten:
        parts: list[str] = []
        added: list[Link] = []
        at = 0
        for start, end, category in mentions:
            around = self.affixes[category.id]
            link = Link(around.before, body[start:end], around.after)
            parts += body[at:start], link.written
            added.append(link)
            at = end
        return Rewritten("".join([*parts, body[at:]]), added=tuple(added))
