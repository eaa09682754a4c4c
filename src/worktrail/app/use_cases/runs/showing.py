"""One run, whole: what is known of it now."""

from __future__ import annotations

from typing import Any

from worktrail.app.caller import Caller, allowed
from worktrail.app.use_cases.runs.rows import run_rows, with_hint
from worktrail.runtime import load_run, result_of, run_values

__all__ = ["show_run"]


@allowed
def show_run(caller: Caller, run_id: str) -> dict[str, Any]:
    """Everything that is known of a run now: its row, result, steps and open incidents."""
    row = caller.run(run_id)
    run = load_run(caller.store, run_id, plans=caller.shelf.plans)
    values = run_values(caller.store, run)
    result = result_of(run, values).to_dict()
    return {
        **run_rows(caller, [row])[0],
        "input": values.read(run.input),
        "outputs": result["outputs"],
        "error": with_hint(result["error"]),
        "duration_ms": result["duration_ms"],
        "steps_completed": result["steps_completed"],
        "steps_total": result["steps_total"],
        "steps": {visit: {**one, "error": with_hint(one["error"])} for visit, one in result["step_results"].items()},
        "incidents": [
            {"incident": one.id, "visit": one.visit, "kind": one.kind, "error_code": one.error.error_code}
            for one in run.incidents.values()
        ],
    }
