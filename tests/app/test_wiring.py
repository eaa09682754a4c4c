"""Wiring: user code, resources, segments by name or by file."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.app.projects import sample, wiring, write
from worktrail.app import Wiring, run_segment, wire
from worktrail.errors import AuthorError, CallerError, WorktrailError

APPS: dict[str, tuple[str, str]] = {
    # text of the module → what is said of it
    "": ("", ""),
    "syntax": ("def f(:\n", "SyntaxError"),
    "raises": ("1 / 0\n", "ZeroDivisionError"),
    "imports": ("import no_such_thing_at_all\n", "which is not installed"),
    "bad step": ("from worktrail import step\n@step\ndef f(_a):\n    pass\n", "cannot be a port"),
    "setup is no function": ("setup = 5\n", "no function"),
    "setup raises": ("def setup(resources):\n    raise ValueError('no')\n", "ValueError: no"),
    "hooks is no function": ("hooks = []\n", "`hooks` in .* is no function"),
    "hooks raises": ("def hooks(table):\n    table.add(object())\n", "has none of the methods"),
}


@pytest.mark.parametrize("name", APPS)
def test_an_app_module(name: str, tmp_path: Path) -> None:
    text, said = APPS[name]
    write(tmp_path, {"worktrail.toml": "", "own.py": text})
    if not said:
        wire(tmp_path, app=str(tmp_path / "own.py")).close()
        return
    with pytest.raises(WorktrailError, match=said):
        wire(tmp_path, app=str(tmp_path / "own.py"))


GUARD = """
from worktrail.runtime import HookVetoError


class Closed:
    def before_run(self, run):
        raise HookVetoError(f"{run.segment_id} is closed")


def hooks(table):
    table.add(Closed(), name="hours", guard=True)
"""


def test_hooks_of_an_app_module_say_no(tmp_path: Path) -> None:
    write(sample(tmp_path), {"guard.py": GUARD})
    with wire(tmp_path, app=str(tmp_path / "guard.py")) as made:
        assert made.hooks is not None
        assert made.hooks.names() == ["hours"]
        with pytest.raises(CallerError, match="hook 'hours' refused: timer is closed") as caught:
            asyncio.run(run_by_hand(made, "timer"))
        assert caught.value.code == "HOOK_VETO"
        assert made.store.count_runs() == {}


async def run_by_hand(made: Wiring, name: str) -> None:
    segment, _ = made.find_segment(name)
    driver = made.driver()
    await driver.open()
    try:
        await driver.start(segment, {})
    finally:
        await driver.close()


def test_an_app_file_finds_its_siblings_and_is_run_once(tmp_path: Path) -> None:
    write(tmp_path, {"worktrail.toml": "", "own.py": "from beside_the_app import TOLD\nTOLD.append(1)\n"})
    write(tmp_path, {"beside_the_app.py": "TOLD = []\n"})
    for tenant in ("one", "two"):
        wire(tmp_path, app=str(tmp_path / "own.py"), tenant_id=tenant).close()
    assert sys.modules["beside_the_app"].TOLD == [1]


def test_an_app_module_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, {"worktrail.toml": ""})
    for name, said in (("no_module_of_this_name", "no module"), ("none.py", "no file")):
        with pytest.raises(CallerError, match=said) as caught:
            wire(tmp_path, app=name)
        assert caught.value.code == "APP_NOT_FOUND"


def test_where_an_app_module_fails_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"worktrail.toml": "", "own.py": "\n\n1 / 0\n"})
    with pytest.raises(AuthorError) as caught:
        wire(tmp_path, app=str(tmp_path / "own.py"))
    assert caught.value.details == {"file": str((tmp_path / "own.py").resolve()), "line": 3}
    write(tmp_path, {"other.py": "\nimport nothing_there\n"})
    with pytest.raises(AuthorError) as caught:
        wire(tmp_path, app=str(tmp_path / "other.py"))
    assert caught.value.hint == "Install it, or correct the import."
    assert caught.value.details == {"file": str((tmp_path / "other.py").resolve()), "line": 2}


RESOURCES = """
[models]
scripted = false
[resources.llms.oracle]
provider = "scripted"
replies = { "Why?" = "Because." }
[resources.secrets]
token = "env:WORKTRAIL_TEST_TOKEN"
[resources.clients.own]
base_url = "http://127.0.0.1:9"
"""
ASKS = """
worktrail: 1
segment_id: asks
resources: {llms: [oracle]}
steps:
  - {step_id: a, step_type: llm_agent, config: {llm_ref: oracle, prompt: "Why?"}}
"""


def test_resources_of_the_project_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample(tmp_path, toml=RESOURCES, segments={"asks.yaml": ASKS})
    assert run_segment("asks", {}, project=tmp_path).outputs == {"output": "Because."}
    made = wiring(tmp_path)
    runtime = made.resources.create_runtime("default", "main")
    assert runtime.clients.list() == ["own"]
    with pytest.raises(CallerError, match="WORKTRAIL_TEST_TOKEN is not set"):
        asyncio.run(runtime.resolve_secret("token"))
    monkeypatch.setenv("WORKTRAIL_TEST_TOKEN", "s3cret")
    assert asyncio.run(runtime.resolve_secret("token")) == "s3cret"
    with pytest.raises(CallerError):
        asyncio.run(runtime.resolve_secret("other"))


def test_whoever_only_reads_loads_no_user_code(tmp_path: Path) -> None:
    write(tmp_path, {"worktrail.toml": '[project]\napp = "own.py"\n', "own.py": "1 / 0\n"})
    made = wire(tmp_path, with_app=False)
    with pytest.raises(CallerError) as caught:
        made.existing()
    assert caught.value.code == "DATABASE_NOT_FOUND"
    assert not made.project.database.exists()


PARENT = """
worktrail: 1
segment_id: parent
resources: {segments: {inner: {segment_id: inner}}}
steps:
  - {step_id: s, step_type: subsegment, config: {segment: inner}}
"""
INNER = """
worktrail: 1
segment_id: inner
steps:
  - {step_id: t, step_type: transform, config: {expression: input.n + 1}}
"""


def test_sub_segments_come_from_the_project_or_from_beside_the_file(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    sample(inside, segments={"parent.yaml": PARENT, "inner.yaml": INNER})
    assert run_segment("parent", {"n": 1}, project=inside).outputs == {"output": {"output": 2}}
    write(outside, {"parent.yaml": PARENT, "inner.yaml": INNER})
    assert run_segment(str(outside / "parent.yaml"), {"n": 2}, project=inside).outputs == {"output": {"output": 3}}


def test_a_segment_file_that_is_not_there(tmp_path: Path) -> None:
    made = wiring(sample(tmp_path), database=":memory:")
    with pytest.raises(CallerError) as caught:
        made.find_segment(str(tmp_path / "none.yaml"))
    assert caught.value.code == "DOCUMENT_FILE"
