"""``worktrail new NAME``: a small project that runs at once.

Rule: what it writes is what the documents teach; a test makes one, runs its own tests and its commands. Nothing that is there
is ever overwritten.
"""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from worktrail.errors import CallerError

__all__ = ["new_project"]

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")

PROJECT = """\
[project]
name = "{name}"
segments = ["segments"]
app = "{module}"
database = "{name}.sqlite"

# [http]
# allow_hosts = ["127.0.0.1:8080"]   # private addresses that http_action may reach

# [resources.clients.billing]
# base_url = "https://billing.example"
# headers = {{ Authorization = "env:BILLING_TOKEN" }}
"""

STEPS = '''\
"""The steps of this project: plain functions. Parameters are input ports, the return value is the port `output`."""

from decimal import Decimal

from worktrail import step


@step(category="data")
def price_order(customer: str, quantity: int, unit_price: Decimal) -> dict:
    """Works out what an order costs."""
    return {{"customer": customer, "total": quantity * unit_price}}
'''

SEGMENT = """\
worktrail: 1
segment_id: orders
name: Orders
description: Prices an order; a person reviews the large ones.
parameters:
  limit: {schema: {type: number}, default: 1000}
input_schema:
  type: object
  required: [customer, quantity, unit_price]
  additionalProperties: false
  properties:
    customer: {type: string, minLength: 1}
    quantity: {type: integer, minimum: 1}
    unit_price: {type: number, minimum: 0}
outputs: {shipped: ship.output, refused: refuse.output}
steps:
  - step_id: price
    step_type: price_order
  - step_id: large
    step_type: condition
    config: {expression: input.total > parameters.limit}
  - step_id: ask
    step_type: human_task
    config:
      task_type: review
      title: '="Release the order of " + input.customer + " for " + string(input.total) + "?"'
      input_schema: # what a reviewer may change
        type: object
        additionalProperties: false
        properties:
          total: {type: number, minimum: 0}
      timeout_hours: 48
      require_reason: [rejected]
  - step_id: ship
    step_type: transform
    config:
      expression: "context merge([get or else(input.data, input), get or else(input.changes, {})])"
  - step_id: refuse
    step_type: transform
    config:
      mapping: {order: "=input.data", reason: "=input.reason"}
edges:
  - {source_step: price, target_step: large}
  - {source_step: large, source_port: "true", target_step: ask}
  - {source_step: large, source_port: "false", target_step: ship}
  - {source_step: ask, source_port: approved, target_step: ship}
  - {source_step: ask, source_port: modified, target_step: ship}
  - {source_step: ask, source_port: rejected, target_step: refuse}
  - {source_step: ask, source_port: expired, target_step: refuse}
"""

ROWS = """\
customer,quantity,unit_price
Adler,3,19.99
Brandt,120,24.50
Chen,1,999.00
Dupont,2,0.10
"""

TEST = '''\
"""Runs the segment in memory. `python -m pytest` (`pip install pytest`) finds this file by itself."""

from decimal import Decimal
from pathlib import Path

from worktrail.app import run_segment

PROJECT = Path(__file__).parent.parent


def test_a_small_order_is_shipped():
    result = run_segment("orders", {{"customer": "Adler", "quantity": 3, "unit_price": Decimal("19.99")}}, project=PROJECT)
    assert result.status == "completed"
    assert result.outputs == {{"shipped": {{"customer": "Adler", "total": Decimal("59.97")}}}}


def test_a_large_order_waits_for_a_person():
    result = run_segment("orders", {{"customer": "Brandt", "quantity": 120, "unit_price": 24}}, project=PROJECT)
    assert result.status == "waiting"
    assert result.current_step == "ask"


def test_the_step_is_a_plain_function():
    from {module} import price_order

    assert price_order("Chen", 2, Decimal("0.10")) == {{"customer": "Chen", "total": Decimal("0.20")}}
'''

CONFTEST = '''\
"""Lets the tests import the project's own modules."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
'''

README = """\
# {name}

A Worktrail project: [`segments/orders.yaml`](segments/orders.yaml) prices orders with the step in
[`{module}.py`]({module}.py); a person reviews the large ones.

```sh
worktrail validate
worktrail run orders --input data/orders.csv --out results.jsonl
worktrail tasks list
worktrail tasks decide TASK approved --comment "known customer"
worktrail worker --until-idle
worktrail runs list
```

`worktrail run` again with the same file goes on where it stopped: rows that have ended are counted, not run again.
The tests need pytest (`pip install pytest`); then: `python -m pytest`.
"""

IGNORE = """\
*.sqlite
*.sqlite-wal
*.sqlite-shm
__pycache__/
results.jsonl
"""


def new_project(place: Path) -> list[Path]:
    """Writes a project into the folder `place` (made if absent, else it must be empty); the files it wrote.

    CallerError PROJECT_NAME, PROJECT_EXISTS, OUTPUT_FILE.
    """
    name = place.name or place.resolve().name  # of `.`
    if not NAME.fullmatch(name):
        raise CallerError(
            "PROJECT_NAME", f"{name!r} cannot be a project's name", hint="Use a letter, then letters, digits, - or _."
        )
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise CallerError("PROJECT_EXISTS", f"{place} is there already and is not empty")
    module = f"{name.lower().replace('-', '_')}_steps"
    assert module.isidentifier() and not keyword.iskeyword(module)
    texts = {
        "worktrail.toml": PROJECT.format(name=name, module=module),
        f"{module}.py": STEPS.format(),
        "segments/orders.yaml": SEGMENT,
        "data/orders.csv": ROWS,
        "tests/test_orders.py": TEST.format(module=module),
        "conftest.py": CONFTEST,
        "README.md": README.format(name=name, module=module),
        ".gitignore": IGNORE,
    }
    written = []
    try:
        for path, text in texts.items():
            file = place / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            written.append(file)
    except OSError as error:
        raise CallerError("OUTPUT_FILE", f"{place}: {error.strerror or error}") from None
    return written
