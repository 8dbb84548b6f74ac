"""The description of the API, and a stock client that tries all of it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient
from support.service import BEARER, TOKEN
from support.service import client as make_client

from classifier.project import Project
from classifier.web.service.openapi import example_requests
from classifier.web.service.running import Address, Serving

CONFIG = """\
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "413", "422"]

# Any text is a body of lines; what is wrong with a line is said in its answer.
[[operations]]
include-path = "/classify/stream"
checks.negative_data_rejection.enabled = false
"""
HOOKS = """\
import schemathesis

schemathesis.serializer.alias("application/x-ndjson", "text/plain")
"""


def test_every_reference_leads_somewhere(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()

    def references(value: Any) -> list[str]:
        if isinstance(value, list):
            return [each for part in value for each in references(part)]
        if not isinstance(value, dict):
            return []
        own = [value["$ref"]] if "$ref" in value else []
        return own + [each for part in value.values() for each in references(part)]

    found = references(schema)
    assert "#/components/schemas/Result_judgement" in found
    for reference in found:
        part = schema
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_examples_can_be_answered(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    content = schema["paths"]["/classify"]["post"]["requestBody"]["content"]["application/json"]
    examples = content["examples"]
    assert examples.keys() == {"inline", "document", "named"}
    for example in examples.values():
        assert client.post("/classify", json=example["value"]).status_code == 200


def test_examples_about_articles_name_one_of_the_content_folder(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    content = paths["/verdicts"]["post"]["requestBody"]["content"]["application/json"]
    assert content["examples"].keys() == {"accepted", "rejected"}
    for example in content["examples"].values():
        assert client.post("/verdicts", json=example["value"]).status_code == 201
    (path,) = paths["/articles/{path}"]["get"]["parameters"]
    assert client.get(f"/articles/{path['examples']['article']['value']}").status_code == 200


def test_without_articles_there_is_no_example_of_one(project: Project) -> None:
    Path("empty").mkdir()
    for content in ("empty", "gone"):
        with make_client(project, content=content) as client:
            paths = client.get("/openapi.json").json()["paths"]
        (path,) = paths["/articles/{path}"]["get"]["parameters"]
        assert "examples" not in path


def test_a_result_fits_what_is_described(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    described = {"$ref": "#/components/schemas/Result", "components": schema["components"]}
    value = example_requests([])["inline"]["value"]
    result = client.post("/classify", json=value).json()
    Draft202012Validator(described).validate(result)


def test_a_token_is_described_where_it_is_needed(client: TestClient, project: Project) -> None:
    assert "security" not in client.get("/openapi.json").json()
    with make_client(project, token=TOKEN) as protected:
        schema = protected.get("/openapi.json", headers=BEARER).json()
    assert schema["security"] == [{"token": []}]
    assert schema["paths"]["/health"]["get"]["security"] == []


@pytest.mark.slow
def test_a_stock_client_finds_nothing_that_is_not_as_described(
    project: Project, tmp_path: Path
) -> None:
    """Schemathesis makes requests from the description, valid and not, and checks the answers."""
    project.run("content")
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    (tmp_path / "hooks.py").write_text(HOOKS)
    serving = Serving(project, Address(token=TOKEN), content=[Path("content")])
    thread = threading.Thread(target=serving.run)
    thread.start()
    try:
        program = str(Path(sys.executable).with_name("schemathesis"))
        token = f"Authorization: Bearer {TOKEN}"
        options = ["--max-examples", "20", "--seed", "7", "--no-color", "--max-failures", "5"]
        ran = subprocess.run(
            [program, "run", f"{serving.url}/openapi.json", "-H", token, *options],
            cwd=tmp_path,
            env={"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(tmp_path), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        serving.stop()
        thread.join()
    assert ran.returncode == 0, "\n".join(line[:200] for line in ran.stdout.splitlines())
    assert "8 selected / 8 total" in ran.stdout
