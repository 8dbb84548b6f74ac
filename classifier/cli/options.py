"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

JUDGED, JUDGE, RULES, LIMITS, KEPT, WRITTEN, OUTPUT = (
    "What is judged",
    "Who judges",
    "What becomes a label",
    "How fast, how much",
    "What is kept",
    "What is written into articles",
    "What is printed",
)

Categories = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="Folder of category definitions, one definition, or a tags.yml. Without it: the "
        "examples that come with the program.",
        rich_help_panel=JUDGED,
    ),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only categories of this kind. May be repeated.",
        rich_help_panel=JUDGED,
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        "--category",
        metavar="NAME",
        help="Only this category: id, slug, title or alias. May be repeated.",
        rich_help_panel=JUDGED,
    ),
]
Include = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Of folders, only files that match, as in .gitignore. May be repeated.",
        rich_help_panel=JUDGED,
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PATTERN",
        help="Of folders, no files or folders that match. May be repeated.",
        rich_help_panel=JUDGED,
    ),
]
Scorer = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="embedded (the default) works offline; openai asks a language model; cascade asks it "
        "only about what embedded does not settle.",
        rich_help_panel=JUDGE,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The language model.", rich_help_panel=JUDGE),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="An OpenAI-compatible server; OpenAI's own by default. The key is in OPENAI_API_KEY.",
        rich_help_panel=JUDGE,
    ),
]
Prompts = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Your own prompt templates.", rich_help_panel=JUDGE),
]
NoCanary = Annotated[
    bool,
    typer.Option(
        "--no-canary",
        help="Disable the canary category used to detect prompt injection.",
        rich_help_panel=JUDGE,
    ),
]
Calibration = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|off",
        help="What `classify calibrate` wrote; the file beside the categories by default.",
        rich_help_panel=RULES,
    ),
]
Cuts = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|off",
        help="What `classify cascade` wrote; the file beside the categories by default.",
        rich_help_panel=JUDGE,
    ),
]
Shortlist = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Categories of a kind that a cascade without cuts asks about; 20 by default.",
        rich_help_panel=JUDGE,
    ),
]
Learned = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|off",
        help="What `classify learn` wrote; the file beside the categories by default.",
        rich_help_panel=JUDGE,
    ),
]
NoExamples = Annotated[
    bool,
    typer.Option(
        "--no-examples",
        help="Do not show a language model the examples in that file.",
        rich_help_panel=JUDGE,
    ),
]
Store = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="The records of all that was ever judged; .classify/records.sqlite3 by default.",
        rich_help_panel=KEPT,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="As JSON.", rich_help_panel=OUTPUT)]
Quiet = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="No warnings, notes, progress and summary; failures are still told.",
        rich_help_panel=OUTPUT,
    ),
]
Article = Annotated[
    Path,
    typer.Argument(metavar="ARTICLE", help="A file or bundle folder.", show_default=False),
]
Named = Annotated[
    list[str],
    typer.Argument(metavar="CATEGORY...", help="Id, slug, title or alias.", show_default=False),
]
Note = Annotated[str, typer.Option(metavar="TEXT", help="Why, in your words.")]
Undo = Annotated[bool, typer.Option("--undo", help="Take back what was said before.")]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        metavar="[KIND=]NAME",
        help="Of a folder: the front matter field that holds the labels. May be repeated.",
        rich_help_panel=JUDGED,
    ),
]
Content = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Where else the articles of a gold file are looked for.",
        rich_help_panel=JUDGED,
    ),
]
Gold = Annotated[
    Path,
    typer.Argument(
        metavar="GOLD",
        help="A .csv, .tsv or .jsonl file of pairs, a folder of articles with labels (see "
        "--field), or `verdicts`: what people said in the store.",
        show_default=False,
    ),
]
Pay = Annotated[
    bool,
    typer.Option(
        "--judge",
        help="Have a language model judge, and be paid for, what it has not judged yet.",
        rich_help_panel=JUDGE,
    ),
]
MaxCost = Annotated[
    float | None,
    typer.Option(metavar="DOLLARS", help="What judging may cost at most.", rich_help_panel=LIMITS),
]
Articles = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", help="Articles, or folders of them.", show_default=False),
]
IntoFields = Annotated[
    list[str] | None,
    typer.Option(
        "--field",
        metavar="[KIND=]NAME",
        help="The front matter key for the labels of a kind; the kind's own name, or what the "
        "settings say, by default. May be repeated.",
        rich_help_panel=WRITTEN,
    ),
]
Merge = Annotated[
    bool,
    typer.Option(
        "--merge",
        help="Add our labels and leave people's own as they are (the default). A label that was "
        "put there by an earlier run is withdrawn when it is decided no more.",
        rich_help_panel=WRITTEN,
    ),
]
Replace = Annotated[
    bool,
    typer.Option("--replace", help="Leave our labels and no others.", rich_help_panel=WRITTEN),
]
Suggest = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Write to this key instead, which is ours alone.",
        rich_help_panel=WRITTEN,
    ),
]
Again = Annotated[
    bool,
    typer.Option(
        "--again",
        help="Put labels back that were there by an earlier run and that somebody took out.",
        rich_help_panel=WRITTEN,
    ),
]
Create = Annotated[
    bool,
    typer.Option(
        "--create",
        help="Give an article without front matter some, where there is a label for it.",
        rich_help_panel=WRITTEN,
    ),
]
Spaced = Annotated[
    bool,
    typer.Option(
        "--spaced",
        help="A key that is one text without commas has a label per word, as in Jekyll.",
        rich_help_panel=WRITTEN,
    ),
]
Pack = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Categories judged in one call; 10 by default.",
        rich_help_panel=JUDGE,
    ),
]
MaxCalls = Annotated[
    int | None,
    typer.Option(metavar="N", help="Calls that may be made at most.", rich_help_panel=LIMITS),
]
QueueTokens = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="What your account may have in the server's batch queue at once, for this model. What "
        "does not fit waits here.",
        rich_help_panel=LIMITS,
    ),
]
About = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PATH]...",
        help="Only batches with these articles, or some in these folders, that are still open.",
        show_default=False,
    ),
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="GIT-REF",
        help="Only articles that have changed since; all of them where a definition or the "
        "settings have.",
        rich_help_panel=JUDGED,
    ),
]
Summary = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Add a summary in Markdown at the end of a file, such as $GITHUB_STEP_SUMMARY.",
        rich_help_panel=OUTPUT,
    ),
]
Concurrency = Annotated[
    int | None,
    typer.Option(metavar="N", help="Concurrent calls; 4 by default.", rich_help_panel=LIMITS),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        metavar="SECONDS",
        help="Time limit of a call; 120 by default, 900 with --tier.",
        rich_help_panel=LIMITS,
    ),
]
Tier = Annotated[
    str | None,
    typer.Option(
        metavar="flex|flex-first",
        help="Slower calls at about half the price; flex-first falls back to the usual price where "
        "the server has no capacity for them.",
        rich_help_panel=LIMITS,
    ),
]
Rpm = Annotated[
    float | None,
    typer.Option(metavar="N", help="Maximum calls per minute.", rich_help_panel=LIMITS),
]
Tpm = Annotated[
    float | None,
    typer.Option(metavar="N", help="Maximum tokens per minute.", rich_help_panel=LIMITS),
]
