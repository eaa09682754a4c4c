"""The oracle against cases worked out by hand from the text of the rules, one group for each rule."""

from __future__ import annotations

import pytest

from tests.law.drawing import draw, ends, join, port, run, states, step, switch
from tests.law.oracle import interpret

BROKEN = "value.missing.key > 1"
TWO = ["a b", join("j", "any")]
SKIP, FINISH = {"on_error": "skip"}, {"on_failure": "finish_rest"}


# --- R1, how edges end ---


def test_r1_an_edge_into_a_decided_step_is_late() -> None:
    out = run(draw(TWO, "a -> j, b -> j"), {"b": 2}, "b a")
    assert (ends(out), out.counted, out.result) == ("LD", {"j": [1]}, {"output": {"b": 2}})


def test_r1_the_edges_of_one_completion_end_together() -> None:
    out = run(
        draw([step("a", outputs=["left", "right"]), join("j", "any")], "a.left -> j, a.right -> j"),
        {"a": {"left": 1, "right": 2}},
    )
    assert (ends(out), out.counted, out.result) == ("DD", {"j": [0, 1]}, {"output": {"a.left": 1, "a.right": 2}})


def test_r1_steps_are_decided_in_document_order() -> None:
    seen: list[list[str]] = []

    def choose(running: list[str]) -> int:
        seen.append(list(running))
        return 0

    interpret(draw(["c b a"]), lambda *_: ("deliver", {"output": 1}), choose)
    assert seen[0] == ["c", "b", "a"]


# --- R2, start or skip ---


def test_r2_a_step_waits_for_all_its_edges_and_starts_with_one_delivered() -> None:
    out = run(draw([*"ab", step("c", inputs=["x", "y"])], "a -> c.x, b -> c.y ? false"), {}, "b a")
    assert (states(out), ends(out)) == ("a:completed b:completed c:completed", "DF")


def test_r2_without_a_delivered_edge_it_is_skipped_and_so_is_what_follows() -> None:
    out = run(draw(["a b c"], "a -> b ? false, b -> c"))
    assert (states(out), ends(out), out.error) == ("a:completed b:skipped c:skipped", "FX", "NO_RESULT")


@pytest.mark.parametrize(("keys", "state"), [({}, "skipped"), ({"default": 7}, "completed")])
def test_r2_a_required_port_needs_an_edge_or_a_default(keys: dict[str, int], state: str) -> None:
    both = [port("x", required=True, **keys), port("y", required=False)]
    out = run(draw(["a b", step("c", inputs=both)], "a -> c.x ? false, b -> c.y", policy={"allow_empty": True}))
    assert out.states["c"] == state


def test_r2_a_required_port_that_the_input_does_not_fill_refuses_the_run() -> None:
    segment = draw([step("a", inputs=[port("x", required=True)])])
    assert run(segment, run_input={"y": 1}).error == "INPUT_INVALID"
    assert run(segment, run_input={"x": 1}).status == "completed"


def test_r2_skip_is_checked_before_port_conflict() -> None:
    target = step("d", inputs=[port("x", required=True), port("y", required=False)])
    out = run(draw(["a b c", target], "a -> d.x ? false, b -> d.y, c -> d.y", policy={"allow_empty": True}))
    assert (out.states["d"], out.status) == ("skipped", "completed")


# --- R3, many, and conflicts ---


def test_r3_a_many_port_gets_a_list_in_edge_order() -> None:
    seen = []
    segment = draw(["a b c", step("d", inputs=[port("all", many=True), port("rest", many=True), port("one")])])
    segment |= draw([], "a -> d.all, b -> d.all, c -> d.rest ? false, c -> d.one") | {"steps": segment["steps"]}

    def answers(visit: str, attempt: int, inputs: dict[str, object]) -> tuple[object, ...]:
        seen.append((visit, inputs))
        return ("deliver", {"output": visit})

    interpret(segment, answers, lambda running: len(running) - 1)
    assert seen[-1] == ("d", {"all": ["a", "b"], "rest": [], "one": "c"})


