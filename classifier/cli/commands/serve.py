"""`classify serve`: the service for other languages and tools."""

from __future__ import annotations

from typing import Annotated

import typer

from classifier.cli import options as o

ACCESS = "Access"


_Host = Annotated[
    str, typer.Option(metavar="ADDRESS", help="Address to listen on.", rich_help_panel=ACCESS)
]
_Port = Annotated[
    int,
    typer.Option(
        metavar="N", help="Port to listen on; 0 for any free one.", rich_help_panel=ACCESS
    ),
]
_Token = Annotated[
    str | None,
    typer.Option(
        metavar="TEXT",
        envvar="CLASSIFY_SERVE_TOKEN",
        help="Bearer token that every request must send. Prefer CLASSIFY_SERVE_TOKEN: other "
        "users can see command lines. Without a token, only this machine is served.",
        rich_help_panel=ACCESS,
        show_default=False,
    ),
]
_AllowHost = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME[:PORT]",
        help="Host header to accept. Repeatable. Default: the names of this machine; any, "
        "with --host and a token.",
        rich_help_panel=ACCESS,
    ),
]
_AllowOrigin = Annotated[
    list[str] | None,
    typer.Option(
        metavar="URL",
        help="Origin whose pages may send requests (CORS). Repeatable. Default: none.",
        rich_help_panel=ACCESS,
    ),
]
_MaxBody = Annotated[
    int,
    typer.Option(metavar="BYTES", help="Maximum size of a request.", rich_help_panel=o.LIMITS),
]
_MaxStream = Annotated[
    int,
    typer.Option(
        metavar="BYTES",
        help="Maximum size of a request with many articles.",
        rich_help_panel=o.LIMITS,
    ),
]
_Queue = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="Maximum number of waiting articles; further requests are refused until there is "
        "room.",
        rich_help_panel=o.LIMITS,
    ),
]
_MaxSeconds = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        help="Time limit for receiving, judging and answering a request.",
        rich_help_panel=o.LIMITS,
    ),
]
_Mcp = Annotated[
    bool,
    typer.Option(
        "--mcp",
        help="Also serve the Model Context Protocol at /mcp. Needs the extra `mcp`.",
        rich_help_panel=o.OUTPUT,
    ),
]


def serve(
    context: typer.Context,
    content: o.Served = None,
    *,
    categories: o.Categories = None,
    scorer: o.Scorer = None,
    fast: o.Fast = False,
    model: o.Model = None,
    base_url: o.BaseUrl = None,
    prompts: o.Prompts = None,
    no_canary: o.NoCanary = False,
    trained: o.Trained = None,
    no_examples: o.NoExamples = False,
    store: o.Store = None,
    max_cost: o.MaxCost = None,
    host: _Host = "127.0.0.1",
    port: _Port = 8090,
    token: _Token = None,
    allow_host: _AllowHost = None,
    allow_origin: _AllowOrigin = None,
    max_body: _MaxBody = 1 << 20,
    max_stream: _MaxStream = 16 << 20,
    queue: _Queue = 256,
    max_seconds: _MaxSeconds = 30.0,
    mcp: _Mcp = False,
    quiet: o.Quiet = False,
) -> int:
    """Serve an HTTP API that judges texts, records verdicts and returns stored results.

    Stores verdicts only. /openapi.json describes the API. Ctrl-C or SIGTERM ends it after the
    requests in progress.
    """
    from classifier.cli.console import log
    from classifier.cli.interrupts import first_interrupt
    from classifier.cli.session import open_project
    from classifier.web.service.running import Address, Serving
    from classifier.web.service.service import Limits

    limits = Limits(max_body=max_body, max_stream=max_stream, queue=queue, timeout=max_seconds)
    address = Address(
        host=host,
        port=port,
        token=token or None,
        hosts=tuple(allow_host or ()),
        origins=tuple(allow_origin or ()),
    )
    with open_project(context) as project:
        folders = content or project.content()
        serving = Serving(project, address, content=folders, limits=limits, mcp=mcp)
        if not quiet:
            protected = "with a token" if address.token else "for this machine only"
            log(f"listening on {serving.url} ({protected}); Ctrl-C ends it")
        with first_interrupt(serving.stop):
            serving.run()
    return 0
