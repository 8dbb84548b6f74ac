"""The tools, with the SDK's own client."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support.service import BREAD

from classifier.project import Project
from classifier.web.service.service import Service

mcp = pytest.importorskip("mcp.client")
from classifier.web.service.mcp import make_server  # noqa: E402 - the SDK is an extra


def use(project: Project, go: Callable[[Any], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        service = Service(project, content=[Path("content")])
        async with service.started(), mcp.Client(make_server(service)) as client:
            return await go(client)

    return asyncio.run(main())


def call(project: Project, tool: str, **arguments: Any) -> dict[str, Any]:
    result = use(project, lambda client: client.call_tool(tool, arguments))
    assert not result.is_error, result.content
    return result.structured_content


def refused(project: Project, tool: str, **arguments: Any) -> str:
    result = use(project, lambda client: client.call_tool(tool, arguments))
    assert result.is_error
    return result.content[0].text


def test_the_tools_describe_themselves(project: Project) -> None:
    listed = use(project, lambda client: client.list_tools())
    tools = {tool.name: tool for tool in listed.tools}
    assert tools.keys() == {"classify", "explain", "list_categories", "record_verdict"}
    assert all(tool.description for tool in tools.values())
    reads = {name for name, tool in tools.items() if tool.annotations.read_only_hint}
    assert reads == tools.keys() - {"record_verdict"}


def test_a_text_is_classified(project: Project) -> None:
    found = call(project, "classify", text=BREAD, title="Lunch")
    assert [label["id"] for label in found["labels"]["tags"]] == ["tags/bread"]
    found = call(project, "classify", text=f"---\ntitle: x\n---\n{BREAD}", categories=["wine"])
    assert found["labels"] == {"tags": []}


def test_a_judgement_is_explained_of_a_text_or_an_article(project: Project) -> None:
    project.run("content")
    (of_text,) = call(project, "explain", category="bread", text=BREAD)["judgements"]
    (of_file,) = call(project, "explain", category="bread", path="lunch.md")["judgements"]
    assert of_text["reasoning"] == of_file["reasoning"]
    assert of_text["evidence"][0]["text"] == "Bread"


def test_categories_are_listed(project: Project) -> None:
    found = call(project, "list_categories")["categories"]
    assert {each["id"] for each in found} == {"tags/bread", "tags/wine", "concepts/craft"}


def test_a_verdict_is_recorded(project: Project) -> None:
    found = call(project, "record_verdict", path="lunch.md", category="vino", accepted=True)
    assert (found["category"], found["accepted"]) == ("tags/wine", True)
    (stored,) = project.verdicts()
    assert stored.path == "content/lunch.md"


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("classify", {"text": BREAD, "categories": ["bred"]}, "did you mean 'bread'?"),
        ("classify", {"text": ""}, "at least 1 character"),
        ("explain", {"category": "bread"}, "either a text or a path"),
        ("explain", {"category": "bread", "path": "../secret.md"}, "no article"),
        ("record_verdict", {"path": "no.md", "category": "wine", "accepted": True}, "no article"),
    ],
)
def test_what_cannot_be_done_is_said(
    project: Project, tool: str, arguments: dict[str, Any], message: str
) -> None:
    assert message in refused(project, tool, **arguments)


def test_the_sdk_leaves_the_log_of_the_process_alone(project: Project) -> None:
    before = list(logging.getLogger().handlers)
    make_server(Service(project))
    assert logging.getLogger().handlers == before


@pytest.mark.slow
def test_an_assistant_starts_it_on_standard_input_and_output(site: Path) -> None:
    from mcp.client.stdio import StdioServerParameters, stdio_client

    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "classifier", "mcp", "content", "-q"],
        env={"PYTHONPATH": str(Path(__file__).parents[3])},
        cwd=site,
    )

    async def go() -> Any:
        async with mcp.Client(stdio_client(started)) as client:
            return await client.call_tool("classify", {"text": BREAD, "categories": ["bread"]})

    assert asyncio.run(go()).structured_content["labels"].keys() == {"tags"}