def test_r3_two_deliveries_at_one_port_fail_the_visit_without_an_attempt() -> None:
    out = run(draw(["a b", step("c", policy=SKIP)], "a -> c, b -> c"))
    assert (states(out), out.status, out.error) == ("a:completed b:completed c:failed", "failed", "PORT_CONFLICT")


def test_r3_error_edges_take_a_conflict() -> None:
    out = run(draw(["a b c h"], "a -> c, b -> c, c.error -> h"))
    assert (out.states["h"], ends(out), out.status) == ("completed", "DDD", "completed")


# --- R4, edges of visits that did not complete ---


def test_r4_a_failed_visit_delivers_its_error_edges_alone() -> None:
    out = run(draw(["a b h"], "a -> b, a.error -> h"), {"a": "X"})
    assert (states(out), ends(out), out.result) == ("a:failed b:skipped h:completed", "XD", {"h": {"output": 1}})


def test_r4_error_edges_obey_their_condition() -> None:
    out = run(draw(["a b h"], "a -> b, a.error -> h ? false", policy=FINISH), {"a": "X"})
    assert (ends(out), out.error, out.states["h"]) == ("XF", "X", "skipped")


def test_r4_all_edges_of_a_skipped_visit_are_dead() -> None:
    out = run(draw(["a b c h"], "a -> b ? false, b -> c, b.error -> h", policy={"allow_empty": True}))
    assert (ends(out), out.result) == ("FXX", {})


# --- R5, what an answer may be ---


@pytest.mark.parametrize("answer", [{}, {"nowhere": 1}, {"output": 1, "error": 1}])
def test_r5_no_port_or_an_unknown_one_is_invalid_and_retried(answer: dict[str, int]) -> None:
    assert run(draw(["a"]), {"a": answer}).error == "ANSWER_INVALID"
    assert run(draw([step("a", policy={"retry": {"max_attempts": 2}})]), {"a": (answer, 5)}).result == {"output": 5}


def test_r5_a_declared_port_left_out_is_dead() -> None:
    out = run(draw([step("a", outputs=["x", "y"]), "b c"], "a.x -> b, a.y -> c"), {"a": {"x": 1}})
    assert (ends(out), states(out)) == ("DX", "a:completed b:completed c:skipped")


def test_r5_a_silent_type_may_answer_with_nothing() -> None:
    assert run(draw([step("a", "silent_work")]), {"a": {}}).result == {}


def test_r5_only_what_may_be_retried_is_tried_again() -> None:
    retry = {"retry": {"max_attempts": 3}}
    assert run(draw([step("a", policy=retry)]), {"a": ("~X", "~X", 3)}).result == {"output": 3}
    assert run(draw([step("a", policy=retry)]), {"a": ("~X", "Y", 3)}).error == "Y"
    assert run(draw(["a"], policy={"max_retries": 1}), {"a": ("~X", 3)}).result == {"output": 3}
    assert run(draw([step("a", policy={"effect": "once"})], policy={"max_retries": 1}), {"a": ("~X", 3)}).error == "X"


# --- R6, outcomes ---


@pytest.mark.parametrize(
    ("edges", "letters", "error"),
    [
        ("s.low -> a", "X", "UNHANDLED_OUTCOME"),
        ("s.low -> a, s.default -> b ? false", "XF", "UNHANDLED_OUTCOME"),
        ("s.low -> a, s.default -> b ? false, s.default -> a", "XFD", None),
        (f"s.low -> a, s.default -> b ? {BROKEN}", "XE", "CONDITION_ERROR"),
    ],
)
def test_r6_an_outcome_needs_an_edge_that_takes_it(edges: str, letters: str, error: str | None) -> None:
    out = run(draw([switch("s", low="< 1"), "a b"], edges, policy=FINISH))
    assert (ends(out), out.error) == (letters, error)
    assert out.states["s"] == ("failed" if error == "UNHANDLED_OUTCOME" else "completed")


