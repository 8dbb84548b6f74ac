"""One model for everything a project sets once: classify.toml or [tool.classify], environment.

The API key is not a setting: it is read from OPENAI_API_KEY only, so that no file can hold it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
)

from classifier.models import HierarchyRule, Rule
from classifier.settings.tables import (
    AtMost,
    By,
    DerivedSettings,
    FieldSettings,
    File,
    Files,
    Key,
    KindSettings,
    LinkSettings,
    Minimum,
    Names,
    PanelSettings,
    RelatedSettings,
    RuleSettings,
    SidecarPath,
    TableSettings,
    flat_keys,
    http_address,
    lower_kinds,
)

PREFIX: Final = "CLASSIFY_"
MODEL_NAMES: Final = ("multilingual", "fast")
"""Models of the embedded scorer that are no folders."""
PATHS: Final = (
    "categories",
    "content",
    "prompts",
    "embedding_model",
    "trained",
    "cuts",
    "profile",
    "store",
)
NO_PATHS: Final = {
    "embedding_model": MODEL_NAMES,
    "trained": ("off",),
    "cuts": ("off",),
    "profile": ("off",),
}
"""Values of these that are not paths."""


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    categories: Files = Field(
        default=(),
        description="Category definitions: folders, definitions or `tags.yml` files; a single path "
        "needs no list. Default: the example categories.",
    )
    content: Files = Field(
        default=(),
        description="Folders of articles, for commands that name none; a single path needs no "
        "list.",
    )
    exclude: Names = Field(
        default=(),
        description="Files and folders among the articles to skip: patterns as in .gitignore, "
        "below the folder that a command reads. `--exclude` replaces them.",
    )
    formats: Names = Field(
        default=(),
        description="Formats of articles that folders are searched for beside Markdown, by the "
        'ending of their files: `["html", "ipynb"]`. A file that is named is read in any case.',
    )
    scorer: Literal["embedded", "openai", "cascade", "panel", "imported"] = Field(
        default="embedded",
        description="`embedded` works offline, `openai` asks a language model, `cascade` asks it "
        "only about what `embedded` does not settle, `panel` asks several scorers about every "
        "pair, `imported` judges nothing and decides on what `classify sidecars import` stored.",
    )
    imported_first: bool = Field(
        default=False,
        description="Imported judgements (`classify sidecars import`) decide where there are some, "
        "and the `scorer` judges the rest.",
    )
    category_pages: bool = Field(
        default=False,
        description="Definitions that are pages among the articles are articles, too, for the "
        "categories of other kinds. No category judges a page of its own kind.",
    )
    panel: PanelSettings = Field(
        default_factory=PanelSettings,
        description='For `scorer = "panel"`: `scorers`, two or more of `embedded`, '
        "`embedded:FOLDER`, `embedded:multilingual` or `embedded:fast` with another model, "
        "`openai` and `openai:MODEL`; and `confidence`, the `mean` of theirs or the `least`.",
    )
    model: str | None = Field(
        default=None,
        description="Name of the language model. Where no `base_url` is set, it may begin with a "
        "provider: `anthropic/`, `gemini/`, `bedrock/`, `ollama/`.",
    )
    base_url: Annotated[str | None, BeforeValidator(http_address)] = Field(
        default=None,
        description="Address of an OpenAI-compatible server. Default: OpenAI.",
    )
    pack: int | None = Field(
        default=None,
        ge=1,
        description="Categories per call to a language model. Default: 40 for models known to "
        "have a long context, otherwise 10; use more if `classify eval --pack` shows that it is "
        "safe.",
    )
    context: int | None = Field(
        default=None,
        ge=1024,
        description="Tokens that prompt and answer may have together, of a model whose context is "
        "not known, as on a server of your own. Default: what the price list says.",
    )
    prompts: File | None = Field(
        default=None,
        description="Folder of prompt templates to use instead of the built-in ones.",
    )
    answers: Literal["short", "listed", "full"] = Field(
        default="short",
        description="`short`: a language model explains what may belong, gives a phrase for what "
        "the article touches, and lists the rest by number, neighbours as a range. `listed`: the "
        "same, each number on its own. `full`: it gives its reasoning for every category.",
    )
    canary: bool = Field(
        default=True,
        description="Add a canary category, which nothing can belong to, to every call of a "
        "language model: a model that scores it has followed instructions in the article.",
    )
    concurrency: int = Field(default=4, ge=1, description="Concurrent calls.")
    rpm: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Maximum calls per minute. Default: what the server's headers allow.",
    )
    tpm: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Maximum tokens per minute, sent and received. Default: what the server's "
        "headers allow.",
    )
    timeout: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Seconds per call. Default: 120, or 900 with a `tier` other than `standard`.",
    )
    tier: Literal["standard", "flex", "flex-first"] = Field(
        default="standard",
        description="`flex`: slower calls at about half the price, which fail if the server has no "
        "capacity. `flex-first`: repeat those at the usual price.",
    )
    batch_tokens: int | None = Field(
        default=None,
        ge=1,
        description="Your account's limit of queued batch tokens for the model. Files beyond it "
        "wait here.",
    )
    batch_megabytes: float = Field(
        default=200,
        gt=0,
        le=200,
        description="Maximum size of a batch file; lower it for a proxy that limits uploads.",
    )
    max_cost: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="Maximum cost of a run in US dollars; needs a model with a known price. The "
        "rest fails as `over_budget`.",
    )
    max_calls: int | None = Field(
        default=None,
        ge=0,
        description="Maximum calls per run to a language model, retries included.",
    )
    embedding_model: File | Literal["multilingual", "fast"] | None = Field(
        default=None,
        description="Model of the embedded scorer: `multilingual` (extra `multilingual`); `fast`, "
        "vectors without a sentence model, as `--fast`; or the folder of another ONNX model "
        "(`./fast` if that is its name). Default: a model of English.",
    )
    trained: File | Literal["off"] | None = Field(
        default=None,
        description="File written by `classify train`, or `off`. Default: the file beside the "
        "categories, if any.",
    )
    examples: bool = Field(
        default=True,
        description="Show a language model the examples in the `trained` file.",
    )
    cuts: File | Literal["off"] | None = Field(
        default=None,
        description="File written by `classify cascade`, or `off`. Default: the file beside the "
        "categories, if any.",
    )
    shortlist: int = Field(
        default=20,
        ge=1,
        description="Without thresholds, a cascade asks about this many of the likeliest "
        "categories of each kind. No recall is guaranteed.",
    )
    settle: Literal["pairs", "articles"] = Field(
        default="pairs",
        description="What a cascade settles without the language model: `pairs` that are hardly "
        "labels, or whole `articles` that the trained scorer is sure of, its labels included. The "
        "latter saves more calls, and needs `classify train --teacher`.",
    )
    profile: File | Literal["off"] | None = Field(
        default=None,
        description="File with the site profile, which chooses how much confidence a label needs "
        "where no `minimum` is set and nothing was trained, or `off`. A run over a folder keeps "
        "it. Default: beside the store.",
    )
    store: File | None = Field(
        default=None,
        description="File that stores every judgement, so that none is made or paid for twice. "
        "Default: `.classify/records.sqlite3` beside the settings file, or in the "
        "current folder. `Classifier` stores nothing by default.",
    )
    tracing: bool = Field(
        default=False,
        description="Make spans and metrics of OpenTelemetry (extra `otel`). Where they go is in "
        "the `OTEL_` variables of the environment.",
    )
    sidecar_path: SidecarPath = Field(
        default="",
        description="Path of an article's sidecar below the folder of the settings, with front "
        'matter keys in braces: `"data/{ItemType}/{ItemId}.json"`. Default: beside the article.',
    )
    sidecar_kinds: Names = Field(
        default=(),
        description="Kinds with a sidecar of their own: `marketing` in "
        "`data.index.classifications.marketing.json`.",
    )
    lint_ignore: Names = Field(default=(), description="Rules that `classify taxonomy lint` skips.")
    minimum: Minimum = Field(
        default=0.5,
        description='Confidence (0-1) that a label needs, or the name of a level: `"Primary"` is '
        '0.80, `"Secondary"` 0.60, `"Tertiary"` 0.40. Set, it wins over training and the site '
        "profile.",
    )
    at_most: AtMost = Field(default=5, description='Maximum labels per kind; `"all"` for no limit.')
    by: By = Field(
        default="score",
        description="`score`: the best `at_most`. `level`: of those, only the ones in the best "
        "level reached.",
    )
    hierarchy: HierarchyRule = Field(
        default="leaf",
        description="Where categories have parents, `leaf`: of a category and those above it, only "
        "the most specific is a label. `with parents`: those above it are labels, too. `best "
        "level`: the parent is the label where no child is sure enough, but together they are.",
    )
    fields: Annotated[dict[str, FieldSettings], BeforeValidator(lower_kinds)] = Field(
        default_factory=dict,
        description="By kind: the front matter key that holds its labels (`name`, default: the "
        'kind) and what is written there (`value`): `"title"`, `"slug"`, `"path"` (the id '
        'without its kind) or `"id"`. `spaced = true`: a text without commas is a label per word. '
        "`inline = true`: `#tags` in the text of notes are people's labels, too.",
    )
    provenance: Literal["file", "front-matter"] = Field(
        default="file",
        description="Where `classify apply` notes which labels it wrote: `file`, "
        "`classify-labels.tsv` beside the settings, or `front-matter`, each article's key "
        "`classify_labels`.",
    )
    rules: Annotated[dict[str, KindSettings], BeforeValidator(lower_kinds)] = Field(
        default_factory=dict,
        description="By kind: its own `minimum`, `at_most`, `by` and `hierarchy`; default: the "
        "values above. `fallback` names the category for articles that no other fits. `sections` "
        "has, by folder, what is different for the articles in it.",
    )
    derived: Annotated[dict[Key, DerivedSettings], BeforeValidator(flat_keys)] = Field(
        default_factory=dict,
        description="By front matter key, such as `weight` or `sitemap.priority`: a number "
        "computed from the mean confidence of `categories`, from `at_zero` to `at_one`, with "
        "`decimals`; or `at_any_zero` where one of them is 0 %.",
    )
    links: LinkSettings = Field(
        default_factory=LinkSettings,
        description="What `classify link` writes: `template`, with `{text}`, and `{id}`, `{path}` "
        "(the id without its kind) or `{slug}` of the category, such as "
        "`'[{text}]({{< ref \"/{id}\" >}})'`; `at_most` links per article; "
        "`labels_only`, whether an article links to its own labels only; and `opt_out`, the front "
        "matter key that leaves an article alone where it is false.",
    )

    related: RelatedSettings = Field(
        default_factory=RelatedSettings,
        description="What `classify related` does without options: `top`, `section`, `above`, and "
        "`output` or `field`.",
    )
    table: TableSettings = Field(
        default_factory=TableSettings,
        description="Columns of tables whose rows are articles (`classify run posts.csv`): `text`, "
        "`id`, `title`, `description` and `language`. Empty: the usual names, such as `body` or "
        "`content`.",
    )

    _untrusted_url: str = PrivateAttr(default="")
    _sends_key: bool = PrivateAttr(default=True)

    @property
    def sends_key(self) -> bool:
        """Whether the API key goes to `base_url`.

        Not where a file that nobody trusts names a loopback address.
        """
        return self._sends_key

    @property
    def refusal(self) -> str:
        """Why nothing is sent to `base_url`; empty where it may be used.

        Not empty where only an untrusted settings file names a server that is neither OpenAI's
        nor on this computer.
        """
        return self._untrusted_url


def rules(settings: Settings) -> tuple[Mapping[str, Rule], Rule]:
    """Return the rules by kind, and the one for every other kind."""
    default = Rule(
        minimum=settings.minimum,
        at_most=settings.at_most,
        by=settings.by,
        hierarchy=settings.hierarchy,
    )
    by_kind = {kind: _rule(rule, default) for kind, rule in settings.rules.items()}
    return by_kind, default


def section_rules(settings: Settings, home: Path) -> Iterator[tuple[str, str, Rule, bool]]:
    """Yield folder, kind, rule, and whether its minimum was set for the folder.

    Args:
        settings: The settings.
        home: What their folders are relative to.
    """
    by_kind, _ = rules(settings)
    for kind, own in settings.rules.items():
        for folder, section in own.sections.items():
            place = os.path.abspath(home / folder)  # noqa: PTH100 - without following links
            rule = _rule(section, by_kind[kind])
            yield place, kind, rule, "minimum" in section.model_fields_set


def field(settings: Settings, kind: str) -> FieldSettings:
    """Return where the labels of a kind are in the front matter."""
    own = settings.fields.get(kind, FieldSettings())
    return own.model_copy(update={"name": own.name or kind})


def inline_fields(settings: Settings) -> frozenset[str]:
    """Return the keys whose labels are `#tags` in the text of articles, too."""
    return frozenset(
        field(settings, kind).name for kind, it in settings.fields.items() if it.inline
    )


def sets_minimum(settings: Settings, kind: str) -> bool:
    """Whether a person has chosen the minimum of a kind, and not the program."""
    own = settings.rules.get(kind)
    said = own is not None and "minimum" in own.model_fields_set
    return said or "minimum" in settings.model_fields_set


def _rule(given: RuleSettings, default: Rule) -> Rule:
    said = given.model_fields_set
    return Rule(
        minimum=given.minimum if "minimum" in said else default.minimum,
        at_most=given.at_most if "at_most" in said else default.at_most,
        by=given.by if "by" in said else default.by,
        hierarchy=given.hierarchy if "hierarchy" in said else default.hierarchy,
    )
