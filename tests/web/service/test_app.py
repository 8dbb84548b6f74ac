"""The service over HTTP, with the keyword scorer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from support.result_schema import errors
from support.service import BEARER, BREAD, TOKEN
from support.service import client as make_client

from classifier.errors import ModelError
from classifier.project import Project
from classifier.web.service.service import Limits


def judged(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.post("/classify", json=body)
    assert answer.status_code == 200, answer.text
    assert errors(answer.json()) == []
    return answer.json()


def categories(result: dict[str, Any]) -> set[str]:
    return {each["category"] for each in result["judgements"]}


def problem(answer: Any, status: int) -> str:
    """Return the detail of an answer, which is a problem with that status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    assert found["title"]
    return found["detail"]


# --- judging -------------------------------------------------------------------------------------


def test_a_text_is_judged_against_all_categories(client: TestClient) -> None:
    result = judged(client, text=BREAD, title="Lunch", id="row 7")
    assert (result["article"], result["title"]) == ("row 7", "Lunch")
    assert [label["id"] for label in result["labels"]["tags"]] == ["tags/bread"]
    assert categories(result) == {"tags/bread", "tags/wine", "concepts/craft"}


def test_a_document_has_front_matter_and_a_text_has_not(client: TestClient) -> None:
    file = f"---\ntitle: Lunch\n---\n{BREAD}"
    assert judged(client, document=file)["title"] == "Lunch"
    assert judged(client, document=file)["body_start"] == 21
    assert judged(client, text=file)["body_start"] == 0


def test_the_same_article_is_judged_as_on_the_command_line(
    client: TestClient, project: Project
) -> None:
    from classifier.outputs.json import to_dict

    file = Path("content/lunch.md")
    mine = judged(client, document=file.read_text())
    assert mine["judgements"] == to_dict(project.classify(file, store=False))["judgements"]


def test_categories_are_chosen_by_any_of_their_names(client: TestClient) -> None:
    assert categories(judged(client, text=BREAD, categories=["VINO"])) == {"tags/wine"}
    both = judged(client, text=BREAD, categories=["tags/bread", "Craft"])
    assert categories(both) == {"tags/bread", "concepts/craft"}


def test_definitions_of_a_request_are_categories_of_it_alone(client: TestClient) -> None:
    inline = {"title": "Again", "description": "Once more."}
    result = judged(client, text=BREAD, definitions=[inline])
    assert categories(result) == {"inline/again"}
    result = judged(client, text=BREAD, definitions=[inline], categories=["bread"])
    assert categories(result) == {"inline/again", "tags/bread"}
    assert categories(judged(client, text=BREAD)) == {"tags/bread", "tags/wine", "concepts/craft"}


def test_a_definition_of_a_request_is_read_like_a_file(client: TestClient) -> None:
    inline = {"title": "Craft", "kind": "tags", "exclude": ["craft beer"]}
    result = judged(client, text="Craft, craft, craft beer.", definitions=[inline])
    (judgement,) = result["judgements"]
    assert (judgement["exclusion"], judgement["label"]) == ("craft beer", False)


def test_definitions_with_one_title_have_ids_of_their_own(client: TestClient) -> None:
    inline = [{"title": "Bread"}, {"title": "bread!"}, {"title": "Bread", "kind": "tags"}]
    result = judged(client, text=BREAD, definitions=inline, categories=["tags/bread"])
    assert categories(result) == {"tags/bread", "inline/bread", "inline/bread-2", "tags/bread-2"}


def test_an_article_that_cannot_be_judged_is_a_result_that_says_why(client: TestClient) -> None:
    result = judged(client, text="```\ncode\n```\n")
    assert (result["ok"], result["failures"][0]["reason"]) == (False, "empty")
    result = judged(client, document="---\ntitle: [\n---\nText.\n", id="x")
    assert (result["article"], result["failures"][0]["reason"]) == ("x", "front_matter")


def test_a_clients_name_for_an_article_is_no_path(client: TestClient, project: Project) -> None:
    project.reject("content/lunch.md", "bread")
    other = judged(client, text=BREAD + " And wine.", id="content/lunch.md")
    assert [label["id"] for label in other["labels"]["tags"]] == ["tags/bread"]


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"text": "a", "document": "b"}, ""),
        ({"text": ""}, "/text"),
        ({"text": 3}, "/text"),
        ({"text": None}, "/text"),
        ({"text": "a", "more": 1}, "/more"),
        ({"text": "a", "categories": "bread"}, "/categories"),
        ({"text": "a", "definitions": [{"title": "?!"}]}, "/definitions/0/title"),
        ({"text": "a", "definitions": [{"title": "A", "kind": "../x"}]}, "/definitions/0/kind"),
        ({"text": "a" * 200_001}, "/text"),
        ({"text": "a", "categories": ["b"] * 1_001}, "/categories"),
        ({"text": "a", "definitions": [{"title": "A"}] * 101}, "/definitions"),
    ],
)
def test_a_body_that_is_not_as_described_is_refused_with_the_place(
    client: TestClient, body: Any, pointer: str
) -> None:
    answer = client.post("/classify", json=body)
    problem(answer, 422)
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_not_json_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/classify", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    problem(answer, answer.status_code)


