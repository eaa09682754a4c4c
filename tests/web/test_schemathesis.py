"""Requests made from the document itself: no answer of 500, and none that the document does not know.

How: schemathesis makes requests for every operation (good ones and bad ones) as two people of two tenants, and walks from one
operation to the next where an answer names what another one takes. Streams do not end and are left out. Every answer is also
searched for what belongs to the other tenant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.app.projects import sample, write
from tests.web.hosts import Web, served
from tests.web.test_setup import SMALL
from tests.web.test_work import EXPENSE
from worktrail.guard import PERMISSIONS
from worktrail.web.routes import ROUTES
from worktrail.web.routing import Route

pytestmark = pytest.mark.slow

SECRET = "the-victims-own-secret-word"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = r"/(api/v1/stream|realtime/stream)$"
QUICK = settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    stateful_step_count=8,
)


class Two:
    """The server, and the keys of two tenants."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.victim = web.key("victim", *PERMISSIONS)
        self.stranger = web.key("stranger", *PERMISSIONS, tenant="other")
        for key in (self.victim, self.stranger):
            word = SECRET if key == self.victim else "nothing"
            web.post("/api/v1/runs", json={"segment_id": "expense", "input": {"amount": 200, "text": word}}, key=key)
            web.post("/api/v1/runs", json={"segment_id": "stuck", "input": {"n": word}}, key=key)
            web.post("/api/v1/segments/small/versions", json={"definition": {**SMALL, "name": word}}, key=key)
        web.work()

    def check(self, answer: Any, key: str) -> None:
        if key == self.stranger:
            assert SECRET not in answer.text


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = write(sample(tmp_path_factory.mktemp("schema")), {"segments/expense.yaml": EXPENSE})
    with served(folder, mode="keys") as web:
        yield Two(web)


@pytest.fixture(scope="module")
def document(two: Two) -> Any:
    found = schemathesis.openapi.from_asgi("/api/v1/openapi.json", two.web.app, headers={"Host": "localhost"})
    return found.exclude(path_regex=ENDLESS)


@pytest.mark.parametrize(
    "route", [route for route in ROUTES if not re.search(ENDLESS, route.path)], ids=lambda route: route.handler.__name__
)
def test_every_operation_answers_as_the_document_says(two: Two, document: Any, route: Route) -> None:
    made = []

    @QUICK
    @given(case=document[route.path][route.method].as_strategy())
    def ask(case: Any) -> None:
        for key in (two.victim, two.stranger):
            answer = case.call(headers={"Host": "localhost", "Authorization": f"Bearer {key}"})
            case.validate_response(answer, checks=CHECKS)
            two.check(answer, key)
            made.append(answer.status_code)

    ask()
    assert made


def test_walks_through_the_operations(two: Two, document: Any) -> None:
    class Walk(document.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Host": "localhost", "Authorization": f"Bearer {two.victim}"}}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Walk.run(settings=QUICK)
