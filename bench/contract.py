"""How fast the contract is here: `python bench/contract.py`. Prints the machine, the versions and figures; asserts nothing."""

from __future__ import annotations

import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from worktrail.app import JsonSchemaChecker, dump_segment_text, load_segment_text
from worktrail.contract import (
    EdgeDefinition,
    SegmentDefinition,
    StepCatalog,
    StepDefinition,
    StepPosition,
    StepUIMetadata,
    errors_of,
    lock_hash,
    make_lock,
)

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS, EDGES = 500, 800
PARTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    # step type, config, the port its edges leave from
    ("transform", {"expression": "input.a + 1"}, "output"),
    ("llm_agent", {"model": "gpt-4", "prompt": "Hello {{ input.name }}"}, "output"),
    ("http_action", {"url": "https://example.org/orders"}, "response"),
    ("condition", {"expression": "input.x > 3"}, "true"),
    ("parallel_join", {"join": "all_live"}, "output"),
)


def large(conditions: str) -> SegmentDefinition:
    """A chain of 500 steps with 301 edges more into its joins. `conditions`: "few" (every eighth of them, one text),
    "many" (each edge its own text, never seen before)."""
    steps = [
        StepDefinition(
            f"s{number}",
            PARTS[number % len(PARTS)][0],
            PARTS[number % len(PARTS)][1],
            ui_metadata=StepUIMetadata(position=StepPosition(number % 20 * 200, number // 20 * 100)),
        )
        for number in range(STEPS)
    ]
    edges = [EdgeDefinition(f"s{number - 1}", PARTS[(number - 1) % len(PARTS)][2], f"s{number}") for number in range(1, STEPS)]
    while len(edges) < EDGES:
        count = len(edges)
        join = (count * 5 + 4) % STEPS
        source = max(0, join - 2 - count % 3)
        port = "false" if source % len(PARTS) == 3 else PARTS[source % len(PARTS)][2]
        text = "value != null" if conditions == "few" and count % 8 == 0 else None
        edges.append(EdgeDefinition(f"s{source}", port, f"s{join}", condition=text))
    if conditions == "many":
        mark = time.perf_counter_ns()  # so that no cache has seen the texts
        edges = [
            EdgeDefinition(e.source_step, e.source_port, e.target_step, condition=f"value != {mark + n}")
            for n, e in enumerate(edges)
        ]
    return SegmentDefinition("large", steps=steps, edges=edges)


def line(name: str, work: Callable[[], Any], times: int = 9) -> None:
    """First call, best and median of the rest, in milliseconds."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append((time.perf_counter() - started) * 1000)
    rest = sorted(spent[1:])
    print(f"{name:<44}{spent[0]:>9.1f}{rest[0]:>9.1f}{rest[len(rest) // 2]:>9.1f}")


def main() -> None:
    print(f"{platform.machine()}, {platform.system()} {platform.release()}, Python {platform.python_version()}")
    print(", ".join(f"{name} {version(name)}" for name in ("msgspec", "rfc8785", "ruamel.yaml", "jsonschema-rs")))
    catalog = StepCatalog(checker=JsonSchemaChecker())
    few, many = large("few"), large("many")
    for made in (few, many):
        assert not errors_of(made.validate(catalog))
    text, yaml, lock = few.to_json(), dump_segment_text(few, "yaml"), make_lock(few, catalog)
    fresh = iter([large("many") for _ in range(9)])
    print(f"\n{STEPS} steps, {EDGES} edges, {len(text):,} bytes of JSON{'':<4}first ms  best ms   median")
    line("validate", lambda: few.validate(catalog))
    line("validate, no schema checker", lambda: few.validate(StepCatalog()))
    line("validate, 800 conditions seen before", lambda: many.validate(catalog))
    line("validate, 800 conditions never seen", lambda: next(fresh).validate(catalog))
    line("make_lock (with validate and hash)", lambda: make_lock(few, catalog))
    line("lock_hash", lambda: lock_hash(lock))
    line("hash", lambda: few.hash)
    line("from JSON text", lambda: SegmentDefinition.from_json(text))
    line("to JSON text", few.to_json)
    line("from YAML text", lambda: load_segment_text(yaml, "yaml"), times=3)


if __name__ == "__main__":
    main()