def test_half_a_character_is_refused(client: TestClient) -> None:
    body = '{"text": "Bread \\ud800 bread"}'
    answer = client.post("/classify", content=body, headers={"content-type": "application/json"})
    problem(answer, 422)


def test_an_unknown_category_is_refused_with_the_nearest(client: TestClient) -> None:
    answer = client.post("/classify", json={"text": BREAD, "categories": ["bred"]})
    assert "did you mean 'bread'?" in problem(answer, 404)


def test_nothing_of_a_refused_body_is_repeated(client: TestClient) -> None:
    answer = client.post("/classify", json={"text": 3, "document": "a secret"})
    assert "secret" not in answer.text


def test_an_address_or_method_that_is_not_there_is_a_problem(client: TestClient) -> None:
    problem(client.get("/nowhere"), 404)
    answer = client.get("/classify")
    problem(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_a_larger_body_than_allowed_is_refused(project: Project) -> None:
    with make_client(project, limits=Limits(max_body=100, max_stream=300)) as client:
        problem(client.post("/classify", json={"text": "a" * 200}), 413)
        assert client.post("/classify/stream", content=b"x" * 200).status_code == 200
        problem(client.post("/classify/stream", content=b"x" * 400), 413)


def test_a_scorer_that_cannot_go_on_is_a_problem_and_not_the_end(
    client: TestClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> object:
        raise ModelError("the model is gone")

    with monkeypatch.context() as patch:
        patch.setattr(type(project.scorer), "score", gone)
        answer = client.post("/classify", json={"text": BREAD})
        assert problem(answer, 503) == "the model is gone"
        assert answer.headers["retry-after"] == "60"
    assert judged(client, text=BREAD)["ok"]


# --- who may ask ---------------------------------------------------------------------------------


def test_with_a_token_only_health_and_readiness_are_open(project: Project) -> None:
    with make_client(project, token=TOKEN) as client:
        for path in ("/categories", "/metrics", "/openapi.json", "/articles/a.md"):
            problem(client.get(path), 401)
        problem(client.post("/classify", json={"text": BREAD}), 401)
        assert client.post("/classify", json={"text": BREAD}, headers=BEARER).status_code == 200
        assert client.get("/health").text == "ok\n"
        assert client.get("/ready").text == "ready\n"


def test_a_foreign_host_or_origin_is_refused(client: TestClient) -> None:
    problem(client.get("/categories", headers={"host": "evil.example"}), 421)
    problem(client.get("/categories", headers={"origin": "https://evil.example"}), 403)


def test_pages_may_ask_from_named_origins_only(project: Project) -> None:
    from dataclasses import replace

    from support import service

    origin = "https://docs.example.org"
    allowed = replace(service.access(token=TOKEN), origins=(origin,))
    preflight = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    app = service.make_app(service.Service(project), allowed, cors=[origin])
    with TestClient(app) as client:
        answer = client.options("/classify", headers={"origin": origin, **preflight})
        assert answer.headers["access-control-allow-origin"] == origin
        answer = client.get("/categories", headers={"origin": origin, **BEARER})
        assert answer.headers["access-control-allow-origin"] == origin
        for foreign in ("https://evil.example", "null"):
            answer = client.options("/classify", headers={"origin": foreign, **preflight})
            assert "access-control-allow-origin" not in answer.headers
            answer = client.get("/categories", headers={"origin": foreign, **BEARER})
            assert answer.status_code == 403
            assert "access-control-allow-origin" not in answer.headers


def test_without_named_origins_there_is_no_cors(client: TestClient) -> None:
    answer = client.get("/categories", headers={"origin": "http://testserver"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


# --- categories, articles, verdicts --------------------------------------------------------------


def test_categories_are_listed(client: TestClient) -> None:
    found = {each["id"]: each for each in client.get("/categories").json()}
    assert found["tags/wine"] == {
        "id": "tags/wine",
        "kind": "tags",
        "title": "Wine",
        "description": "",
        "aliases": ["Vino"],
        "minimum": 0.5,
    }
    assert found["tags/bread"]["description"] == "Loaves and their bakers."


def test_the_stored_result_of_an_article_is_returned(client: TestClient, project: Project) -> None:
    assert "nothing is stored yet" in problem(client.get("/articles/lunch.md"), 404)
    project.run("content")
    for path in ("lunch.md", "deep/bundle", "deep/bundle/index.md"):
        result = client.get(f"/articles/{path}").json()
        assert errors(result) == []
        assert (result["article"], result["ok"]) == (path, True)


def test_what_is_not_judged_yet_is_in_the_failures(client: TestClient, project: Project) -> None:
    project.run("content/lunch.md")
    result = client.get("/articles/deep/bundle").json()
    assert (result["ok"], result["failures"][0]["reason"]) == (False, "missing")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.md",
        "..%2fsecret.md",
        "%2e%2e/secret.md",
        "deep/../../secret.md",
        "deep/..%2f..%2fsecret.md",
        "..%5csecret.md",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "linked.md",
        "linked/secret.md",
        ".hidden.md",
        "notes.txt",
        "lunch.md%00.txt",
        "deep",
        "",
        "a" * 5_000,
        "C:%5csecret.md",
        "%ff.md",
    ],
)
def test_no_path_leaves_the_content_folder(
    client: TestClient, site: Path, project: Project, path: str
) -> None:
    content = site / "content"
    (content / "linked.md").symlink_to(site / "secret.md")
    (content / "linked").symlink_to(site)
    (content / ".hidden.md").write_text("Hidden.\n")
    (content / "notes.txt").write_text("Notes.\n")
    project.run("content/lunch.md")
    project.run("secret.md")
    answer = client.get(f"/articles/{path}")
    problem(answer, 404)
    assert "Not for others" not in answer.text
    assert str(site) not in answer.text


def test_a_verdict_is_stored_and_counts_at_once(client: TestClient, project: Project) -> None:
    body = {"path": "lunch.md", "category": "Vino", "accepted": True, "note": "a glass"}
    answer = client.post("/verdicts", json=body)
    assert answer.status_code == 201
    assert answer.json() | {"given_at": ""} == {
        "article": "content/lunch.md",
        "category": "tags/wine",
        "accepted": True,
        "note": "a glass",
        "given_at": "",
    }
    (stored,) = project.verdicts()
    assert (stored.path, stored.category) == ("content/lunch.md", "tags/wine")
    result = client.get("/articles/lunch.md").json()
    assert [label["id"] for label in result["labels"]["tags"]] == ["tags/wine"]
    assert result["failures"][0]["reason"] == "missing"
    same = judged(client, document=Path("content/lunch.md").read_text())
    assert [label["id"] for label in same["labels"]["tags"]] == ["tags/bread", "tags/wine"]


def test_a_verdict_is_withdrawn(client: TestClient, project: Project) -> None:
    body = {"path": "lunch.md", "category": "wine", "accepted": False}
    assert client.post("/verdicts", json=body).status_code == 201
    assert client.post("/verdicts", json={**body, "accepted": None}).status_code == 201
    assert project.verdicts() == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"path": "../secret.md"}, 404),
        ({"path": "none.md"}, 404),
        ({"path": "x" * 900 + ".md"}, 404),
        ({"category": "champagne"}, 404),
        ({"accepted": "yes"}, 422),
        ({"accepted": 1}, 422),
        ({"note": "x" * 2_001}, 422),
    ],
)
def test_a_verdict_that_is_about_nothing_is_refused(
    client: TestClient, project: Project, change: dict[str, Any], status: int
) -> None:
    body = {"path": "lunch.md", "category": "bread", "accepted": True, **change}
    problem(client.post("/verdicts", json=body), status)
    assert not Path(".classify").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_store_that_cannot_be_written_is_a_problem(client: TestClient, site: Path) -> None:
    site.chmod(0o500)
    try:
        body = {"path": "lunch.md", "category": "bread", "accepted": True}
        problem(client.post("/verdicts", json=body), 503)
    finally:
        site.chmod(0o700)


def test_a_service_without_content_says_so(project: Project) -> None:
    from support import service

    with TestClient(service.make_app(service.Service(project), service.access())) as client:
        assert "no content folder" in problem(client.get("/articles/lunch.md"), 404)


# --- upkeep --------------------------------------------------------------------------------------


def test_numbers_count_requests_by_route_and_articles(client: TestClient) -> None:
    client.post("/classify", json={"text": BREAD})
    client.get("/articles/a.md")
    client.get("/articles/b.md")
    client.get("/nowhere")
    client.get("/categories", headers={"host": "evil.example"})
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'classify_requests_total{method="POST",path="/classify",status="200"} 1.0' in answer.text
    assert 'path="/articles/{path:path}",status="404"} 2.0' in answer.text
    assert 'path="other",status="404"} 1.0' in answer.text
    assert 'path="other",status="421"} 1.0' in answer.text
    assert "nowhere" not in answer.text


def test_every_answer_has_safe_headers(client: TestClient) -> None:
    for answer in (client.get("/categories"), client.get("/nowhere"), client.get("/health")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
