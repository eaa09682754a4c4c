"""The package as it is installed: version, typing marker, what its import costs, and the guard of the tests themselves."""

from __future__ import annotations

import importlib.metadata
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import worktrail


def test_the_version_is_said_once() -> None:
    assert importlib.metadata.version("worktrail") == worktrail.__version__


def test_type_checkers_are_told_that_the_package_is_typed() -> None:
    assert (Path(worktrail.__file__).parent / "py.typed").exists()


def test_importing_the_package_loads_no_other_package() -> None:
    code = "import sys, worktrail, json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    before = "import sys, json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    loaded, bare = (
        set(json.loads(subprocess.run([sys.executable, "-c", text], capture_output=True, check=True, timeout=60).stdout))
        for text in (code, before)
    )
    assert {name for name in loaded - bare if name not in sys.stdlib_module_names} == {"worktrail"}


@pytest.mark.slow
def test_a_segment_from_the_front_door_is_checked_in_full() -> None:
    code = (
        "from worktrail import SegmentDefinition, StepDefinition\n"
        "step = StepDefinition(step_id='a', step_type='llm_agent', config={'model': 'm', 'temperature': 'warm'})\n"
        "print([problem.code for problem in SegmentDefinition(segment_id='s', steps=[step]).validate()])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60, text=True)
    assert done.stdout == "['CONFIG_INVALID']\n"


@pytest.mark.parametrize("host", ["192.0.2.1", "example.invalid", "2001:db8::1"])
def test_no_test_reaches_the_network(host: str) -> None:
    with pytest.raises(AssertionError, match="tests stay on this machine"):
        socket.create_connection((host, 9), timeout=1)
