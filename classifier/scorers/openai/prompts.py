"""The prompt templates: files with front matter, rendered in a sandbox (docs/prompts.md).

The system message holds all that is the same for every article (rubric, categories), the article
comes last in a message of its own: servers cache what two requests have in common at their start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from classifier import resources
from classifier.content.front_matter import reading
from classifier.content.front_matter.reading import FrontMatter, FrontMatterError
from classifier.content.prose import visible
from classifier.errors import PromptError
from classifier.models import Article, Category, Example, Instructions, digest

if TYPE_CHECKING:
    from classifier.scorers.openai.costs import Form
    from classifier.scorers.openai.sandbox import BoundedEnvironment

FILES: Final = ("system.md", "article.md", "format.md", "canary.md")

FIELDS: Final = ("id", "evidence", "exclusion", "reasoning", "why", "scores")
"""The fields of a full or a short answer beside the aspects."""

Answers: TypeAlias = Literal["short", "listed", "full"]
"""How long answers are. `full`: all in full. `short`: as the templates say, what is plainly out by
its number, neighbours as a range. `listed`: the same, without ranges."""

_MAX_FILE: Final = 500_000

_VARIABLES: Final[Mapping[str, frozenset[str]]] = {
    "system.md": frozenset({"aspects", "categories", "floors", "touched", "ranges"}),
    "format.md": frozenset({"aspects", "floors", "touched", "ranges"}),
    "article.md": frozenset({"opening", "closing", "title", "description", "text"}),
}

_NAME = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
_TEXT = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_SCORE = Annotated[int, Field(ge=0, le=10)]


class _TemplateModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Aspect(_TemplateModel):
    weight: Annotated[float, Field(gt=0, le=1)]
    description: _TEXT
    anchors: Mapping[_SCORE, _TEXT]
    full_from: Annotated[int, Field(ge=1, le=10)] | None = None
    touched_from: Annotated[int, Field(ge=1, le=10)] | None = None


class _Rubric(_TemplateModel):
    version: Annotated[str, Field(coerce_numbers_to_str=True)]
    aspects: Annotated[Mapping[_NAME, _Aspect], Field(min_length=1)]
    exclusion_cap: Annotated[float, Field(ge=0, le=1)]
    short_below: Annotated[float, Field(ge=0, le=1)] = 0.3


class _Canary(_TemplateModel):
    title: _TEXT
    description: str = ""
    scope: str = ""
    topics: tuple[_TEXT, ...] = ()
    exclusions: tuple[_TEXT, ...] = ()


_Model = TypeVar("_Model", bound=BaseModel)


def load(folder: Path | None = None, *, answers: Answers = "short") -> Prompts:
    """Read the templates from `folder`; files that are missing there come from the package.

    Raises:
        PromptError: a file is broken, unreadable or uses an unknown variable.
    """
    own = resources.folder("prompts")
    if folder is not None and not folder.is_dir():
        raise PromptError(f"prompts: no such folder {str(folder)!r}")
    if folder is not None and (old := folder / "decoy.md").exists():
        raise PromptError(f"{old}: this template is now called canary.md; rename the file")
    paths = {name: (folder or own) / name for name in FILES}
    paths = {name: path if path.exists() else own / name for name, path in paths.items()}
    if folder is not None and all(path.parent == own for path in paths.values()):
        raise PromptError(f"prompts: {str(folder)!r} has none of {', '.join(FILES)}")
    sources = {name: (str(path), _read(path)) for name, path in paths.items()}
    return Prompts(sources, answers=answers)


class Prompts:
    """A set of templates, each rendered once to check it."""

    version: str
    aspects: Mapping[str, float]
    """Name to weight; the weights add up to 1."""
    exclusion_cap: float
    """The highest confidence (0-1) of a pair whose exclusion rule applies."""
    floors: Mapping[str, int]
    """By aspect, the score (0-10) from which a full answer is due: a category below all of them
    may get a short one. Empty: no short answers."""
    touched: Mapping[str, int]
    """By aspect, the score (0-10) from which a category needs more than its number. Empty: a short
    answer is the least."""
    short_below: float
    """The confidence (0-1) from which a short answer is asked for again, in full."""
    answers: Answers
    canary: Category
    own_canary: bool
    """Whether `canary` is of a file that does not come with the package: then calls have it."""
    digest: str
    """Covers every byte of every template, and how long answers are."""

    def __init__(
        self, sources: Mapping[str, tuple[str, str]], *, answers: Answers = "short"
    ) -> None:
        """Check `sources`: for each of FILES, its path (for messages) and its text."""
        self._sources = dict(sources)
        self.answers = answers
        documents = {name: _parse(*source) for name, source in sources.items()}
        rubric = _check(_Rubric, self._path("system.md"), documents["system.md"].meta)
        canary = _check(_Canary, self._path("canary.md"), documents["canary.md"].meta)
        self._bodies = {name: document.body for name, document in documents.items()}
        self._aspects = [
            {"name": name, "description": a.description, "anchors": sorted(a.anchors.items())}
            for name, a in rubric.aspects.items()
        ]
        self.version = rubric.version
        self.aspects = {name: aspect.weight for name, aspect in rubric.aspects.items()}
        self.exclusion_cap = rubric.exclusion_cap
        self.short_below = rubric.short_below
        self.floors = self._floors({name: a.full_from for name, a in rubric.aspects.items()})
        touched = self._floors({name: a.touched_from for name, a in rubric.aspects.items()})
        self.touched = touched if self.floors else {}
        self.canary = Category(
            id="",
            kind="",
            title=canary.title,
            description=canary.description,
            instructions=Instructions(
                scope=canary.scope, topics=canary.topics, exclusions=canary.exclusions
            ),
        )
        packaged = resources.folder("prompts") / "canary.md"
        self.own_canary = self._path("canary.md") != str(packaged)
        kept = bool(self.floors) if answers != "listed" else answers
        self.digest = digest([self._sources[name][1] for name in FILES], kept)
        self._check_weights()
        self._try_out()

    def __reduce__(self) -> tuple[Callable[[], Prompts], tuple[()]]:
        made = partial(Prompts, self._sources, answers=self.answers)
        return made, ()  # compiled templates cannot be pickled

    @property
    def form(self) -> Form:
        """How a category is answered that gets no full answer."""
        if self.answers == "full" or not self.floors:
            return "full"
        return self.answers if self.touched else "phrases"

    def in_full(self) -> Prompts:
        """Return the same without short answers."""
        return Prompts(self._sources, answers="full")

    def system(self, categories: Sequence[Category], *, describe_format: bool = False) -> str:
        """Render the shared part. `describe_format`: no schema enforces the answer's format."""
        views = [
            _view(key, c) for key, c in zip(category_keys(categories), categories, strict=True)
        ]
        rubric = {
            "aspects": self._aspects,
            "floors": tuple(self.floors.items()),
            "touched": tuple(self.touched.items()),
            "ranges": self.answers == "short",
        }
        text = self._render("system.md", **rubric, categories=views)
        if describe_format:
            text += "\n\n" + self._render("format.md", **rubric)
        return text

    def article(self, article: Article, *, text: str) -> str:
        """Render the message about an article. `text`: its prose, without markup."""
        token = digest("delimiter", article.digest)[:12]
        return self._render(
            "article.md",
            opening=f"<article-{token}>",
            closing=f"</article-{token}>",
            title=neutralise(visible(article.title)),
            description=neutralise(visible(article.description)),
            text=neutralise(text),
        )

    def _path(self, name: str) -> str:
        return self._sources[name][0]

    @cached_property
    def _environment(self) -> BoundedEnvironment:
        from classifier.scorers.openai.sandbox import BoundedEnvironment

        return BoundedEnvironment(self._bodies)

    def _render(self, name: str, **variables: object) -> str:
        from jinja2 import TemplateError, TemplateSyntaxError

        try:
            return self._environment.render(name, variables).strip()
        except TemplateSyntaxError as error:
            path, text = self._sources[error.name or name]
            before = text[: len(text) - len(self._bodies[error.name or name])].count("\n")
            raise PromptError(f"{path}, line {error.lineno + before}: {error.message}") from None
        except TemplateError as error:
            known = ", ".join(sorted(_VARIABLES[name]))
            raise PromptError(f"{self._path(name)}: {error} (it can use {known})") from None

    def _floors(self, by_aspect: Mapping[str, int | None]) -> dict[str, int]:
        if self.answers == "full":
            return {}
        return {name: floor for name, floor in by_aspect.items() if floor is not None}

    def _check_weights(self) -> None:
        path = self._path("system.md")
        total = sum(self.aspects.values())
        if abs(total - 1) > 1e-6:
            raise PromptError(f"{path}: the weights of 'aspects' must add up to 1, not {total:g}")
        for name in self.aspects:
            if name in FIELDS:
                raise PromptError(
                    f"{path}: an aspect cannot be called {name!r}, a field of every answer"
                )

    def _try_out(self) -> None:
        """Render everything once, so that errors show before a run."""
        from jinja2 import meta

        full = Category(
            id="",
            kind="",
            title="T",
            description="D",
            instructions=Instructions(scope="S", topics=("A", "B"), exclusions=("X", "Y")),
            aliases=("N",),
            examples=(
                Example(title="T", text="E", accepted=True, note="W"),
                Example(title="", text="", accepted=False),
            ),
        )
        self.system([full, Category(id="", kind="", title="T")], describe_format=True)
        for article in (
            Article(id="", title="T", description="D", body=""),
            Article(id="", body=""),
        ):
            self._check_delimiters(self.article(article, text="[body]"))
        for name, known in _VARIABLES.items():
            tree = self._environment.parse(self._bodies[name])
            for unknown in sorted(meta.find_undeclared_variables(tree) - known):
                raise PromptError(
                    f"{self._path(name)}: unknown variable {unknown!r} "
                    f"(it can use {', '.join(sorted(known))})"
                )

    def _check_delimiters(self, rendered: str) -> None:
        opening = re.findall(r"<article-\w+>", rendered)
        closing = re.findall(r"</article-\w+>", rendered)
        between = re.search(r"<article-\w+>[^<]*\[body\][^<]*</article-\w+>", rendered)
        if len(opening) != 1 or len(closing) != 1 or not between:
            raise PromptError(
                f"{self._path('article.md')}: {{{{ opening }}}} and {{{{ closing }}}} must "
                "appear once each, around {{ text }}, so that an article cannot fake them"
            )


