"""The golden cases are well formed: what this file finds wrong would be a mistake in a case, not in the engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.golden.reader import Case, all_cases, edges_of, scope_of, step_of

RULES = [f"R{number}" for number in range(1, 14)]
LEAST = 200

ID = r"[A-Za-z][A-Za-z0-9_-]*"
VISIT = rf"{ID}(?:#[1-9][0-9]*/{ID})*"
CODE = r"[A-Z][A-Z0-9_]*"
NUMBERS = r"[0-9]+(?:,[0-9]+)*"
ENDS = r"(?: ends=(?P<ends>[DLXFEO]+))?"
ONLY_DEAD = r"(?: ends=(?P<ends>X+))?"
PORTS = rf"(?P<ports>(?: (?!ends=|error=|conditions=){ID}=[^ ]+)*)"
CONDITIONS = rf"(?: conditions=(?P<conditions>[0-9]+:{CODE}(?:,[0-9]+:{CODE})*))?"

# Event type → what may follow it on the line. Groups named `json` and `ports` hold JSON, the others numbers or letters.
GRAMMAR: dict[str, str] = {
    "segment.started": "",
    "segment.completed": r" outputs=(?P<json>[^ ]+)",
    "segment.failed": rf" error={CODE}(?: visit={VISIT}(?: others=[1-9][0-9]*)?)?",
    "segment.cancel_requested": "",
    "segment.cancelled": "",
    "segment.paused": "",
    "segment.resumed": "",
    "step.scheduled": rf" (?P<visit>{VISIT})(?: rule=R9(?: counted=(?P<inbound>{NUMBERS}))?)?",
    "step.started": rf" (?P<visit>{VISIT})(?: attempt=(?:[2-9]|[1-9][0-9]+))?(?: count=[0-9]+ bound=[1-9][0-9]*| child)?",
    "step.completed": rf" (?P<visit>{VISIT}){PORTS}{ENDS}(?: error={CODE})?{CONDITIONS}",
    "step.failed": rf" (?P<visit>{VISIT}) error={CODE}{ENDS} (?:handled rule=R7|unhandled rule=R11)",
    "step.skipped": rf" (?P<visit>{VISIT}) (?:rule=(?:R2|R9) cause=(?P<inbound>[0-9]+){ONLY_DEAD}"
    rf"|rule=R11(?: ends=(?P<ends11>X+))?|rule=R8(?: ends=(?P<ends8>X+))? error={CODE})",
    "step.cancelled": rf" (?P<visit>{VISIT}) rule=(?:R10|R11){ONLY_DEAD}",
    "step.retrying": rf" (?P<visit>{VISIT}) error={CODE} attempt=(?:[2-9]|[1-9][0-9]+)",
    "step.timed_out": rf" (?P<visit>{VISIT}) attempt=[1-9][0-9]* limit=(?:attempt|visit)",
    "step.interrupted": rf" (?P<visit>{VISIT}) attempt=[1-9][0-9]*",
    "step.answered": rf" (?P<visit>{VISIT}) status=failed{ENDS}",
    "scope.ended": rf" (?P<visit>{VISIT}) number=[1-9][0-9]* "
    rf"(?:result=(?P<json>[^ ]+)(?: done=(?:true|false))?|error={CODE}|cancelled)",
    "timer.set": rf" (?P<visit>{VISIT})",
    "timer.fired": rf" (?P<visit>{VISIT})",
    "human.task_created": rf" (?P<visit>{VISIT})",
    "human.task_completed": rf" (?P<visit>{VISIT}) outcome=(?:approved|rejected|modified)",
    "human.task_expired": rf" (?P<visit>{VISIT})",
    "human.task_cancelled": rf" (?P<visit>{VISIT})",
    "human.task_late": rf" (?P<visit>{VISIT}) outcome=(?:approved|rejected|modified)",
    "incident.opened": rf" (?P<visit>{VISIT}) (?:kind=(?:failure|uncertain) error={CODE}"
    rf"|kind=condition error={CODE} edges=(?P<outbound>{NUMBERS}))",
    "incident.resolved": rf" (?P<visit>{VISIT}) action=(?:retry|deliver|skip|fail|true|false|cancelled)",
    "data.published": rf" (?P<visit>{VISIT}) name={ID} payload=(?P<json>[^ ]+)",
}

# Events that end a visit and therefore say how its edges ended.
ENDINGS = {"step.completed", "step.failed", "step.skipped", "step.cancelled"}
LAST = {"segment.completed", "segment.failed", "segment.cancelled"}

# Command → keys it must have, keys it may have.
COMMANDS: dict[str, tuple[set[str], set[str]]] = {
    "answer": ({"visit", "ports"}, set()),
    "fail": ({"visit", "code"}, {"message", "recoverable", "not_executed"}),
    "time_out": ({"visit"}, {"limit"}),
    "interrupt": ({"visit"}, set()),
    "probe": ({"visit", "found"}, {"ports"}),
    "fire": ({"visit"}, set()),
    "decide": ({"visit", "outcome", "value"}, set()),
    "expire": ({"visit"}, set()),
    "child": ({"visit"}, {"completed", "failed", "cancelled"}),
    "resolve": ({"visit", "action"}, {"ports", "edge"}),
    "cancel": (set(), {"reason"}),
    "pause": (set(), set()),
    "resume": (set(), set()),
}

CASES = all_cases()


def match(line: str) -> re.Match[str] | None:
    kind = line.partition(" ")[0]
    return re.fullmatch(GRAMMAR[kind], line[len(kind) :]) if kind in GRAMMAR else None


def problems_of_values(found: re.Match[str]) -> Iterator[str]:
    groups = found.groupdict()
    texts = [groups["json"]] if groups.get("json") else []
    texts += [pair.partition("=")[2] for pair in (groups.get("ports") or "").split()]
    for text in texts:
        try:
            compact = json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)
        except ValueError:
            yield f"not JSON: {text}"
        else:
            if compact != text:
                yield f"not compact: {text}"


def problems_of_line(case: Case, line: str) -> Iterator[str]:
    found = match(line)
    if found is None:
        yield "does not match the grammar"
        return
    yield from problems_of_values(found)
    groups = found.groupdict()
    visit = groups.get("visit")
    if visit is None:
        return
    try:
        step = step_of(case.segment, visit)["step_id"]
    except (KeyError, TypeError):
        yield f"no such visit: {visit}"
        return
    edges = edges_of(scope_of(case.segment, visit))
    leaving = [number for number, edge in enumerate(edges) if edge.source == step]
    arriving = [number for number, edge in enumerate(edges) if edge.target == step]
    ends = groups.get("ends") or groups.get("ends8") or groups.get("ends11") or ""
    if line.partition(" ")[0] in ENDINGS and len(ends) != len(leaving):
        yield f"{len(leaving)} edges leave {step}, but the letters are {ends!r}"
    if groups.get("inbound") and not {int(n) for n in groups["inbound"].split(",")} <= set(arriving):
        yield f"only the edges {arriving} arrive at {step}"
    if groups.get("outbound") and not {int(n) for n in groups["outbound"].split(",")} <= set(leaving):
        yield f"only the edges {leaving} leave {step}"
    wrong = {int(pair.partition(":")[0]) for pair in (groups.get("conditions") or "").split(",") if pair}
    if wrong != {number for number, letter in zip(leaving, ends, strict=False) if letter in "EO"}:
        yield "the letters E and O and the conditions do not name the same edges"


def problems_of_trail(case: Case) -> Iterator[str]:
    if case.refused is not None:
        if case.trail or case.script:
            yield "a refused run has neither trail nor script"
        return
    kinds = [line.partition(" ")[0] for line in case.trail]
    if not kinds or kinds[0] != "segment.started":
        yield "the trail does not begin with segment.started"
    if [kind for kind in kinds if kind in LAST] != kinds[-1:]:
        yield "the trail has not exactly one end, in its last line"
    ended = [line.split()[1] for line in case.trail if line.partition(" ")[0] in ENDINGS]
    if len(ended) != len(set(ended)):
        yield "a visit ends twice"
    for number, line in enumerate(case.trail, 1):
        for problem in problems_of_line(case, line):
            yield f"line {number}, {line}: {problem}"


def problems_of_script(case: Case) -> Iterator[str]:
    scheduled = {line.split()[1] for line in case.trail if line.startswith("step.scheduled ")}
    for verb, arguments in case.script:
        if verb not in COMMANDS:
            yield f"unknown command {verb}"
            continue
        must, may = COMMANDS[verb]
        if not must <= set(arguments) <= must | may:
            yield f"{verb}: keys {sorted(arguments)}"
        if "visit" in arguments and arguments["visit"] not in scheduled:
            yield f"{verb}: {arguments['visit']} is never scheduled"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case_is_well_formed(case: Case) -> None:
    problems = [*problems_of_trail(case), *problems_of_script(case)]
    if case.rule not in RULES:
        problems.append(f"cites {case.rule}, which is no rule")
    if case.side not in {"for", "against"}:
        problems.append(f"side is {case.side!r}")
    if not case.claim.endswith(".") or "\n" in case.claim:
        problems.append("the claim is not one sentence")
    if case.segment["segment_id"] != case.name.rpartition("/")[2]:
        problems.append("the segment is not called like its case")
    assert not problems, "\n".join([case.name, *problems])


@pytest.mark.parametrize("rule", RULES)
def test_rule_has_both_sides(rule: str) -> None:
    assert {case.side for case in CASES if case.rule == rule} == {"for", "against"}


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= LEAST


def test_every_folder_is_a_case() -> None:
    from tests.golden.reader import CASES as FOLDER

    for group in FOLDER.iterdir():
        for folder in group.iterdir():
            assert {path.name for path in folder.iterdir()} == {"segment.yaml", "commands.yaml", "trail.txt"}, folder


def test_every_event_of_the_grammar_is_used() -> None:
    used = {line.partition(" ")[0] for case in CASES for line in case.trail}
    assert used == set(GRAMMAR)


def test_every_command_is_used() -> None:
    assert {verb for case in CASES for verb, _ in case.script} == set(COMMANDS)


@pytest.mark.parametrize(
    "line",
    [
        "step.begun a",
        "segment.completed",
        "step.completed a ends=DX output=1",
        "step.completed a output=1 ends=DQ",
        "step.failed a error=BOOM ends=X rule=R11",
        "step.failed a error=BOOM ends=X handled rule=R11",
        "step.skipped a rule=R2 ends=X",
        "step.skipped a rule=R2 cause=0 ends=D",
        "step.started a attempt=1",
        "scope.ended m number=0 cancelled",
        "incident.opened a kind=condition error=CONDITION_ERROR",
    ],
)
def test_the_grammar_refuses(line: str) -> None:
    assert match(line) is None
