"""How fast FEEL is here: `python bench/feel.py`. Prints the machine, the versions and figures; asserts nothing."""

from __future__ import annotations

import json
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from worktrail.feel import compile_expression

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL = 'amount > 200 and country in ("DE","FR")'
SCOPE: dict[str, Any] = {
    "amount": 250,
    "rate": 0.19,
    "country": "DE",
    "text": "ticket 4711 needs an answer",
    "items": [{"price": price, "name": f"n{price}"} for price in range(20)],
    "steps": {"check": {"output": {"score": 0.93, "labels": ["a", "b"]}}},
    "large": {"read": {"me": 1}, "rest": {f"key {index}": "x" * 80 for index in range(1_000)}},
}
TABLE = (
    GOAL,
    "steps.check.output.score >= 0.9",
    "amount * (1 + rate)",
    "large.read.me = 1",
    'if amount > 100 then "high" else "low"',
    'get or else(steps.check.output.reason, "none")',
    "count(items[price > 10])",
    "sum(for item in items return item.price * 2)",
    'matches(text, "[0-9]{4}")',
    'date("2024-01-31") + duration("P1M")',
)


def rate(work: Callable[[], Any], seconds: float = 0.5) -> float:
    """How often a second, over the best of three stretches."""
    best, count = 0.0, 64
    for _ in range(3):
        while True:
            started = time.perf_counter()
            for _ in range(count):
                work()
            spent = time.perf_counter() - started
            if spent >= seconds / 3:
                break
            count *= 2
        best = max(best, count / spent)
    return best


def main() -> None:
    print(f"{platform.machine()}, {platform.system()} {platform.release()}, Python {platform.python_version()}")
    print(f"size of the scope as JSON: {len(json.dumps(SCOPE)):,} bytes\n")
    print(f"{'evaluations/s':>14}  {'compilations/s':>14}  expression")
    for text in TABLE:
        expression = compile_expression(text)
        evaluations = rate(lambda run=expression.evaluate: run(SCOPE))
        compilations = rate(lambda text=text: compile_expression(text))
        print(f"{evaluations:>14,.0f}  {compilations:>14,.0f}  {text}")


if __name__ == "__main__":
    main()
