"""Label fields that a site's articles use: which keys, in which form, with which labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from classifier.content.inline_tags import inline_tags
from classifier.site.generator import Generator

Form: TypeAlias = Literal["list", "commas", "words", "text", "inline"]
"""How labels are written: a list, one text with commas, one text with a word per label (Jekyll,
Obsidian), one text that is one label, or `#tags` in the text of notes (Obsidian)."""

CUSTOMARY: Final = frozenset(
    {"tags", "tag", "categories", "category", "topics", "topic", "subjects", "subject"}
    | {"concepts", "concept", "labels", "themes", "disciplines", "sectors"}
)
"""Last parts of keys that hold labels on nearly every site that has them."""
_OTHER: Final = frozenset(
    {"author", "authors", "contributors", "aliases", "alias", "redirect_from", "redirects"}
    | {"images", "image", "resources", "files", "photos", "links", "urls", "outputs", "menu"}
    | {"menus", "layout", "type", "title", "description", "summary", "slug", "url", "permalink"}
    | {"date", "cssclass", "cssclasses", "weight", "id", "lang", "language", "license", "status"}
    | {"css", "js", "scripts", "styles", "translationkey", "sidebar", "head", "eleventynavigation"}
)
"""Keys that hold something else."""
_LONGEST: Final = 60
"""Characters of a label of a key that is not customary; longer texts are sentences."""
_LEAST_REUSE: Final = 1.5
"""Uses per label that such a key needs: labels are shared, titles are not."""
_LEAST_SHARE: Final = 0.03
"""Of the articles, that must have a field."""


@dataclass(frozen=True, slots=True)
class ArticleMeta:
    path: str
    meta: Mapping[str, Any]
    body: str = ""
    """Markdown, for tags in the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelField:
    name: str
    """The key as most articles write it; dots lead into tables."""
    customary: bool
    """Whether keys of that name hold labels everywhere."""
    forms: Mapping[Form, int]
    """How many articles write their labels in which form."""
    labels: Mapping[str, tuple[str, ...]]
    """By article: its labels as written, each once."""

    @property
    def articles(self) -> int:
        return len(self.labels)

    @property
    def uses(self) -> Counter[str]:
        """By label as written: the articles that have it."""
        return Counter(label for labels in self.labels.values() for label in labels)


@dataclass(slots=True)
class _Found:
    names: Counter[str] = field(default_factory=Counter)
    forms: Counter[Form] = field(default_factory=Counter)
    labels: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def label_fields(articles: Iterable[ArticleMeta], generator: Generator) -> list[LabelField]:
    """Return the fields that hold labels: customary ones first, then by the articles that use them.

    Of keys that are not customary, those whose short texts are shared by articles.
    """
    found: defaultdict[str, _Found] = defaultdict(_Found)
    count = 0
    for article in articles:
        count += 1
        for name, value in _keys(article.meta):
            _add(found[name.lower()], name, article.path, _labels(name, value, generator))
        if generator == "Obsidian":
            inline: list[str] = inline_tags(article.body)
            _add(found["tags"], "tags", article.path, ("inline", inline))
    fields = [made for key, each in found.items() if (made := _field(key, each, count))]
    return sorted(fields, key=lambda one: (not one.customary, -one.articles, one.name))


def is_customary(name: str) -> bool:
    return name.rpartition(".")[2].lower() in CUSTOMARY


def _keys(meta: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    for key, value in meta.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            if not above:
                yield from _keys(value, f"{name}.")
        elif str(key).lower() not in _OTHER:
            yield name, value


def _labels(name: str, value: object, generator: Generator) -> tuple[Form, list[str]] | None:
    if isinstance(value, list):
        return "list", [text for one in value if (text := _text(one))]
    text = _text(value)
    if not text or not isinstance(value, str):
        return None
    if "," in text:
        return "commas", [part for each in text.split(",") if (part := each.strip())]
    # Their manuals: a text of `tags` (in Jekyll, of `categories` too) is words.
    worded = ("tags", "categories") if generator == "Jekyll" else ("tags",)
    if generator in ("Jekyll", "Obsidian") and name.lower() in worded:
        return "words", text.split()
    return "text", [text]


def _text(value: object) -> str:
    """Return a label; empty for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).split())


def _add(found: _Found, name: str, path: str, given: tuple[Form, list[str]] | None) -> None:
    if given is None or not given[1]:
        return
    form, labels = given
    found.names[name] += 1
    found.forms[form] += 1
    found.labels[path] += labels


def _field(key: str, found: _Found, articles: int) -> LabelField | None:
    if len(found.labels) < max(2, _LEAST_SHARE * articles):
        return None
    labels = {path: tuple(dict.fromkeys(each)) for path, each in found.labels.items()}
    made = LabelField(
        name=max(found.names, key=lambda name: (found.names[name], name)),
        customary=is_customary(key),
        forms=dict(found.forms),
        labels=labels,
    )
    return made if made.customary or _looks_like_labels(made) else None


def _looks_like_labels(one: LabelField) -> bool:
    if not {"list", "commas"} & set(one.forms):
        return False
    uses = one.uses
    plain = sum(len(label) <= _LONGEST and not _is_place(label) for label in uses)
    return plain > 0.9 * len(uses) and uses.total() >= _LEAST_REUSE * len(uses)


def _is_place(label: str) -> bool:
    return label.startswith(("/", "http:", "https:", "./", "mailto:")) or "@" in label
