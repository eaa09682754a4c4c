"""``SegmentRunner`` as most people meet it: no arguments, everything built in.

Without arguments it keeps everything in memory and knows the built-in step types; ``database`` makes the same code durable.
"""

from __future__ import annotations

from pathlib import Path

from worktrail.app.project import DEFAULT_VALUE_BYTES
from worktrail.app.schema_checker import JsonSchemaChecker
from worktrail.contract import StepCatalog
from worktrail.human import TaskDesk
from worktrail.runtime import HandlerTable, HookTable, RunnerParts, RuntimeContextManager
from worktrail.runtime import SegmentRunner as BareRunner
from worktrail.steps import handlers
from worktrail.store import Store, open_store

__all__ = ["SegmentRunner", "checked_catalog"]


def checked_catalog() -> StepCatalog:
    """The process's catalogue, with a JSON Schema checker for configs."""
    catalog = StepCatalog.get_instance()
    if catalog.checker is None:
        catalog.checker = JsonSchemaChecker()
    return catalog


class SegmentRunner(BareRunner):
    """Runs segments. ``database`` is a path (durable) or an open store; ``catalog`` the step types, by default the process's,
    with the handlers that were registered in it so far.

    ``scripted``: `llm_agent` steps whose model is not registered get the scripted provider, which says so in its answers.
    """

    def __init__(
        self,
        database: str | Path | Store | None = None,
        *,
        catalog: StepCatalog | None = None,
        resources: RuntimeContextManager | None = None,
        hooks: HookTable | None = None,
        concurrency: int = 64,
        max_value_bytes: int = DEFAULT_VALUE_BYTES,
        scripted: bool = True,
    ) -> None:
        checker = JsonSchemaChecker()
        table = HandlerTable()
        for step_type, handler in handlers(scripted=scripted).items():
            table.register(step_type, handler)
        known = catalog or checked_catalog()
        for each in known.list_types():
            if (own := known.get_handler(each.type_id)) is not None:
                table.register(each.type_id, own, replace=True)
        parts = RunnerParts(known, table, checker, TaskDesk(checker), resources, hooks)
        store = open_store(database) if isinstance(database, str | Path) else database
        super().__init__(parts, store, concurrency=concurrency, max_value_bytes=max_value_bytes)