def test_r6_an_unhandled_outcome_goes_to_error_edges_but_not_to_on_error() -> None:
    out = run(draw([switch("s", low="< 1"), "a h"], "s.low -> a, s.error -> h"))
    assert (ends(out), out.status, out.states["s"]) == ("XD", "completed", "failed")
    assert run(draw([switch("s", low="< 1") | {"policy": SKIP}, "a"], "s.low -> a")).error == "UNHANDLED_OUTCOME"


@pytest.mark.parametrize(("outputs", "result"), [({}, {"default": 1}), ({"o": "s.default"}, {"o": 1}), ({"o": "s.low"}, None)])
def test_r6_an_outcome_may_be_the_runs_result(outputs: dict[str, str], result: object) -> None:
    out = run(draw([switch("s", low="< 1")], **({"outputs": outputs} if outputs else {})))
    assert (out.result, out.error) == (result, None if result else "UNHANDLED_OUTCOME")


def test_r6_with_an_edge_at_another_port_the_result_does_not_tell_it() -> None:
    assert run(draw([switch("s", low="< 1"), "a"], "s.low -> a", outputs={"o": "s.default"})).error == "UNHANDLED_OUTCOME"


def test_r6_a_late_edge_takes_an_outcome() -> None:
    out = run(draw(["b a", switch("s", low="< 1"), join("j", "any")], "b -> j, a -> s, s.default -> j"), {}, "b a")
    assert (ends(out), out.status) == ("DDL", "completed")


# --- R7, R8, handling failures ---


def test_r7_a_late_error_edge_handles_too() -> None:
    out = run(draw(TWO, "a -> j, b.error -> j"), {"b": "X"}, "a b")
    assert (ends(out), out.status) == ("DL", "completed")


def test_r8_skip_and_continue_with() -> None:
    out = run(draw([step("a", policy=SKIP), "b c"], "a -> b"), {"a": "X"})
    assert (states(out), out.errors, out.result) == ("a:skipped b:skipped c:completed", {"a": "X"}, {"c": {"output": 1}})
    out = run(draw([step("a", policy={"on_error": {"continue_with": 9}})]), {"a": "X"})
    assert (out.states, out.errors, out.result) == ({"a": "completed"}, {"a": "X"}, {"output": 9})
    two = step("a", outputs=["x", "y"], policy={"on_error": {"continue_with": {"y": 3}}})
    assert run(draw([two]), {"a": "X"}).outputs == {"a": {"y": 3}}


def test_r8_fallback_is_an_error_edge_after_the_written_ones() -> None:
    out = run(draw([step("a", policy={"on_error": {"fallback_step": "h"}}), "b h"], "a -> b, b -> h"), {"a": "X"})
    assert (ends(out), states(out), out.status) == ("XXD", "a:failed b:skipped h:completed", "completed")


def test_r8_applies_after_the_last_retry_and_to_expressions_and_bodies() -> None:
    out = run(draw([step("a", policy=SKIP | {"retry": {"max_attempts": 2}}), "b"]), {"a": ("~X", 4)})
    assert out.outputs["a"] == {"output": 4}
    condition = step("c", "condition", config={"expression": "input.missing.key > 1"}, policy=SKIP)
    assert run(draw([condition, "b"])).states["c"] == "skipped"
    loop = step("l", "loop", config={"body": draw(["x"]), "until": "true", "max": 1}, policy=SKIP)
    assert run(draw([loop, "b"]), {"l#1/x": "X"}).states["l"] == "skipped"


# --- R9, joins ---


