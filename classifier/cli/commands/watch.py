"""`classify watch`: labels of an article as soon as it is saved."""

from __future__ import annotations

import typer

from classifier.cli import options as o


def watch(
    context: typer.Context,
    paths: o.Articles = None,
    *,
    categories: o.Categories = None,
    kind: o.Kinds = None,
    category: o.Only = None,
    include: o.Include = None,
    exclude: o.Exclude = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    trained: o.Trained = None,
    max_cost: o.MaxCost = None,
    max_calls: o.MaxCalls = None,
    store: o.Store = None,
    write: o.Write = False,
    json: o.JsonLines = False,
    quiet: o.Quiet = False,
) -> int:
    """Classify articles as they are saved.

    First judges what is pending. Then shows the labels of each article that is saved and, after a
    definition is saved, those of the articles whose labels it changes. Ctrl-C ends it.
    """
    from classifier.cli.interrupts import first_interrupt
    from classifier.cli.render import watch as render
    from classifier.cli.session import articles, open_project
    from classifier.project.label_fields import WriteOptions

    with open_project(context) as project:
        changes = project.watch(*articles(project, paths), write=WriteOptions() if write else None)
        with first_interrupt(project.stop):
            for number, change in enumerate(changes):
                if number == 0 and not quiet:
                    render.show_start(change)
                elif number:
                    render.show_change(change, json=json, quiet=quiet)
    return 0
