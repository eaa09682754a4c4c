"""One look at a segment: every check in its order, every problem in the order of the document.

Rule: what cannot be read is not looked at further; a scope with a cycle is not asked what flows through it. All other checks are
made whatever the others found, so that an editor can show everything at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from worktrail.contract.expand import Scope, expand_segment
from worktrail.contract.problems import CanvasError, Problem, errors_of, problem
from worktrail.contract.reading import read_segment_fields
from worktrail.contract.validation.children import SegmentLookup, check_children
from worktrail.contract.validation.configs import check_configs, check_schemas
from worktrail.contract.validation.context import Context, View
from worktrail.contract.validation.expressions import check_expressions
from worktrail.contract.validation.fit import Fit, port_fit
from worktrail.contract.validation.flow import check_cycle, check_flow
from worktrail.contract.validation.joins import check_joins
from worktrail.contract.validation.policies import check_policies, check_segment_policy
from worktrail.contract.validation.structure import check_sizes, check_structure

if TYPE_CHECKING:
    from worktrail.contract.catalog import StepCatalog
    from worktrail.contract.segment import SegmentDefinition

__all__ = ["Examined", "examine"]


class Examined(msgspec.Struct, frozen=True):
    """What a look found. ``scope`` is None where the segment could not be read; ``views``: pointer of a scope → its facts;
    ``reads``: pointer of a step or edge → the ancestors that its expressions name."""

    problems: list[Problem]
    scope: Scope | None
    views: dict[str, View]
    reads: dict[str, tuple[str, ...]]


def examine(segment: SegmentDefinition, catalog: StepCatalog, lookup: SegmentLookup | None = None) -> Examined:
    """Everything that can be said of `segment` before it runs."""
    try:
        document = segment.to_dict()
    except CanvasError:
        return Examined([problem("DEPTH_EXCEEDED", "", "values are nested too deeply, or inside themselves")], None, {}, {})
    found, problems = read_segment_fields(document)
    if found is None or errors_of(problems):
        return Examined(problems, None, {}, {})
    segment = type(segment)(**found)  # what a program put together may hold plain objects where parts are meant
    scope, problems = expand_segment(segment, catalog)
    look = Context(segment, catalog, problems)
    views = _views(scope)
    check_sizes(look, scope)
    check_segment_policy(look)
    for view in views:
        check_structure(look, view.scope)
        check_configs(look, view)
        check_policies(look, view)
        _fits(look, view)
        if check_cycle(look, view):
            check_flow(look, view)
            check_joins(look, view)
            check_expressions(look, view)
    check_schemas(look, views)
    check_children(look, lookup)
    return Examined(look.problems, scope, {view.scope.pointer: view for view in views}, look.reads)


def _views(scope: Scope) -> list[View]:
    """The scope and all bodies below it, outermost first; `on_failure` is inherited on the way (R11)."""
    found = [View(scope, "cancel_rest", None)]
    for view in found:  # grows while it is walked
        found += [View(step.body, view.on_failure, step) for step in view.scope.steps if step.body is not None]
    return found


def _fits(look: Context, view: View) -> None:
    """PORT_MISMATCH, PORT_TRANSFORM."""
    for edge in view.scope.edges:
        source, target = view.scope.steps[edge.source], view.scope.steps[edge.target]
        if edge.port not in source.outs:
            continue
        fit, why = port_fit(source.outs[edge.port], target.ins[edge.to])
        if fit is not Fit.fits:
            code = "PORT_MISMATCH" if fit is Fit.cannot else "PORT_TRANSFORM"
            look.add(code, edge.pointer, f"{source.id}.{edge.port} does not fit {target.id}.{edge.to}: {why}")