@pytest.mark.parametrize(
    ("mode", "keys", "conditions", "state", "answer"),
    [
        ("all", {}, "TTT", "completed", {"output": {"a": 1, "b": 2, "c": 3}}),
        ("all", {}, "TFT", "completed", {"unmet": [1, 3]}),
        ("all", {}, "FFF", "completed", {"unmet": []}),
        ("all_live", {}, "FTT", "completed", {"output": {"b": 2, "c": 3}}),
        ("all_live", {}, "FFF", "skipped", None),
        ("any", {"merge": "first"}, "FTF", "completed", {"output": 2}),
        ("any", {}, "FFF", "completed", {"unmet": []}),
        ("n_of_m", {"n": 2, "merge": "list"}, "TFT", "completed", {"output": [1, 3]}),
        ("n_of_m", {"n": 2}, "FFT", "completed", {"unmet": [3]}),
        ("n_of_m", {"n": 2}, "FFF", "completed", {"unmet": []}),
    ],
)
def test_r9_when_joins_fire(mode: str, keys: dict[str, object], conditions: str, state: str, answer: object) -> None:
    """The three entries have no common dominator, so the join is entered by the run itself."""
    edges = [f"{name} -> j ? {'true' if fate == 'T' else 'false'}" for name, fate in zip("abc", conditions, strict=True)]
    out = run(draw(["a b c", join("j", mode, **keys)], ",".join(edges), policy={"allow_empty": True}), {"b": 2, "c": 3})
    assert (out.states["j"], out.outputs.get("j")) == (state, answer)


@pytest.mark.parametrize(("merge", "value"), [("by_step", {"b": 2, "c": 3}), ("list", [2, 3]), ("first", 2)])
def test_r9_merges_count_what_was_there(merge: str, value: object) -> None:
    out = run(draw(["a b c", join("j", "n_of_m", n=2, merge=merge)], "a -> j, b -> j, c -> j"), {"b": 2, "c": 3}, "c b a")
    assert (out.result, out.counted["j"], ends(out)) == ({"output": value}, [1, 2], "LDD")


def test_r9_shallow() -> None:
    segment = draw(["a b", join("j", "all", merge="shallow"), "h"], "a -> j, b -> j, j.error -> h")
    assert run(segment, {"a": {"output": {"x": 1}}, "b": {"output": {"y": 2}}}).outputs["j"] == {"output": {"x": 1, "y": 2}}
    out = run(segment, {"a": {"output": {"x": 1}}, "b": {"output": {"x": 2}}})
    assert (out.errors["j"], out.states["h"], out.status) == ("MERGE_CONFLICT", "completed", "completed")


@pytest.mark.parametrize(("alias", "value"), [("all", [1, 2]), ("any", 1), ("first", 1)])
def test_r9_the_seeds_names(alias: str, value: object) -> None:
    segment = draw(["a b", step("j", "parallel_join", config={"join_type": alias})], "a -> j, b -> j")
    out = run(segment, {"b": 2})
    assert (out.result, ends(out)) == ({"output": value}, "DL" if alias == "any" else "DD")


@pytest.mark.parametrize(
    ("edges", "state"),
    [
        ("s -> a, s -> b, a -> j ? false, b -> j ? false", "completed"),  # s dominates and delivered towards j
        ("s -> a ? false, s -> b ? false, a -> j, b -> j", "skipped"),  # s delivered nothing
        ("s -> a ? false, s -> b ? false, s -> c, a -> j, b -> j", "skipped"),  # it delivered, but not towards j
        ("s -> a ? false, s -> b ? false, a -> j, b -> j, c -> j ? false", "completed"),  # c is an entry: the run dominates
    ],
)
def test_r9_unmet_only_if_entered(edges: str, state: str) -> None:
    out = run(draw(["s a b c", join("j", "all")], edges, policy={"allow_empty": True}))
    assert (out.states["j"], out.outputs.get("j")) == (state, {"unmet": []} if state == "completed" else None)


def test_r9_never_unmet_before_all_edges_have_ended() -> None:
    out = run(draw(["a b", join("j", "n_of_m", n=2), "c"], "a -> j ? false, b -> j, j.unmet -> c"), {}, "a b", cancel_after=1)
    assert "j" not in out.counted


# --- R10, cancelling ---


