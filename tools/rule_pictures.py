"""Draws the pictures of docs/rules.md from the golden cases, or says with `--check` which are out of date.

A picture cannot lie: the named case is played by the engine, and what is drawn is the state that it then has. Run it from the
root of the checkout: `python -m tools.rule_pictures`.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.golden.play import Stage, play
from tests.golden.reader import CASES, Case, load_case
from tools.drawing import Drawing, Line, Node, svg
from worktrail.engine import StepPlan
from worktrail.events import SegmentFailed

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "pictures"


class Picture(NamedTuple):
    """A golden case, how many of its commands are played (None: all), and rows of steps that stand better elsewhere."""

    case: str
    commands: int | None = None
    rows: dict[str, float] = {}  # noqa: RUF012 (never changed)


PICTURES: dict[str, Picture] = {
    "r01-late": Picture("r01_edges/late_edge"),
    "r01-stays-dead": Picture("r01_edges/dead_edge_stays_dead", rows={"f": 1}),
    "r02-one-is-enough": Picture("r02_start/one_delivered_suffices"),
    "r02-required": Picture("r02_start/required_port_dead_skips"),
    "r03-many": Picture("r03_ports/many_leaves_dead_out"),
    "r03-conflict": Picture("r03_ports/port_conflict"),
    "r04-after-a-failure": Picture("r04_after/failed_kills_all_but_error"),
    "r05-left-out": Picture("r05_answers/port_left_out"),
    "r06-handled": Picture("r06_outcomes/rejected_with_edge"),
    "r06-unhandled": Picture("r06_outcomes/rejected_without_edge"),
    "r07-handled": Picture("r07_handled/error_edge_delivered"),
    "r07-not-handled": Picture("r07_handled/condition_false_is_unhandled"),
    "r08-fallback": Picture("r08_on_error/fallback_step"),
    "r08-continue": Picture("r08_on_error/continue_with"),
    "r09-all-live": Picture("r09_joins/all_live_some_dead"),
    "r09-unmet": Picture("r09_joins/all_too_few"),
    "r09-any": Picture("r09_joins/any_fires_early", commands=1),
    "r09-not-entered": Picture("r09_joins/all_none_not_entered"),
    "r10-cancel": Picture("r10_rest/cancel_open_branch", commands=1),
    "r10-later": Picture("r10_rest/later_start_is_cancelled"),
    "r11-cancel-rest": Picture("r11_failure/cancel_rest"),
    "r11-finish-rest": Picture("r11_failure/finish_rest"),
    "r11-incident": Picture("r11_failure/incident_retry", commands=2),
    "r12-conditions": Picture("r12_conditions/true_and_false"),
    "r12-error": Picture("r12_conditions/error_incident_true", commands=2),
    "r13-end-step": Picture("r13_result/only_outcome_with_edge"),
    "r13-several": Picture("r13_result/several_ends"),
}


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)


def _said(verb: str, told: dict[str, Any]) -> str:
    """A command of the script as a sentence."""
    who = told.get("visit", "the run")
    sentences: dict[str, Callable[[], str]] = {
        "answer": lambda: f"{who} answers {_compact(told['ports'])}",
        "fail": lambda: f"{who} fails: {told['code']}",
        "decide": lambda: f"a person decides {who}: {told['outcome']}",
        "fire": lambda: f"{who} is due again",
        "resolve": lambda: f"a person repairs {who}: {told['action']}",
        "cancel": lambda: "the run is cancelled",
    }
    return sentences[verb]()


def _facts(step: StepPlan, own: dict[str, Any]) -> str:
    """What is set at a step and matters to the rules, in one short line."""
    policy, config = own.get("policy", {}), own.get("config", {})
    on_error = policy.get("on_error")
    said = [f"effect: {policy['effect']}"] if "effect" in policy else []
    if isinstance(on_error, dict):
        said += [f"{name}: {value}" for name, value in on_error.items()]
    elif on_error:
        said.append(f"on_error: {on_error}")
    if step.lock.join is not None:
        said.append(f"join: {step.lock.join.mode}")
        said += ["rest: cancel"] if step.lock.join.rest == "cancel" else []
    said += [str(config["expression"])] if own["step_type"] == "condition" else []
    said += [f"{port.id} is required" for port in step.lock.ins if port.required and own.get("inputs")]
    said += [f"{port.id} takes many" for port in step.lock.ins if port.many and not step.is_join]
    return ", ".join(said)


def _reasons(stage: Stage) -> dict[str, tuple[str, str]]:
    """Visit → code and rule of the last event that names one of them."""
    found: dict[str, tuple[str, str]] = {}
    for _, event in stage.events:
        visit, rule, error = (getattr(event, name, None) for name in ("visit", "rule", "error"))
        if visit is not None and (rule or error) and not isinstance(event, SegmentFailed):
            found[visit] = (getattr(error, "error_code", ""), rule or "")
    return found


def _node(stage: Stage, step: StepPlan, own: dict[str, Any], reasons: dict[str, tuple[str, str]]) -> Node:
    visit = stage.run.root.visits[step.index]
    state = "undecided" if visit is None else visit.status
    kind = "" if own["step_type"] == "work" else own["step_type"].removeprefix("parallel_").replace("_", " ")
    code, rule = ("", "") if visit is None else reasons.get(visit.id, ("", ""))
    return Node(step.id, kind, " · ".join(filter(None, (_facts(step, own), code))), state, rule)


def _label(edge: Any) -> str:
    port = "" if edge.port == "output" else edge.port
    target = "" if edge.to in {"input", "data"} else f"→ {edge.to}"
    return " ".join(filter(None, (port, target, edge.condition or "")))


def _result(stage: Stage) -> str:
    run = stage.run
    if run.status == "completed" and run.outputs is not None:
        return f"The run is completed: {_compact(stage.values.read(run.outputs))}"
    if run.error is not None:
        return f"The run is failed: {run.error.error_code}"
    if run.incidents:
        return f"The run waits for a person: {', '.join(f'{one.kind} at {one.visit}' for one in run.incidents.values())}"
    return f"The run is {run.status}."


def drawing_of(picture: Picture, case: Case) -> Drawing:
    """The case, played as far as the picture shows it."""
    script = case.script if picture.commands is None else case.script[: picture.commands]
    stage = play(dataclasses.replace(case, script=script))
    graph = stage.plan.root
    own = {step["step_id"]: step for step in case.segment["steps"]}
    reasons = _reasons(stage)
    nodes = [_node(stage, step, own[step.id], reasons) for step in graph.steps]
    lines = [Line(edge.source, edge.target, _label(edge), stage.run.root.ends[n]) for n, edge in enumerate(graph.edges)]
    policy = case.segment.get("policy", {})
    notes = [f"on_failure: {policy['on_failure']}"] if "on_failure" in policy else []
    notes += [f"outputs: {_compact(case.segment['outputs'])}"] if "outputs" in case.segment else []
    notes += [f"{n}  {_said(*command)}" for n, command in enumerate(script, start=1)]
    return Drawing(case.claim, nodes, lines, [*notes, _result(stage)], dict(picture.rows))


def pictures() -> dict[str, str]:
    """File name → text, of every picture."""
    return {f"{name}.svg": svg(drawing_of(picture, load_case(CASES / picture.case))) for name, picture in PICTURES.items()}


def outdated(folder: Path, *, write: bool) -> list[str]:
    """Files that differ from what would be drawn now, or that nothing draws; with `write` they are put right."""
    drawn = pictures()
    there = {path.name: path for path in folder.glob("*.svg")}
    wrong = [name for name, text in drawn.items() if name not in there or there[name].read_text(encoding="utf-8") != text]
    left = sorted(set(there) - set(drawn))
    if write:
        folder.mkdir(parents=True, exist_ok=True)
        for name in wrong:
            (folder / name).write_text(drawn[name], encoding="utf-8")
        for name in left:
            there[name].unlink()
    return wrong + left


def main() -> int:
    """Draws, or with `--check` only reports; the exit status is 1 if a check found something."""
    check = "--check" in sys.argv[1:]
    found = outdated(FOLDER, write=not check)
    for name in found:
        print(f"docs/pictures/{name}: {'out of date, run `make docs`' if check else 'drawn'}")
    return 1 if check and found else 0


if __name__ == "__main__":
    sys.exit(main())