def category_keys(categories: Sequence[Category]) -> tuple[str, ...]:
    """Return a name of each category for the prompt: its number there and its title.

    The number alone is enough for what is plainly out. Models see neither id nor kind, so that
    these cannot change an answer.
    """
    return tuple(f"{number}-{name}" for number, name in enumerate(slugs(categories), start=1))


def slugs(categories: Sequence[Category]) -> tuple[str, ...]:
    """Return a name of each category made from its title, unique among these."""
    taken: dict[str, None] = {}
    for category in categories:
        base = key = _title_slug(category.title)
        number = 1
        while key in taken:
            number += 1
            key = f"{base}-{number}"
        taken[key] = None
    return tuple(taken)


def slug(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.casefold()).strip("-") or "category"


_title_slug = lru_cache(maxsize=4096)(slug)
"""Every call asks for those of its categories."""


# Both patterns are bounded, so that no text takes longer than its length.
_DELIMITER = re.compile(r"<(?=\s{0,3}/?\s{0,3}article\b)", re.IGNORECASE)
_CONTROL = re.compile(
    r"""
      <(?=[|\uff5c])            # <|im_start|>, <|eot_id|> and their relatives
    | <(?=<?/?SYS>)
    | <(?=/?(?:s|bos|eos|pad|unk|think|(?:start|end)_of_[a-z]{1,20})>)
    | \[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT)\])
    """,
    re.VERBOSE | re.IGNORECASE,
)