def race(rest: str, **policy: object) -> dict[str, object]:
    """s starts a and b1; b1 leads to b2; a or b2 makes j fire; e is the end."""
    steps = ["s a", step("b1", policy=policy), "b2", join("j", "any", rest=rest), "e"]
    return draw(steps, "s -> a, s -> b1, b1 -> b2, a -> j, b2 -> j, j -> e")


def test_r10_finish_lets_the_others_go_on() -> None:
    out = run(race("finish"), {}, "s a e")
    assert (states(out).count("completed"), ends(out)) == (6, "DDDDLD")


def test_r10_cancel_ends_the_region() -> None:
    out = run(race("cancel"), {}, "s a e")
    assert states(out) == "a:completed b1:cancelled b2:skipped e:completed j:completed s:completed"
    assert (ends(out), out.regions, out.status) == ("DDXDXD", {"s", "a", "b1", "b2"}, "completed")


def test_r10_once_is_awaited_and_what_it_would_start_is_cancelled() -> None:
    out = run(race("cancel", effect="once"), {}, "s a e")
    assert states(out) == "a:completed b1:completed b2:cancelled e:completed j:completed s:completed"
    assert (ends(out), out.status) == ("DDDDXD", "completed")


def test_r10_the_awaited_answer_counts_in_full_without_retry() -> None:
    out = run(race("cancel", effect="once", retry={"max_attempts": 3}), {"b1": ("~X", 1)}, "s a e")
    assert (out.states["b1"], out.status, out.error) == ("failed", "failed", "X")


def test_r10_ends_error_edges_and_named_steps_bound_the_region() -> None:
    steps = ["a b c d h e", join("j", "any", rest="cancel")]
    segment = draw(steps, "a -> j, b -> j, b.error -> h, c -> j, c -> d, j -> e", outputs={"o": "e.output"})
    assert run(segment, {}, "a").regions == {"a", "b"}
    assert run(segment | {"outputs": {"o": "e.output", "p": "b.output"}}, {}, "a").regions == {"a"}


def test_r10_a_cancelled_container_takes_its_inside_along() -> None:
    body = draw(["x", step("y", policy={"effect": "once"}), "z"], "x -> z, y -> z")
    loop = step("l", "loop", config={"body": body, "until": "true", "max": 1})
    out = run(draw(["a", loop, join("j", "any", rest="cancel")], "a -> j, l -> j"), {}, "a")
    assert (out.states["l"], out.states["l#1/x"], out.states["l#1/y"]) == ("cancelled", "cancelled", "completed")
    assert (out.status, ends(out)) == ("completed", "DX")


def test_r10_a_cancelled_run_waits_for_once() -> None:
    segment = draw(["a", step("b", policy={"effect": "once"}), "c"], "b -> c")
    out = run(segment, {"b": "X"}, "a", cancel_after=0)
    assert (out.status, out.states) == ("cancelled", {"a": "cancelled", "b": "failed"})
    out = run(segment, {}, "a", cancel_after=1)
    assert (out.status, states(out)) == ("cancelled", "a:completed b:completed c:cancelled")
    assert run(segment, {}, "a", cancel_after=9).status == "completed"


# --- R11, failures nobody handles ---


def test_r11_cancel_rest_stops_the_scope_and_finish_rest_does_not() -> None:
    edges = "a -> x, b -> y"
    out = run(draw(["a b x y"], edges), {"a": "X"}, "a")
    assert (states(out), out.status, out.error, ends(out)) == ("a:failed b:cancelled", "failed", "X", "XX")
    out = run(draw(["a b x y"], edges, policy=FINISH), {"a": "X"}, "a")
    assert (states(out), out.status) == ("a:failed b:completed x:skipped y:completed", "failed")


def test_r11_the_first_failure_is_the_runs_and_the_others_are_counted() -> None:
    out = run(draw(["a b c"], policy=FINISH), {"a": "X", "b": "Y"}, "b a c")
    assert (out.error, out.failures) == ("Y", ["Y", "X"])


