"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

JUDGED: Final = "What to read"
JUDGE: Final = "Who judges"
RULES: Final = "What becomes a label"
LIMITS: Final = "Limits"
WRITTEN: Final = "What to write"
MACHINES: Final = "On many machines"
KEPT = OUTPUT = "Where it goes"

Categories = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="Category definitions: a folder, a Markdown file, a tags.yml or a vocabulary "
        "(SKOS, .csv, .json). Default: the example categories.",
        rich_help_panel=JUDGED,
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only categories of this kind. Repeatable.",
        rich_help_panel=JUDGED,
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--category",
        metavar="NAME",
        help="Only this category (id, slug, title or alias). Repeatable.",
        rich_help_panel=JUDGED,
    ),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Only files in folders that match this .gitignore-style pattern. Repeatable.",
        rich_help_panel=JUDGED,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Skip files and folders that match this .gitignore-style pattern. Repeatable.",
        rich_help_panel=JUDGED,
    ),
]
Scorer = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="embedded (default) works offline; openai asks a language model; cascade asks it "
        "only about what embedded leaves open; panel combines several scorers; imported "
        "uses what `classify sidecars import` read.",
        rich_help_panel=JUDGE,
    ),
]
Fast = Annotated[
    bool,
    typer.Option(
        "--fast",
        help="Embedded scorer: compare word vectors instead of running a sentence model. Many "
        "times faster, but ranks less well. Its judgements are stored separately.",
        rich_help_panel=JUDGE,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Name of the language model, after anthropic/, gemini/, bedrock/ or "
        "ollama/ for these providers.",
        rich_help_panel=JUDGE,
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Address of an OpenAI-compatible server. Default: OpenAI. The key is read from "
        "OPENAI_API_KEY.",
        rich_help_panel=JUDGE,
    ),
]
Prompts = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder of prompt templates to use instead of the built-in ones.",
        rich_help_panel=JUDGE,
    ),
]
NoCanary = Annotated[
    bool,
    typer.Option(
        "--no-canary",
        help="Disable the canary category used to detect prompt injection.",
        rich_help_panel=JUDGE,
    ),
]
Cuts = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|off",
        help="Thresholds written by `classify cascade`. Default: the file beside the categories.",
        rich_help_panel=JUDGE,
    ),
]
Shortlist = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Without thresholds, ask about the N likeliest categories of each kind. Default: 20.",
        rich_help_panel=JUDGE,
    ),
]
Trained = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|off",
        help="File written by `classify train`. Default: the file beside the categories.",
        rich_help_panel=JUDGE,
    ),
]
NoExamples = Annotated[
    bool,
    typer.Option(
        "--no-examples",
        help="Do not show a language model the examples in the --trained file.",
        rich_help_panel=JUDGE,
    ),
]
Store = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The store of judgements. Default: .classify/records.sqlite3.",
        rich_help_panel=KEPT,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.", rich_help_panel=OUTPUT)]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Suppress warnings, progress and the summary; errors are still printed.",
        rich_help_panel=OUTPUT,
    ),
]
Article = Annotated[
    Path,
    typer.Argument(
        metavar="ARTICLE", help="An article: a file or bundle folder.", show_default=False
    ),
]
Named = Annotated[
    list[str],
    typer.Argument(
        metavar="CATEGORY", help="Categories by id, slug, title or alias.", show_default=False
    ),
]
Note = Annotated[str, typer.Option(metavar="TEXT", help="Why, in your own words.")]
Undo = Annotated[bool, typer.Option("--undo", help="Withdraw the verdict.")]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[KIND=]NAME",
        help="Front matter field that holds the labels, in folders of articles. Default: the "
        "fields in the settings, or the names of the kinds. Repeatable.",
        rich_help_panel=JUDGED,
    ),
]
Content = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Folder in which to look for the articles that a gold file names.",
        rich_help_panel=JUDGED,
    ),
]
Pay = Annotated[
    bool,
    typer.Option(
        "--judge",
        help="Let a paid language model judge what it has not judged yet.",
        rich_help_panel=JUDGE,
    ),
]
ArtifactFile = Annotated[
    Path | None,
    typer.Option(
        "--output",
        metavar="FILE",
        help="The file to write. Default: the file beside the categories.",
        rich_help_panel=KEPT,
    ),
]
MaxCost = Annotated[
    float | None,
    typer.Option(metavar="DOLLARS", help="Maximum cost in US dollars.", rich_help_panel=LIMITS),
]
Articles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="Articles, or folders of articles. Default: `content` in the settings.",
        show_default=False,
    ),
]
IntoFields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="[KIND=]NAME",
        help="Front matter key for the labels of a kind. Default: the key in the settings, "
        "or the kind's name. Repeatable.",
        rich_help_panel=WRITTEN,
    ),
]
Merge = Annotated[
    bool,
    typer.Option(
        "--merge",
        help="Add labels and keep those that people wrote (default). A label written by an "
        "earlier run is removed when it is no longer assigned.",
        rich_help_panel=WRITTEN,
    ),
]
Replace = Annotated[
    bool,
    typer.Option(
        "--replace",
        help="Replace all labels, including those that people wrote.",
        rich_help_panel=WRITTEN,
    ),
]
Restore = Annotated[
    bool,
    typer.Option(
        "--restore",
        help="Write again what an earlier run wrote and was removed since.",
        rich_help_panel=WRITTEN,
    ),
]
Create = Annotated[
    bool,
    typer.Option(
        "--create",
        help="Add front matter to articles that have none and get a label.",
        rich_help_panel=WRITTEN,
    ),
]
Spaced = Annotated[
    bool,
    typer.Option(
        "--spaced",
        help="Read a text without commas as one label per word, as Jekyll does.",
        rich_help_panel=WRITTEN,
    ),
]
Pack = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Categories per call. Default: 10; 40 for hosted models with a long context.",
        rich_help_panel=JUDGE,
    ),
]
MaxCalls = Annotated[
    int | None,
    typer.Option(metavar="N", help="Maximum number of calls.", rich_help_panel=LIMITS),
]
RetryFailed = Annotated[
    bool,
    typer.Option(
        "--retry-failed",
        help="Ask again about answers that were held back: possible prompt injection, or "
        "quotes that are not in the article. Other failures are always retried.",
        rich_help_panel=LIMITS,
    ),
]
OlderThan = Annotated[
    str | None,
    typer.Option(
        metavar="AGE",
        help="Also judge again what a language model judged longer ago than this: 90d, 12h, "
        "8w. Oldest articles first.",
        rich_help_panel=JUDGED,
    ),
]
AtMost = Annotated[
    int | None,
    typer.Option(
        "--at-most",
        metavar="N",
        min=1,
        help="Limit --older-than to the N oldest articles.",
        rich_help_panel=LIMITS,
    ),
]
BatchTokens = Annotated[
    int | None,
    typer.Option(
        "--tokens",
        metavar="N",
        help="Your account's limit of queued batch tokens for this model. Files beyond it "
        "wait here.",
        rich_help_panel=LIMITS,
    ),
]
About = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="Only batches that contain these articles.",
        show_default=False,
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="GIT-REF",
        help="Only articles changed since this commit; all of them if a definition or the "
        "settings changed.",
        rich_help_panel=JUDGED,
    ),
]
Summary = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Append a Markdown summary to a file such as $GITHUB_STEP_SUMMARY.",
        rich_help_panel=OUTPUT,
    ),
]
ShowDiff = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Print the changes as a unified diff, and write nothing.",
        rich_help_panel=WRITTEN,
    ),
]
Write = Annotated[
    bool,
    typer.Option(
        "--write",
        help="Write the labels into the front matter, as `classify apply` does.",
        rich_help_panel=OUTPUT,
    ),
]
JsonLines = Annotated[
    bool,
    typer.Option(
        "--json", help="Print one JSON object per article and line.", rich_help_panel=OUTPUT
    ),
]
PayForMissing = Annotated[
    bool,
    typer.Option(
        "--judge",
        help="Let a paid language model judge what is missing. Without it, only the cost is shown.",
        rich_help_panel=JUDGE,
    ),
]
StoredArticles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH",
        help="Articles, or folders of them; all stored articles by default.",
        show_default=False,
    ),
]
Served = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CONTENT",
        help="Folders of articles to serve. Default: `content` in the settings.",
        show_default=False,
    ),
]
EstimateOnly = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Show what would be judged and what it would cost, and make no call.",
        rich_help_panel=LIMITS,
    ),
]
Format = Annotated[
    str,
    typer.Option(
        metavar="FORMAT",
        help="text, json, github (annotations in a pull request) or sarif (for code scanning).",
        rich_help_panel=OUTPUT,
    ),
]
All = Annotated[
    bool,
    typer.Option("--all", help="Show all articles, not only the first.", rich_help_panel=OUTPUT),
]