def neutralise(text: str) -> str:
    """Break up delimiters of the prompt and control tokens of chat templates.

    With visible characters: some tokenizers drop zero-width ones, which would restore a token.
    """
    return _CONTROL.sub(r"\g<0> ", _DELIMITER.sub("[", text))


def _view(key: str, category: Category) -> dict[str, object]:
    """Return what a template sees of a category: exactly what `Category.digest` covers."""
    instructions = category.instructions
    return {
        "key": key,
        "title": category.title,
        "description": shown_description(category),
        "aliases": category.aliases,
        "scope": _scope(category),
        "topics": instructions.topics,
        "exclusions": instructions.exclusions,
        "examples": [_example(example) for example in category.examples],
    }


_REPEATED: Final = 0.75
LONG_WORD: Final = re.compile(r"[^\W\d_]{4,}")
"""Words that say something, as a rule: those of four letters or more."""
_STEM: Final = 5
"""Letters by which two words count as the same."""


def shown_description(category: Category) -> str:
    """Return the description, unless most of its words are in the rest of the definition."""
    instructions = category.instructions
    rest = _stems(" ".join((category.title, instructions.scope, *instructions.topics)))
    words = _stems(category.description)
    if not instructions.scope or not words or len(words & rest) < _REPEATED * len(words):
        return category.description
    return ""


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in LONG_WORD.findall(text.casefold())}