@pytest.mark.parametrize(("own", "state"), [({}, "completed"), ({"on_failure": "cancel_rest"}, "cancelled")])
def test_r11_bodies_inherit_on_failure_unless_set(own: dict[str, str], state: str) -> None:
    body = draw(["x y"], policy=own)
    out = run(draw([step("l", "loop", config={"body": body, "until": "true", "max": 1})], policy=FINISH), {"l#1/x": "X"})
    assert (out.states["l#1/y"], out.states["l"], out.error) == (state, "failed", "ITEM_FAILED")


def test_r11_one_failure_may_cause_a_second_at_an_all_join() -> None:
    out = run(draw(["s a b", join("j", "all"), "e"], "s -> a, s -> b, a -> j, b -> j, j -> e", policy=FINISH), {"a": "X"})
    assert out.failures == ["X", "UNHANDLED_OUTCOME"]


# --- R12, conditions ---


@pytest.mark.parametrize("condition", [BROKEN, "value"])
def test_r12_an_error_makes_only_its_edge_dead_and_is_unhandled(condition: str) -> None:
    out = run(draw(["a b c h"], f"a -> b ? {condition}, a -> c ? value = 1, a.error -> h", policy=FINISH))
    assert (ends(out), out.states["a"], out.failures) == ("EDX", "completed", ["CONDITION_ERROR"])
    assert (out.states["c"], out.states["h"]) == ("completed", "skipped")


def test_r12_late_edges_are_evaluated_too() -> None:
    out = run(draw(TWO, f"a -> j, b -> j ? {BROKEN}"), {}, "a b")
    assert (ends(out), out.status, out.error) == ("DE", "failed", "CONDITION_ERROR")


def test_r12_on_error_does_not_apply() -> None:
    assert run(draw([step("a", policy=SKIP), "b"], f"a -> b ? {BROKEN}")).error == "CONDITION_ERROR"


def test_r12_an_error_edge_with_a_broken_condition_handles_nothing() -> None:
    out = run(draw(["a h"], f"a.error -> h ? {BROKEN}", policy=FINISH), {"a": "X"})
    assert (ends(out), out.failures) == ("E", ["X", "CONDITION_ERROR"])


# --- R13, results ---


def test_r13_one_end_step_gives_its_object_and_several_are_named() -> None:
    assert run(draw(["a b"], "a -> b"), {"b": 2}).result == {"output": 2}
    assert run(draw(["a b"]), {"b": 2}).result == {"a": {"output": 1}, "b": {"output": 2}}


def test_r13_several_is_a_matter_of_the_graph() -> None:
    assert run(draw(["s a b"], "s -> a, s -> b ? false"), {"a": 2}).result == {"a": {"output": 2}}


def test_r13_the_object_has_the_ports_without_an_edge() -> None:
    out = run(draw(["a b h", join("j", "all")], "a -> j, b -> j ? false, j.unmet -> h"))
    assert (out.outputs["j"], out.result) == ({"unmet": [1]}, {"h": {"output": 1}})


def test_r13_the_outputs_map_and_what_was_not_delivered() -> None:
    segment = draw(["a b c"], "a -> b, a -> c ? false", outputs={"x": "a.output", "y": "c.output"})
    assert run(segment).result == {"x": 1}
    nothing = draw(["a b c"], "a -> b, a -> c ? false", outputs={"y": "c.output"})
    assert run(nothing).error == "NO_RESULT"
    assert run(nothing | {"policy": {"allow_empty": True}}).result == {}


def test_r13_a_silent_end_counts_only_if_it_completed() -> None:
    segment = draw(["a", step("b", "silent_work"), "c"], "a -> b ? value > 1, a -> c ? false")
    assert run(segment, {"b": {}}).error == "NO_RESULT"
    assert run(segment, {"a": 2, "b": {}}).result == {"b": {}}


# Containers


def mapped(body: dict[str, object], **config: object) -> dict[str, object]:
    """A step that delivers [10, 20, 30], and a map over it."""
    return draw(["a", step("m", "map", config={"items": "=input", "body": body, **config})], "a -> m")


LIST = {"a": {"output": [10, 20, 30]}}


