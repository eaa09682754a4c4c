"""What RULES promises of two runs with the same answers in different orders of completion, as a comparison; and what two
runs in the same order have in common besides.

It serves the oracle with itself and an engine with the oracle: both give an `Outcome`.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any

from tests.law.scope import Outcome, Scope
from tests.law.segments import find_step

Json = Any


def plain(value: Json) -> Json:
    """A value without the codes of errors in it: which of several failures came first is a matter of order."""
    if isinstance(value, dict):
        if set(value) == {"code"}:
            return {"code": "*"}
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def within(visit: str, regions: set[str], stopped: set[str]) -> bool:
    """Whether a visit lies in a cancelled region or in a scope that was stopped."""
    return any(visit.startswith(prefix) for prefix in stopped) or any(
        visit == region or visit.startswith(region + "#") for region in regions
    )


def between(segment: dict[str, Json], prefix: str, edge: int) -> list[str]:
    """The two visits that an edge joins."""
    body = find_step(segment, prefix[:-1].rpartition("#")[0])["config"]["body"] if prefix else segment
    found = Scope(body, prefix, None, "").edges[edge]
    return [prefix + str(found["source_step"]), prefix + str(found["target_step"])]


def disturbed(segment: dict[str, Json], outcomes: list[Outcome]) -> bool:
    """Whether a visit in a cancelled region failed in one of the runs: then nothing is promised of its consequences."""
    regions = set[str]().union(*(outcome.regions for outcome in outcomes))
    for outcome in outcomes:
        wrong = [visit for visit, state in outcome.states.items() if state == "failed"]
        wrong += [between(segment, *place)[0] for place, end in outcome.ends.items() if end == "E"]
        if any(within(visit, regions, set()) for visit in wrong):
            return True
    return False


def broken(segment: dict[str, Json], one: Outcome, other: Outcome, *, values: bool) -> list[str]:
    """The ways in which two runs break the promise. Without `values` only states are compared, for runs whose early joins
    counted different edges."""
    regions, stopped = one.regions | other.regions, one.stopped | other.stopped
    wrong = [f"status {one.status} / {other.status}"] if one.status != other.status else []
    if "" in stopped:
        return wrong
    if len(one.failures) != len(other.failures):
        wrong.append(f"failures {one.failures} / {other.failures}")
    parts = ["states", "counted", "outputs"] if values else ["states"]
    for part in parts:
        ours, theirs = getattr(one, part), getattr(other, part)
        wrong += [
            f"{part} of {visit}: {ours.get(visit)} / {theirs.get(visit)}"
            for visit in sorted(set(ours) | set(theirs))
            if not within(visit, regions, stopped) and plain(ours.get(visit)) != plain(theirs.get(visit))
        ]
    if values:
        if plain(one.result) != plain(other.result):
            wrong.append(f"result {one.result} / {other.result}")
        wrong += [
            f"end of edge {place}: {one.ends.get(place)} / {other.ends.get(place)}"
            for place in sorted(set(one.ends) | set(other.ends))
            if one.ends.get(place) != other.ends.get(place)
            and not any(within(visit, regions, stopped) for visit in between(segment, *place))
        ]
    return wrong


def unlike(one: Outcome, other: Outcome) -> list[str]:
    """Where two runs part that got the same answers in the same order: what they waited for before each answer, how each visit
    ended that was ever waited for, in cancelled regions and stopped scopes too, and the codes of errors."""
    wrong = [f"waits for {ours} / {theirs}" for ours, theirs in zip_longest(one.waits, other.waits) if ours != theirs][:1]
    named = {re.split("[-~!@?]", name)[0] for waits in one.waits for name in waits}
    ends = {visit: (one.states.get(visit), other.states.get(visit)) for visit in sorted(named)}
    wrong += [
        f"{visit} ended {ours} / {theirs}"
        for visit, (ours, theirs) in ends.items()
        if None not in (ours, theirs) and ours != theirs
    ]
    both = sorted(set(one.errors) & set(other.errors))
    wrong += [
        f"{visit} failed with {one.errors[visit]} / {other.errors[visit]}"
        for visit in both
        if one.errors[visit] != other.errors[visit]
    ]
    return wrong + ([f"error {one.error} / {other.error}"] if one.error != other.error else [])
