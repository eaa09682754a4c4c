"""Attempts: handlers in flight.

Rule: a handler is called only after its start is durable; its answer becomes a command of its run. A time limit is a
reminder on the loop; a stopped attempt is cancelled and its late answer is nobody's. A synchronous handler runs on a
bounded pool of threads. What a handler raises is a failed attempt, as data.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping
from functools import partial
from hashlib import blake2b
from inspect import CORO_CREATED, getcoroutinestate
from typing import Any

import msgspec

from worktrail.engine import (
    Complete,
    Fail,
    Interrupt,
    Names,
    Probed,
    TimeOut,
    Visit,
    evaluate_value,
    expression_error,
    failure_facts,
    render_template,
    resolved_inputs,
    verdicts_at,
)
from worktrail.errors import CallerError, WorktrailError
from worktrail.events import ErrorInfo, Ref, moment
from worktrail.runtime.context import StepContext, current_runtime
from worktrail.runtime.driver.core import Core
from worktrail.runtime.driver.live import Attempt, LiveRun
from worktrail.runtime.driver.timing.clocks import Limits
from worktrail.runtime.handlers import Fail as Failed
from worktrail.runtime.handlers import Registered, called, fail_of, invoke, shortened
from worktrail.runtime.hooks import Outcome, StepInfo
from worktrail.store import border

__all__ = ["Attempts", "idempotency_key"]

_NO_SECRETS: dict[str, str] = {}
_log = logging.getLogger("worktrail.observers")
_canonical = msgspec.json.Encoder(order="sorted").encode


def idempotency_key(run_id: str, visit: str, inputs: Mapping[str, Ref]) -> str:
    """hash(run, visit, input revision): equal over attempts and restarts."""
    revision = blake2b(_canonical(inputs), digest_size=16).hexdigest()
    return blake2b(f"{run_id}\n{visit}\n{revision}".encode(), digest_size=16).hexdigest()


class Attempts:
    """Calls handlers and brings their answers back."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._loop = asyncio.get_running_loop()
        self._limits = Limits(self._time_out)
        self._background: set[asyncio.Future[Any]] = set()
        self.in_flight = 0

    # --- begin ------------------------------------------------------------------------------------------------------

    def reserve(self, live: LiveRun, visit: Visit) -> Attempt:
        """An attempt has its slot; it is dispatched once its start is durable."""
        attempt = live.attempts[visit.id] = Attempt(live, visit.id, visit.attempt)
        self._core.stats.attempts_started += 1
        return attempt

    def dispatch(self, live: LiveRun, attempt: Attempt) -> None:
        """The start is durable: call the handler (unless the visit was stopped meanwhile)."""
        if live.attempts.get(attempt.visit) is not attempt:
            return
        border("driver.dispatch")
        visit = live.run.open[attempt.visit]
        timeout_s = self._timeout_s(live, visit)
        if timeout_s is not None:
            attempt.limit_s = timeout_s
            self._limits.add(attempt, timeout_s)
        attempt.task = self._loop.create_task(self._run(live, visit, attempt, timeout_s))
        self.in_flight += 1

    def _timeout_s(self, live: LiveRun, visit: Visit) -> float | None:
        started = live.run.started
        config = started.config if started is not None else None
        if config is not None and config.step_timeout is not None:
            return config.step_timeout
        return visit.step.policy.timeout_s

    async def _run(self, live: LiveRun, visit: Visit, attempt: Attempt, timeout_s: float | None) -> None:
        core = self._core
        row = core.handlers.get(visit.step.lock.type)
        try:
            refs = resolved_inputs(live.run, visit)
            read = live.values.read
            inputs = {port: read(ref) for port, ref in refs.items()}
            step = visit.step
            config = self._config(live, visit) if step.is_dynamic else dict(step.lock.config)
            secrets = await self._secrets(live, step.lock.config) if step.wants_secrets else _NO_SECRETS
            ctx = self._context(live, visit, attempt, refs, secrets, timeout_s)
            current_runtime.set(ctx.runtime)
            self._call(live, "on_step_start", visit.step.id, inputs)
            if core.hooks is None:
                answer = await invoke(row, ctx, config, inputs)
            else:
                answer = await self._invoke(live, visit, row, ctx, config, inputs)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                self._leave(live, attempt)
                raise
            answer = fail_of(error)  # nobody cancelled it: the handler raised this by itself
        except Exception as error:  # noqa: BLE001  of a resource or secrets provider: a failed attempt, as data
            answer = fail_of(error)
        with self._core.own_errors:
            self._answered(live, visit, attempt, answer)

    async def _invoke(
        self, live: LiveRun, visit: Visit, row: Registered, ctx: StepContext, config: dict[str, Any], inputs: dict[str, Any]
    ) -> Any:
        """The handler, between the hooks. A veto is a failed attempt that certainly was not executed."""
        hooks = self._core.hooks
        assert hooks is not None
        if not (hooks.listens("before_step") or hooks.listens("after_step")):
            return await invoke(row, ctx, config, inputs)
        lock = visit.step.lock
        info = StepInfo(
            run=live.info(),
            step_id=lock.id,
            step_type=lock.type,
            visit=visit.id,
            attempt=ctx.attempt,
            config=config,
            inputs=inputs,
        )
        await hooks.before_step(info)
        answer = await invoke(row, ctx, config, inputs)
        failed = answer.to_error() if isinstance(answer, Failed) else None
        outcome = Outcome(status="completed" if failed is None else "failed", outputs=None if failed else answer, error=failed)
        self.keep(asyncio.ensure_future(hooks.after_step(info, outcome)))
        return answer

    def _config(self, live: LiveRun, visit: Visit) -> dict[str, Any]:
        """The step's config, its expressions evaluated for this attempt (`now()` is the attempt's start)."""
        config = visit.step.lock.config
        templates = visit.step.lock.templates
        names = Names(live.run, live.values, visit.scope, visit)
        try:
            resolved = {
                key: render_template(value, names, visit.attempt_us)
                if key in templates
                else evaluate_value(value, names, visit.attempt_us)
                for key, value in config.items()
            }
        except (WorktrailError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            info = expression_error(error, f"config of '{visit.id}'")
            raise CallerError(info.error_code, info.error_message, hint=info.hint or "", details=info.details) from error
        return resolved

    async def _secrets(self, live: LiveRun, config: Mapping[str, Any]) -> dict[str, str]:
        """Only what the step declares (`secret_ref`, `secrets`), resolved before the attempt. Read from the definition, never
        from evaluated values: an input must not choose a secret."""
        declared = [*config.get("secrets", ()), *([config["secret_ref"]] if "secret_ref" in config else [])]
        computed = [name for name in declared if not isinstance(name, str) or name.startswith("=")]
        if computed:
            raise CallerError("SECRET_COMPUTED", "a secret's id must stand in the definition, it cannot be an expression")
        return {name: await live.runtime.resolve_secret(name) for name in declared}

    def _context(
        self,
        live: LiveRun,
        visit: Visit,
        attempt: Attempt,
        refs: Mapping[str, Ref],
        secrets: Mapping[str, str],
        timeout_s: float | None,
    ) -> StepContext:
        ends_us = None if timeout_s is None else visit.attempt_us + int(timeout_s * 1e6)
        ctx = StepContext(
            live.runtime,
            visit.step.id,
            step_type=visit.step.lock.type,
            visit=visit.id,
            attempt=attempt.number,
            idempotency_key=partial(idempotency_key, live.run.id, visit.id, refs),
            segment_id=live.place.segment_id,
            secrets=secrets,
            deadline=None if ends_us is None else partial(moment, ends_us),
            outputs=visit.step.lock.outs,
            emitter=live.runtime.emitter or self._core.emitter,
        )
        attempt.context = ctx
        return ctx

    # --- end --------------------------------------------------------------------------------------------------------

    def _answered(self, live: LiveRun, visit: Visit, attempt: Attempt, answer: Any) -> None:
        border("driver.answer")
        if live.attempts.get(attempt.visit) is not attempt:
            self._leave(live, attempt)
            return
        self._leave(live, attempt)
        if isinstance(answer, Failed):
            failed = self._failed(live, visit, attempt, answer.to_error())
            command: Complete | Fail = failed
        else:
            command = self._complete(live, visit, attempt, answer)
        self._take(live, command)
        name, fact = ("on_step_complete", answer) if isinstance(command, Complete) else ("on_step_error", command.error)
        if live.callbacks is not None and self._core.committer.dead is None:  # told when it is durable
            self._core.committer.plan(partial(self._call, live, name, visit.step.id, fact))
        self._core.committer.hasten()

    def _complete(self, live: LiveRun, visit: Visit, attempt: Attempt, answer: Mapping[str, Any]) -> Complete | Fail:
        """The answer as references, its schemas checked, its conditions evaluated (RULES §3)."""
        try:
            outputs = {port: live.values.write(value) for port, value in answer.items()}
            self._core.check_ports(live, visit, outputs)
        except CallerError as error:
            again = error.code != "VALUE_TOO_LARGE"
            wrong = ErrorInfo(error.code, error.message, recoverable=again, hint=error.hint, details=error.details)
            return self._failed(live, visit, attempt, wrong)
        verdicts = verdicts_at(live.run, visit, outputs, live.values) if visit.step.guarded else None
        return Complete(visit.id, attempt.number, outputs, verdicts)

    def _failed(self, live: LiveRun, visit: Visit, attempt: Attempt, error: ErrorInfo) -> Fail:
        cleaned = self._clean(attempt, error)
        return Fail(visit.id, attempt.number, cleaned, *failure_facts(live.run, visit, cleaned, live.values))

    def _clean(self, attempt: Attempt, error: ErrorInfo) -> ErrorInfo:
        """Secrets never reach an event, nor does more text than somebody reads."""
        if attempt.context is None:
            return shortened(error)
        return shortened(msgspec.structs.replace(error, **attempt.context.redact(_texts(error))))

    def _take(self, live: LiveRun, command: Any) -> None:
        core = self._core
        if core.live.get(live.run.id) is not live or core.committer.dead is not None:
            return
        try:
            core.turns.take(live, command)
        except CallerError as error:
            if error.code != "ANSWER_STALE":
                raise
        if core.ready:
            core.turns.start_waiting()

    def _leave(self, live: LiveRun, attempt: Attempt) -> None:
        """The slot is free."""
        self._end_limit(attempt)
        if attempt.task is not None:
            attempt.task = None
            self.in_flight -= 1
            self._core.free += 1
        if live.attempts.get(attempt.visit) is attempt:
            del live.attempts[attempt.visit]

    def _end_limit(self, attempt: Attempt) -> None:
        if attempt.limit_s is not None:
            self._limits.end(attempt, attempt.limit_s)
            attempt.limit_s = None

    def _time_out(self, attempt: Attempt) -> None:
        live = attempt.live
        attempt.limit_s = None
        if live.attempts.get(attempt.visit) is attempt:
            self._take(live, TimeOut(attempt.visit, attempt.number, "attempt"))

    def stop(self, live: LiveRun, visit_id: str) -> None:
        """The visit is no longer running: its handler is told and cancelled; its slot is free once it has gone."""
        attempt = live.attempts.pop(visit_id)
        if attempt.context is not None:
            attempt.context.cancel()
        self._end_limit(attempt)
        if attempt.task is None:
            self._core.free += 1  # reserved, never dispatched
        elif attempt.task is not asyncio.current_task():
            begun = getcoroutinestate(attempt.task.get_coro()) != CORO_CREATED  # type: ignore[arg-type]
            attempt.task.cancel()
            if not begun:
                self._leave(live, attempt)  # a task that is cancelled before its first step never comes to do that

    async def stop_all(self, *, grace_s: float) -> None:
        """Closing: attempts get the grace period, then are cancelled and left to the next process."""
        flying = {one.task: one for live in self._core.live.values() for one in live.attempts.values() if one.task is not None}
        if flying:
            _, late = await asyncio.wait(flying, timeout=grace_s)
            for live in self._core.live.values():
                live.attempts.clear()
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1.0)
            for task in late:
                self._park(flying[task])
        self._limits.close()
        if self._background:
            await asyncio.wait(self._background, timeout=grace_s)

    def _park(self, attempt: Attempt) -> None:
        """Says what the next process would find out: being stopped is no crash. What `once` came to is for that one to ask."""
        visit = attempt.live.run.open.get(attempt.visit)
        if visit is not None and visit.step.policy.effect == "repeatable":
            self._take(attempt.live, Interrupt(attempt.visit, attempt.number, parked=True))

    # --- probes and observers ---------------------------------------------------------------------------------------

    def probe(self, live: LiveRun, visit_id: str) -> None:
        """`effect: verify` was interrupted: ask the handler's probe whether the effect happened."""
        visit = live.run.open.get(visit_id)
        if visit is None or visit.status != "probing":
            return
        self.keep(self._loop.create_task(self._probe(live, visit)))

    async def _probe(self, live: LiveRun, visit: Visit) -> None:
        row: Registered = self._core.handlers.get(visit.step.lock.type)
        probe = getattr(row.handler, "probe", None)
        found: Any = "unknown"
        outputs: dict[str, Ref] | None = None
        if probe is not None:
            try:
                refs = resolved_inputs(live.run, visit)
                inputs = {port: live.values.read(ref) for port, ref in refs.items()}
                ctx = self._context(live, visit, Attempt(live, visit.id, visit.attempt), refs, _NO_SECRETS, None)
                found = await asyncio.to_thread(called, probe, ctx, self._config(live, visit), inputs)
                if asyncio.iscoroutine(found):
                    found = await found
                if isinstance(found, Mapping):
                    outputs = {str(port): live.values.write(value) for port, value in found.items()}
                    found = "executed"
            except Exception:  # noqa: BLE001  a probe that fails, or whose answer cannot be kept, knows nothing
                found, outputs = "unknown", None
        known = isinstance(found, str) and found in {"executed", "not_executed"}
        self._take(live, Probed(visit.id, found if known else "unknown", outputs))

    def _call(self, live: LiveRun, name: str, *facts: Any) -> None:
        """An observer; it is told, it cannot break the run."""
        if live.callbacks is None or (call := getattr(live.callbacks, name)) is None:
            return
        try:
            answer = call(*facts)
        except Exception:  # noqa: BLE001  observers never break a run
            _log.warning("%s failed; the run goes on", name, exc_info=True)
            return
        if answer is not None and (asyncio.iscoroutine(answer) or isinstance(answer, asyncio.Future)):
            self.keep(asyncio.ensure_future(_heard(name, answer)))

    def keep(self, future: asyncio.Future[Any]) -> None:
        """Something to end before the driver does."""
        self._background.add(future)
        future.add_done_callback(self._background.discard)


async def _heard(name: str, answer: Awaitable[Any]) -> None:
    try:
        await answer
    except Exception:  # noqa: BLE001  as in `_call`
        _log.warning("%s failed; the run goes on", name, exc_info=True)


def _texts(error: ErrorInfo) -> dict[str, Any]:
    """Whatever of a failure a handler may have written."""
    return {name: getattr(error, name) for name in ("error_code", "error_message", "error_type", "hint", "details")}
