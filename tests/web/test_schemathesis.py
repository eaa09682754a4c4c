"""Requests made from the document itself: no answer of 500, and none that the document does not know.

How: schemathesis makes requests for every operation (good ones and bad ones) as two people of two tenants, and walks from one
operation to the next where an answer names what another one takes. Streams do not end and are left out. Every answer is also
searched for what belongs to the other tenant.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
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


class Afresh:
    """The application over copies of one folder: each walk begins on the same database, so that one that is walked again (by
    Hypothesis, to see whether it fails again) is answered the same."""

    def __init__(self, folder: Path, place: Path) -> None:
        self.folder = folder
        self.place = place
        self.begun = 0
        self._closing = contextlib.ExitStack()
        self._web: Web | None = None

    async def __call__(self, *asked: Any) -> None:
        assert self._web is not None
        await self._web.app(*asked)

    def begin(self) -> None:
        """On a copy nobody has walked over."""
        self.close()
        self.begun += 1
        folder = shutil.copytree(self.folder, self.place / str(self.begun))
        self._web = self._closing.enter_context(served(folder, mode="keys"))

    def close(self) -> None:
        self._closing.close()
        shutil.rmtree(self.place, ignore_errors=True)


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


@contextlib.contextmanager
def peopled(folder: Path) -> Iterator[Two]:
    """A project in a folder that two tenants have used, served."""
    with served(write(sample(folder), {"segments/expense.yaml": EXPENSE}), mode="keys") as web:
        yield Two(web)


def document_of(application: Any) -> Any:
    found = schemathesis.openapi.from_asgi("/api/v1/openapi.json", application, headers={"Host": "localhost"})
    return found.exclude(path_regex=ENDLESS)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    with peopled(tmp_path_factory.mktemp("schema")) as made:
        yield made


@pytest.fixture(scope="module")
def document(two: Two) -> Any:
    return document_of(two.web.app)


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


def test_walks_through_the_operations(tmp_path: Path) -> None:
    with peopled(tmp_path / "peopled") as two:
        key = two.victim
    afresh = Afresh(tmp_path / "peopled", tmp_path / "walks")
    afresh.begin()

    class Walk(document_of(afresh).as_state_machine()):  # type: ignore[misc]
        def setup(self) -> None:
            afresh.begin()

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": {"Host": "localhost", "Authorization": f"Bearer {key}"}}

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Walk.run(settings=QUICK)
    afresh.close()
    assert afresh.begun > 2
