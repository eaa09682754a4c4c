"""What is read into a class is made known to the decoder by one thread, while its module is imported.

Why: msgspec builds what it knows of a class when the class is first decoded or converted to. Two threads that do this at the same
time end the process (a segmentation fault, in 13 of 20 tries of eight threads reading their first lock). A decoder that stands at
the top of a module is built while one thread imports it; afterwards every thread may use it. So there is no
`msgspec.json.decode(…, type=…)`, and a module that converts has a decoder at its top, or converts to what other modules have one
of.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, SRC, parse, write_tree

# Modules that convert to classes which a decoder of another module knows, and whose.
ELSEWHERE = {
    "worktrail/runtime/driver/processes/requests.py": "RunConfigured is part of `events.append`'s decoder",
    "worktrail/app/steps.py": "the types of steps, known by `_json_schema` when a function is decorated",
    "worktrail/events/append.py": "Event and Origin are its own decoder's",
}


def _calls(node: ast.AST, name: str) -> list[ast.Call]:
    found = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    return [each for each in found if isinstance(each.func, ast.Attribute) and each.func.attr == name]


def decoder_problems(package: Path) -> list[str]:
    """Places that may build what msgspec knows of a class in any thread."""
    found = []
    for path in sorted(package.rglob("*.py")):
        name, tree = path.relative_to(package.parent).as_posix(), parse(path)
        typed = [call for call in _calls(tree, "decode") if any(keyword.arg == "type" for keyword in call.keywords)]
        found += [f"{name}:{call.lineno}: decode(…, type=…): make a Decoder at the top of the module" for call in typed]
        of_msgspec = [call for call in _calls(tree, "convert") if ast.unparse(call.func) == "msgspec.convert"]
        top = [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        if of_msgspec and name not in ELSEWHERE and not any(_calls(node, "Decoder") for node in top):
            found.append(f"{name}:{of_msgspec[0].lineno}: convert(…): make a Decoder of the class at the top of the module")
    return found


def test_every_class_is_made_known_by_one_thread() -> None:
    assert decoder_problems(PACKAGE) == []


def test_what_is_excused_is_there() -> None:
    assert all("msgspec.convert" in (SRC / name).read_text(encoding="utf-8") for name in ELSEWHERE)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("def f(x):\n    return msgspec.json.decode(x, type=A)\n", 1),
        ("def f(x):\n    return msgspec.convert(x, A)\n", 1),
        ("msgspec.json.Decoder(A)\n\ndef f(x):\n    return msgspec.convert(x, A)\n", 0),
        ("def f(x):\n    return msgspec.json.decode(x)\n", 0),
    ],
)
def test_the_check_sees(tmp_path: Path, text: str, problems: int) -> None:
    assert len(decoder_problems(write_tree(tmp_path, {"worktrail/a.py": text}) / "worktrail")) == problems


AT_ONCE = """
import sys, threading
from worktrail.contract import read_lock
sys.setswitchinterval(1e-6)
line = threading.Barrier(8)
body, wrong = bytes(sys.stdin.buffer.read()), []

def read():
    line.wait()
    try:
        read_lock(body)
    except Exception as error:
        wrong.append(error)

threads = [threading.Thread(target=read) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
sys.exit(len(wrong))
"""


@pytest.mark.slow
def test_eight_threads_read_their_first_lock() -> None:
    from worktrail.contract import SegmentDefinition, StepCatalog, StepDefinition, lock_bytes, make_lock

    steps = [StepDefinition(step_id=f"s{number}", step_type="transform", config={"expression": "input"}) for number in range(4)]
    body = lock_bytes(make_lock(SegmentDefinition(segment_id="many", steps=steps), StepCatalog()))
    for _ in range(10):
        done = subprocess.run([sys.executable, "-c", AT_ONCE], input=body, check=False, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