def _scope(category: Category) -> str:
    """Return the scope, behind the path of a category that is below others."""
    scope = without_boilerplate(category.instructions.scope, category.title)
    if not category.path:
        return scope
    path = " > ".join((*category.path, category.title))
    return f"Its place: {path}.\n\n{scope}".strip()


_ONLY = re.compile(
    r"[\s*_]*(?:use|apply|choose)\s+(?:this|the)\s+[\w-]{1,20}\s+(?:only|exclusively|strictly)\s+"
    r"(?:for|to|when|with)\b(?P<rest>[^\n.]{1,200})(?:\.[*_]*(?=\s|$)|[*_]*(?=\n|$))\s*",
    re.IGNORECASE,
)
_EMPTY_WORDS = re.compile(
    r"\b(?:discussions?|articles?|posts?|content|texts?|pages?|it|is|are|that|which|an?|the|on|of|about|in|to"
    r"|for|relat(?:ed|ing|es?)|discuss(?:es|ing)?|cover(?:s|ing)?|concern(?:s|ing)?|topics?|directly)\b"
)


def without_boilerplate(scope: str, title: str) -> str:
    """Return a scope without a first sentence that says no more than the title.

    Every definition of a site may begin with "Use this category only for discussions on X", which
    the rubric says of all. A sentence that says more stays, and so does the only one.
    """
    match = _ONLY.match(scope)
    if match is None:
        return scope
    rest, title = (re.sub(r"[\W_]+", " ", t.casefold()) for t in (match["rest"], title))
    said = _EMPTY_WORDS.sub("", rest.replace(title, " ", 1)) if title in rest else rest
    return scope[match.end() :] or scope if not said.strip() else scope


def _example(example: Example) -> dict[str, str]:
    """Return what a template sees of an example: untrusted text, so without any `<`."""
    return {
        "verdict": "belongs" if example.accepted else "does not belong",
        **{
            name: neutralise(" ".join(text.replace("<", "[").split()))
            for name, text in (
                ("title", example.title),
                ("text", example.text),
                ("note", example.note),
            )
        },
    }


def _read(path: Path) -> str:
    try:
        if not path.is_file():  # such as a device without an end
            raise PromptError(f"{path}: not a file")
        with path.open(encoding="utf-8") as file:
            text = file.read(_MAX_FILE + 1)
    except UnicodeDecodeError:
        raise PromptError(f"{path}: not UTF-8; save it as UTF-8") from None
    except OSError as error:
        raise PromptError(f"{path}: cannot be read ({error.strerror})") from None
    if len(text) > _MAX_FILE:
        raise PromptError(f"{path}: longer than {_MAX_FILE:,} characters; shorten it")
    return text


def _parse(path: str, text: str) -> FrontMatter:
    try:
        return reading.parse(text)
    except FrontMatterError as error:
        raise PromptError(f"{path}: {error}") from None


def _check(model: type[_Model], path: str, meta: Mapping[str, Any]) -> _Model:
    try:
        return model.model_validate(meta)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise PromptError(f"{path}: front matter key {key!r}: {first['msg']}") from None