def test_map_keeps_item_order_and_numbers_from_one() -> None:
    answers = LIST | {f"m#{k}/x": k for k in (1, 2, 3)}
    out = run(mapped(draw(["x"])), answers, "a m#3/x m#2/x m#1/x")
    assert out.result == {"results": [{"output": 1}, {"output": 2}, {"output": 3}]}


def test_map_starts_no_more_than_its_concurrency() -> None:
    out = run(mapped(draw(["x"]), concurrency=2), LIST, "a m#3/x m#2/x m#1/x", cancel_after=1)
    assert states(out) == "a:completed m:cancelled m#1/x:cancelled m#2/x:cancelled"


def test_map_fail_cancels_the_other_items_and_awaits_once() -> None:
    body = draw(["x", step("y", policy={"effect": "once"})])
    out = run(mapped(body), LIST | {"m#2/x": "X"}, "a m#2/x m#2/y")
    assert (out.status, out.error, out.states["m"]) == ("failed", "ITEM_FAILED", "failed")
    assert (out.states["m#1/x"], out.states["m#1/y"], out.states["m#3/y"]) == ("cancelled", "completed", "completed")


def test_map_collect_and_skip() -> None:
    wrong = LIST | {"m#2/x": "X"}
    collected = {"results": [{"output": 1}, None, {"output": 1}], "errors": [{"index": 2, "error": {"code": "X"}}]}
    assert run(mapped(draw(["x"]), on_item_failure="collect"), wrong).result == collected
    assert run(mapped(draw(["x"]), on_item_failure="skip"), wrong).result == {"results": [{"output": 1}, {"output": 1}]}


def test_map_of_nothing_and_of_no_list() -> None:
    assert run(mapped(draw(["x"])), {"a": {"output": []}}).result == {"results": []}
    assert run(mapped(draw(["x"])), {"a": 3}).states["m"] == "failed"


def test_map_items_without_a_result() -> None:
    body = draw(["x y"], "x -> y ? false")
    assert run(mapped(body), LIST).error == "ITEM_FAILED"
    assert run(mapped(body | {"policy": {"allow_empty": True}}), LIST).result == {"results": [{}, {}, {}]}


@pytest.mark.parametrize(
    ("until", "last", "port_id"),
    [("index >= 2", 2, "output"), ("result.output > 2", 3, "output"), ("false", 3, "exhausted"), ("true", 1, "output")],
)
def test_loop_ends_by_until_or_max(until: str, last: int, port_id: str) -> None:
    loop = step("l", "loop", config={"body": draw(["x"]), "until": until, "max": 3})
    out = run(draw([loop]), {f"l#{k}/x": k for k in (1, 2, 3)})
    assert (out.result, f"l#{last + 1}/x" in out.states) == ({port_id: {"output": last}}, False)


def test_loop_hands_each_result_to_the_next_round() -> None:
    body = draw([step("t", "transform", config={"expression": "input"})])
    out = run(draw([step("l", "loop", config={"body": body, "until": "index >= 3", "max": 3})]))
    assert out.result == {"output": {"output": {"output": {"output": 1}}}}


def test_loop_fails_by_its_round_or_by_until() -> None:
    loop = step("l", "loop", config={"body": draw(["x"]), "until": "result > 3", "max": 3})
    assert run(draw([loop]), {"l#1/x": "X"}).error == "ITEM_FAILED"
    assert run(draw([loop])).error == "EXPRESSION_ERROR"


@pytest.mark.parametrize(("value", "port_id"), [(0, "low"), (3, "mid"), (5, "mid"), (6, "high"), (2, "default")])
def test_switch_and_condition_carry_their_input(value: int, port_id: str) -> None:
    assert run(draw([switch("s", low="< 2", mid="[3..5]", high="> 4")]), run_input=value).result == {port_id: value}
    condition = step("c", "condition", config={"expression": "input > 2"})
    assert run(draw([condition]), run_input=value).result == {"true" if value > 2 else "false": value}
