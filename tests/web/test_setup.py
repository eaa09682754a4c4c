"""Segments, views, keys, metrics over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.projects import SEGMENTS, sample, write
from tests.web.hosts import Web, served
from tests.web.test_work import refused, start

SMALL: dict[str, Any] = {
    "worktrail": 1,
    "segment_id": "small",
    "name": "Small",
    "version": "1.0.0",
    "steps": [{"step_id": "a", "step_type": "transform", "config": {"expression": "input.n + 1"}}],
}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with served(sample(tmp_path), mode="local") as made:
        yield made


def changed(expression: str) -> dict[str, Any]:
    return {**SMALL, "steps": [{**SMALL["steps"][0], "config": {"expression": expression}}]}


def test_the_projects_segments_are_listed_in_pages_with_what_they_do(web: Web) -> None:
    start(web, "double", {"n": 1})
    first = web.get("/api/v1/segments?limit=3").json()
    rest = web.get(f"/api/v1/segments?limit=3&cursor={first['next']}").json()
    rows = [*first["segments"], *rest["segments"]]
    assert [row["segment_id"] for row in rows] == sorted(name.removesuffix(".yaml") for name in SEGMENTS)
    double = next(row for row in rows if row["segment_id"] == "double")
    assert (double["source"], double["version"], double["runnable"], double["open_runs"]) == ("project", None, True, 1)
    assert web.get("/api/v1/segments?workspace_id=north").json()["segments"] == []


def test_a_definition_is_checked_and_stored_nowhere(web: Web) -> None:
    well = web.post("/api/v1/segments/validate", json={"definition": SMALL}).json()
    assert (well["ok"], well["segment_id"], well["problems"]) == (True, "small", [])
    for definition in ({}, {"segment_id": "x", "steps": 5}, {**SMALL, "colour": 1}, changed("input ==")):
        told = web.post("/api/v1/segments/validate", json={"definition": definition}).json()
        assert (told["ok"], told["hash"]) == (False, None)
        assert told["problems"][0]["code"]
    assert refused(web.get("/api/v1/segments/small")) == (404, "SEGMENT_NOT_FOUND")


@pytest.mark.slow
def test_a_version_is_published_once_runs_and_never_changes(web: Web) -> None:
    path = "/api/v1/segments/small/versions"
    made = web.post(path, json={"definition": SMALL, "notes": "the first"}).json()
    assert (made["version"], made["notes"], made["published_by"][:6]) == ("1.0.0", "the first", "local:")
    assert web.post(path, json={"definition": SMALL}).json() == made
    assert refused(web.post(path, json={"definition": changed("input.n + 2")})) == (409, "VERSION_EXISTS")
    second = web.post(path, json={"definition": changed("input.n + 2"), "version": "2.0.0"}).json()
    assert second["segment_hash"] != made["segment_hash"]
    shown = web.get("/api/v1/segments/small").json()
    assert (shown["version"], shown["name"], [one["version"] for one in shown["versions"]]) == (
        "2.0.0",
        "Small",
        ["2.0.0", "1.0.0"],
    )
    assert (
        web.get("/api/v1/segments/small?version=1.0.0").json()["definition"]["steps"][0]["config"]["expression"] == "input.n + 1"
    )
    old, new = start(web, "small", {"n": 1}, version="1.0.0"), start(web, "small", {"n": 1})
    web.work()
    assert [web.get(f"/api/v1/runs/{run_id}/outputs").json() for run_id in (old, new)] == [{"output": 2}, {"output": 3}]
    assert web.get(f"/api/v1/runs/{old}/graph").json()["name"] == "Small"
    activity = web.get("/api/v1/activity?event=segment.published").json()["events"]
    assert [one["segment_id"] for one in activity] == ["small", "small"]


@pytest.mark.parametrize(
    ("segment_id", "body", "status", "code"),
    [
        ("small", {"definition": {**SMALL, "segment_id": "other"}}, 422, "ARGUMENT_INVALID"),
        ("small", {"definition": changed("input ==")}, 422, "SEGMENT_INVALID"),
        ("small", {"definition": {}}, 422, "SEGMENT_INVALID"),
        ("small", {"definition": SMALL, "version": ""}, 422, "ARGUMENT_INVALID"),
        ("none", {}, 404, "SEGMENT_NOT_FOUND"),
    ],
)
def test_what_cannot_be_published(web: Web, segment_id: str, body: dict[str, Any], status: int, code: str) -> None:
    assert refused(web.post(f"/api/v1/segments/{segment_id}/versions", json=body)) == (status, code)


def test_the_projects_own_segment_is_published_as_it_is(web: Web) -> None:
    made = web.post("/api/v1/segments/double/versions", json={"version": "3"}).json()
    shown = web.get("/api/v1/segments/double").json()
    assert (shown["version"], shown["segment_hash"], shown["source"]) == ("3", made["segment_hash"], "published")
    assert shown["parameters"]["scale"]["default"] == 2


def test_the_catalogue_says_what_can_be_used_here(web: Web) -> None:
    types = {one["type_id"]: one for one in web.get("/api/v1/catalog").json()["step_types"]}
    assert types["sample_double"]["available"] is True
    assert types["human_task"]["config_schema"]["properties"]["title"]


def test_views_are_stored_shared_and_changed_by_their_owner(web: Web) -> None:
    ann, bob, root = web.key("ann", "view", "edit"), web.key("bob", "view", "edit"), web.key("root", "view", "edit", "admin")
    body = {"page": "runs", "name": "Late", "query": "status=waiting"}
    view = web.post("/api/v1/views", json=body, key=ann).json()
    path = f"/api/v1/views/{view['view_id']}"
    assert (view["owner"], view["mine"], view["shared"]) == ("key:ann", True, False)
    assert web.get("/api/v1/views", key=bob).json()["views"] == []
    assert refused(web.ask("PUT", path, json=body, key=bob)) == (404, "NOT_FOUND")
    web.ask("PUT", path, json={**body, "shared": True, "name": "Later"}, key=ann)
    assert [(one["name"], one["mine"]) for one in web.get("/api/v1/views?page=runs", key=bob).json()["views"]] == [
        ("Later", False)
    ]
    assert refused(web.ask("DELETE", path, key=bob)) == (403, "FORBIDDEN")
    assert web.ask("DELETE", path, key=root).json() == {}
    assert refused(web.ask("DELETE", path, key=ann)) == (404, "NOT_FOUND")
    assert refused(web.post("/api/v1/views", json=body, key=web.key("eve", "view"))) == (403, "FORBIDDEN")


def test_keys_are_made_listed_and_revoked(web: Web) -> None:
    made = web.post("/api/v1/keys", json={"name": "ci", "permissions": ["run"], "expires_in_s": 60}).json()
    assert web.post("/api/v1/runs", json={"segment_id": "double", "input": {"n": 1}}, key=made["secret"]).status_code == 200
    assert refused(web.get("/api/v1/runs", key=made["secret"])) == (403, "FORBIDDEN")
    listed = web.get("/api/v1/keys").json()["keys"]
    assert [(one["name"], "secret" in one) for one in listed] == [("ci", False)]
    assert listed[0]["last_used_at"] is not None
    web.ask("DELETE", f"/api/v1/keys/{made['key_id']}")
    assert refused(web.get("/api/v1/runs", key=made["secret"])) == (401, "UNAUTHENTICATED")
    assert refused(web.ask("DELETE", "/api/v1/keys/none")) == (404, "NOT_FOUND")
    assert refused(web.get("/api/v1/keys", key=web.key("ann", "view"))) == (403, "FORBIDDEN")


@pytest.mark.slow
def test_metrics_are_told_to_who_may_look(web: Web) -> None:
    start(web, "double", {"n": 1})
    start(web, "ask", {"n": 1})
    web.work()
    text = web.get("/metrics").text
    assert '\nworktrail_segments_completed_total{tenant_id="default",segment_id="double",status="completed"} 1\n' in text
    assert '\nworktrail_running_segments{tenant_id="default",segment_id="ask",status="waiting"} 1\n' in text
    assert '\nworktrail_open_tasks{tenant_id="default"} 1\n' in text
    assert "# TYPE worktrail_open_tasks gauge" in text
    assert refused(web.get("/metrics", key=web.key("ci", "run"))) == (403, "FORBIDDEN")


@pytest.mark.slow
def test_an_earlier_version_of_the_project_stays_what_it_was(tmp_path: Path) -> None:
    folder = write(sample(tmp_path), {})
    with served(folder) as web:
        web.post("/api/v1/segments/double/versions", json={"version": "1"})
    write(folder, {"segments/double.yaml": SEGMENTS["double.yaml"].replace("=parameters.scale", "7")})
    with served(folder) as web:
        run_id = start(web, "double", {"n": 2})
        web.work()
        assert web.get(f"/api/v1/runs/{run_id}/outputs").json() == {"output": 4}


@pytest.mark.slow
def test_one_broken_file_stops_nothing_else(tmp_path: Path) -> None:
    folder = write(sample(tmp_path), {"segments/wrong.yaml": "worktrail: 1\nsegment_id: wrong\nsteps: {"})
    with served(folder) as web:
        rows = {row["segment_id"]: row for row in web.get("/api/v1/segments").json()["segments"]}
        assert (rows["wrong"]["runnable"], rows["double"]["runnable"]) == (False, True)
        assert rows["wrong"]["description"].startswith("DOCUMENT_SYNTAX")
        run_id = start(web, "double", {"n": 2})
        web.work()
        assert web.get(f"/api/v1/runs/{run_id}").json()["outputs"] == {"output": 4}
        assert refused(web.post("/api/v1/runs", json={"segment_id": "wrong"})) == (422, "DOCUMENT_SYNTAX")
        assert refused(web.get("/api/v1/segments/wrong")) == (422, "DOCUMENT_SYNTAX")
