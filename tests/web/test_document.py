"""The OpenAPI document: the committed one is the code's, and says of every route what a client must know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.web.test_probe import CASES
from worktrail.app import RIGHTS
from worktrail.web import bare_app, openapi_text
from worktrail.web.document import TAGS
from worktrail.web.routes import ROUTES

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads(openapi_text(bare_app()))
OPERATIONS = [(method, path, one) for path, methods in DOCUMENT["paths"].items() for method, one in methods.items()]


def test_the_committed_document_is_that_of_the_code() -> None:
    assert (ROOT / "ui" / "openapi.json").read_text(encoding="utf-8") == openapi_text(bare_app()), "run `make docs`"


def test_every_route_is_in_it() -> None:
    assert {(method.upper(), path) for method, path, _ in OPERATIONS} == {(route.method, route.path) for route in ROUTES}
    assert len({one["operationId"] for _, _, one in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize(("method", "path", "one"), OPERATIONS, ids=[f"{method} {path}" for method, path, _ in OPERATIONS])
def test_a_route_says_what_a_client_must_know(method: str, path: str, one: dict[str, Any]) -> None:
    assert one["summary"]
    assert len(one["description"]) > 20
    assert set(one["tags"]) <= set(TAGS)
    error = one["responses"]["default"]["content"]["application/json"]["schema"]
    assert error == {"$ref": "#/components/schemas/Problem"}
    told = one["responses"]["200"]["content"]
    assert told
    assert told.get("application/json", {}).get("schema") != {"type": "string"}, "the model of the answer is not told"
    for parameter in one.get("parameters", ()):
        assert parameter.get("description") or parameter["schema"].get("description"), f"{path}: {parameter['name']}"


def test_it_says_how_to_come_in() -> None:
    assert set(DOCUMENT["components"]["securitySchemes"]) == {"key", "session"}
    assert DOCUMENT["security"] == [{"key": []}, {"session": []}]
    open_to_all = {path for _, path, one in OPERATIONS if one.get("security") == []}
    assert open_to_all == {"/api/v1/session", "/api/v1/health", "/api/v1/health/live", "/api/v1/health/ready"}


def test_errors_and_bodies_have_examples() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Problem"]["properties"]["code"]["examples"]
    for name in ("RunStart", "Decision", "Resolution", "BulkRequest", "KeyRequest", "ViewRequest", "PublishRequest"):
        if name in schemas:
            assert "examples" in json.dumps(schemas[name]), name


def test_every_route_has_a_row_in_the_probe() -> None:
    assert sorted(CASES) == sorted(f"{route.method} {route.path}" for route in ROUTES)
    assert {case.use_case for case in CASES.values() if case.use_case is not None} <= set(RIGHTS)
