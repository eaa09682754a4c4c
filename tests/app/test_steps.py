# ruff: noqa: A002, A006 (`input` is the name of a port)
"""`@step`: what a signature becomes, and what happens to values on their way."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from worktrail import step as exported
from worktrail.app import JsonSchemaChecker, register_steps, registered_steps, spec_of, step, with_step_defaults
from worktrail.contract import SegmentDefinition, StepCatalog
from worktrail.errors import AuthorError
from worktrail.runtime import Fail, HandlerTable, RuntimeContextManager, StepContext


class Order(msgspec.Struct):
    """An order."""

    order_id: str
    total: Decimal
    due: date | None = None


@dataclasses.dataclass
class Answer:
    ok: bool
    at: date


@step("t_plain")
def plain(input: Any) -> Any:
    """Passes on.

    More that is not shown."""
    return input


@step("t_typed", category="data", retry={"max_attempts": 3}, timeout_s=5, version="2")
async def typed(order: Order, times: int = 1, *, factor: float, note: str = "none") -> Answer:
    assert isinstance(order, Order)
    assert isinstance(factor, float)
    return Answer(ok=order.total * times > 10, at=date(2026, 1, 2))


@step(outputs={"small": Order, "large": Order})
def t_split(order: Order) -> dict[str, Any]:
    return {"large" if order.total > 10 else "small": order}


@step("t_ctx")
def with_ctx(ctx: StepContext, a: int, *, config: str = "x") -> dict[str, Any]:
    return {"visit": ctx.visit, "a": a, "config": config}


def call(function: Any, inputs: dict[str, Any], config: dict[str, Any] | None = None) -> Any:
    ctx = RuntimeContextManager().create_runtime("acme", "main").child_context("s")
    answer = spec_of(function).handler(ctx, config or {}, inputs)
    return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer


def test_it_is_exported_by_the_package() -> None:
    assert exported is step


def test_the_signature_is_the_contract() -> None:
    metadata = spec_of(typed).metadata
    assert (metadata.type_id, metadata.category, metadata.version, metadata.is_async) == ("t_typed", "data", "2", True)
    assert metadata.display_name == "T Typed"
    assert metadata.retry.max_attempts == 3
    order, times = metadata.input_ports
    assert (order.port_id, order.data_type, order.required, times.data_type, times.default) == (
        "order",
        "object",
        True,
        "integer",
        1,
    )
    assert [port.port_id for port in metadata.output_ports] == ["output"]
    assert metadata.config_schema["required"] == ["factor"]
    assert set(metadata.config_schema["properties"]) == {"factor", "note", "secret_ref", "secrets"}
    assert spec_of(plain).metadata.description == "Passes on."
    assert spec_of(plain).metadata.input_ports[0].data_type == "any"
    assert [port.port_id for port in spec_of(t_split).metadata.output_ports] == ["small", "large"]


def test_a_function_stays_what_it_was() -> None:
    assert plain(3) == 3


def test_values_are_converted_on_the_way_in_and_out() -> None:
    order = {"order_id": "7", "total": Decimal("9.50"), "due": "2026-02-01"}
    assert call(typed, {"order": order, "times": 2}, {"factor": Decimal("1.5")}) == {"output": {"ok": True, "at": "2026-01-02"}}
    split = call(t_split, {"order": order})
    assert split == {"small": {"order_id": "7", "total": Decimal("9.50"), "due": "2026-02-01"}}
    assert type(split["small"]["total"]) is Decimal
    assert call(plain, {"input": Decimal("0.10")}) == {"output": Decimal("0.10")}
    assert call(with_ctx, {"a": 1}) == {"output": {"visit": "s", "a": 1, "config": "x"}}


WRONG: list[tuple[Any, dict[str, Any], dict[str, Any], str, str]] = [
    (typed, {"order": {"order_id": "7"}}, {"factor": 1}, "STEP_INPUT_INVALID", "total"),
    (typed, {"order": 5}, {"factor": 1}, "STEP_INPUT_INVALID", "Expected `object`"),
    (typed, {}, {"factor": 1}, "STEP_INPUT_INVALID", "nothing on port 'order'"),
    (typed, {"order": {"order_id": "7", "total": 1}}, {"factor": "x"}, "STEP_INPUT_INVALID", "/config/factor"),
    (with_ctx, {"a": "1"}, {}, "STEP_INPUT_INVALID", "Expected `int`"),
    (with_ctx, {"a": Decimal("1.5")}, {}, "STEP_INPUT_INVALID", "Expected `int`"),
]


@pytest.mark.parametrize(("function", "inputs", "config", "code", "said"), WRONG)
def test_what_does_not_fit_is_the_authors(function: Any, inputs: Any, config: Any, code: str, said: str) -> None:
    with pytest.raises(AuthorError, match=said) as caught:
        call(function, inputs, config)
    assert caught.value.code == code


def test_an_answer_with_an_unknown_port_is_refused() -> None:
    @step("t_wrong_port", outputs={"a": int})
    def wrong(input: Any) -> Any:
        return {"b": 1}

    with pytest.raises(AuthorError, match="keys among: a"):
        call(wrong, {"input": 1})


def test_a_failure_may_be_returned_as_data() -> None:
    @step("t_failing")
    def failing(input: int) -> int | Fail:
        return Fail("TOO_MANY", "no more than 3", not_executed=True) if input > 3 else input

    spec = spec_of(failing)
    assert [(port.port_id, port.data_type, port.schema) for port in spec.metadata.output_ports] == [
        ("output", "integer", {"type": "integer"})
    ]
    ctx = RuntimeContextManager().create_runtime("acme", "one").child_context("a")
    assert spec.handler(ctx, {}, {"input": 3}) == {"output": 3}
    assert spec.handler(ctx, {}, {"input": 4}) == Fail("TOO_MANY", "no more than 3", not_executed=True)


def test_what_cannot_be_a_step() -> None:
    def positional(a: int, /) -> int:
        return a

    def variadic(*rest: int) -> int:
        return len(rest)

    def hidden(_a: int) -> int:
        return _a

    def unreadable(a: Missing) -> int:  # type: ignore[name-defined]  # noqa: F821
        return 1

    def odd_default(a: Any = object()) -> int:  # noqa: B008
        return 1

    for function, said in (
        (positional, "ordinary"),
        (variadic, "ordinary"),
        (hidden, "cannot be a port"),
        (unreadable, "annotations cannot be read"),
        (odd_default, "default of 'a' is not JSON"),
    ):
        with pytest.raises(AuthorError, match=said):
            step(function)
    for options, said in (
        ({"effect": "twice"}, "effect is"),
        ({"effect": "verify"}, "probe"),
        ({"category": "magic"}, "magic"),
        ({"retry": {"max_attempts": "x"}}, "Expected"),
        ({"outputs": {"error": int}}, "cannot be an output"),
    ):
        with pytest.raises(AuthorError, match=said):
            step("t_bad", **options)(lambda input: input)  # type: ignore[arg-type]
    with pytest.raises(AuthorError, match="letter"):
        step("not an id")(positional)


def test_an_id_stands_once() -> None:
    def other(input: Any) -> Any:
        return input

    with pytest.raises(AuthorError, match="stands twice") as caught:
        step("t_plain")(other)
    assert caught.value.code == "STEP_TYPE_EXISTS"
    assert spec_of(plain) is registered_steps()["t_plain"]
    with pytest.raises(TypeError, match="no step"):
        spec_of(other)


def test_types_and_handlers_are_registered_together() -> None:
    catalog, table = StepCatalog(checker=JsonSchemaChecker()), HandlerTable()
    register_steps(catalog, table, {"t_typed": spec_of(typed), "t_split": spec_of(t_split)})
    assert catalog.has_type("t_typed")
    assert table.get("t_typed").is_async
    assert not table.get("t_split").is_async
    assert catalog.validate_config("t_typed", {"factor": 1.5})
    assert catalog.validate_config("t_typed", {"factor": "=input.f", "x-note": 1})
    assert not catalog.validate_config("t_typed", {"factor": "1"})
    assert not catalog.validate_config("t_typed", {"factor": 1, "facto": 2})


def test_effect_and_time_limit_of_a_type_are_written_into_the_segment() -> None:
    @step("t_pay", effect="once", timeout_s=9, retry={"max_attempts": 2})
    def pay(input: Any) -> Any:
        return input

    inner = {"steps": [{"step_id": "c", "step_type": "t_pay"}], "edges": []}
    segment = SegmentDefinition.from_dict(
        {
            "worktrail": 1,
            "segment_id": "s",
            "steps": [
                {"step_id": "a", "step_type": "t_pay"},
                {"step_id": "b", "step_type": "t_pay", "policy": {"effect": "repeatable", "timeout_s": 1}},
                {"step_id": "m", "step_type": "map", "config": {"body": inner}},
                {"step_id": "p", "step_type": "t_plain"},
            ],
        }
    )
    made = with_step_defaults(segment, {"t_pay": spec_of(pay)})
    a, b, m, p = made.steps
    assert (a.policy.effect, a.policy.timeout_s) == ("once", 9)
    assert a.policy.retry is not None
    assert a.policy.retry.max_attempts == 2
    assert (b.policy.effect, b.policy.timeout_s) == ("repeatable", 1)
    assert m.config["body"]["steps"][0]["policy"]["effect"] == "once"
    assert p == segment.steps[3]
    assert made.hash != segment.hash
    assert with_step_defaults(segment, {"t_plain": spec_of(plain)}) is segment
