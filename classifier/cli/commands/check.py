"""`classify check`: report articles that are unjudged, stale or differently labelled."""

from __future__ import annotations

import typer

from classifier.cli import options as o


def check(
    context: typer.Context,
    paths: o.Articles = None,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    since: o.Since = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    trained: o.Trained = None,
    no_examples: o.NoExamples = False,
    field: o.IntoFields = None,
    merge: o.Merge = False,
    replace: o.Replace = False,
    spaced: o.Spaced = False,
    create: o.Create = False,
    store: o.Store = None,
    format: o.Format = "text",  # noqa: A002 - the name of the option
    summary: o.Summary = None,
    quiet: o.Quiet = False,
) -> int:
    """Report articles that are unclassified or out of date, or lack decided labels.

    Judges nothing, needs no key and writes nothing. Without a store, reads the sidecars beside the
    articles. Labels are up to date if `classify apply` with the same options would change nothing.

    Exit code 0: everything is up to date. 1: something is not. 2: usage error.
    """
    from classifier.cli.console import log
    from classifier.cli.findings import check_format, has_room, show_findings
    from classifier.cli.option_checks import write_options
    from classifier.cli.render import check as render
    from classifier.cli.render.markdown import append
    from classifier.cli.session import articles, open_project

    check_format(format)
    options = write_options(context.params)
    with open_project(context, defaults_matter=False) as project:
        result = project.check(*articles(project, paths), options=options, since=since)
    if summary is not None:
        append(summary, render.markdown(result))
    show_findings(result, render, format, quiet=quiet and not result.findings)
    if has_room(format) and (hint := render.hint(result)):
        log(hint)
    return 1 if result.findings else 0
