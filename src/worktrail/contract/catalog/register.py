"""The catalogue of step types.

Rule: a type id means one thing. Registering it again with the same content is nothing, with other content an error unless
``replace=True``. The shared instance is a convenience of one process; whoever needs types of their own (a tenant, a test)
takes a ``copy()``.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from worktrail.contract.catalog.builtins import BUILTIN_TYPES
from worktrail.contract.catalog.configs import check_config
from worktrail.contract.catalog.metadata import StepCategory, StepTypeMetadata
from worktrail.contract.models import is_id
from worktrail.contract.problems import CanvasError, Problem, SchemaChecker, StepTypeNotFoundError, errors_of, problem

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["StepCatalog"]


class StepCatalog:
    """Step types by id, in the order they were registered.

    ``checker`` checks configs against their schemas; without one a config is only looked at where the lock depends on it,
    and each look answers one warning ``CONFIG_UNCHECKED``.
    """

    _shared: StepCatalog | None = None

    def __init__(self, types: Iterable[StepTypeMetadata] = BUILTIN_TYPES, *, checker: SchemaChecker | None = None) -> None:
        self._types: dict[str, StepTypeMetadata] = {each.type_id: each for each in types}
        self._handlers: dict[str, Any] = {}
        self.checker = checker

    @classmethod
    def get_instance(cls) -> StepCatalog:
        """The shared catalogue of this process."""
        if cls._shared is None:
            cls._shared = cls()
        return cls._shared

    instance = get_instance

    @classmethod
    def reset_instance(cls) -> None:
        """Drops the shared catalogue; the next call of `get_instance` makes a fresh one with the built-in types."""
        cls._shared = None

    def copy(self) -> StepCatalog:
        """A catalogue of one's own with the same types and checker."""
        made = StepCatalog(self._types.values(), checker=self.checker)
        made._handlers.update(self._handlers)
        return made

    def list_types(self, category: StepCategory | str | None = None) -> list[StepTypeMetadata]:
        """All types, or those of one category."""
        if category is None:
            return list(self._types.values())
        wanted = StepCategory(category)
        return [each for each in self._types.values() if each.category is wanted]

    list_all = list_types
    list_by_category = list_types

    def has_type(self, type_id: str) -> bool:
        """Whether a type of this id is registered."""
        return type_id in self._types

    def get(self, type_id: str) -> StepTypeMetadata | None:
        """The type, or None."""
        return self._types.get(type_id)

    def get_type(self, type_id: str) -> StepTypeMetadata:
        """The type; StepTypeNotFoundError, naming the nearest one, if there is none."""
        found = self._types.get(type_id)
        if found is None:
            raise StepTypeNotFoundError(type_id, self.nearest(type_id))
        return found

    def nearest(self, type_id: str) -> str:
        """The registered id that looks most like `type_id`, or an empty text."""
        close = difflib.get_close_matches(type_id, list(self._types), n=1, cutoff=0.5)
        return close[0] if close else ""

    def register_type(self, metadata: StepTypeMetadata, *, replace: bool = False) -> None:
        """Adds a type. CanvasError STEP_TYPE_EXISTS if the id means something else already; STEP_TYPE_INVALID otherwise."""
        if not is_id(metadata.type_id):
            raise CanvasError("STEP_TYPE_INVALID", f"the step type id {metadata.type_id!r} is not an id")
        if self.checker is not None and (wrong := self.checker.schema_problems(metadata.config_schema)):
            message = f"the config schema of step type {metadata.type_id!r} is no JSON Schema: {wrong[0].message}"
            raise CanvasError("STEP_TYPE_INVALID", message, pointer="/config_schema" + wrong[0].pointer)
        known = self._types.get(metadata.type_id)
        if known is not None and known != metadata and not replace:
            raise CanvasError("STEP_TYPE_EXISTS", f"a step type {metadata.type_id!r} with other content is registered already")
        self._types[metadata.type_id] = metadata

    def register(self, metadata: StepTypeMetadata, handler: Any = None, *, replace: bool = False) -> None:
        """Adds a type together with its handler, which the catalogue keeps and never calls."""
        self.register_type(metadata, replace=replace)
        if handler is not None:
            self._handlers[metadata.type_id] = handler

    def get_handler(self, type_id: str) -> Any:
        """The handler registered with the type, or None."""
        return self._handlers.get(type_id)

    def config_problems(self, type_id: str, config: Any) -> list[Problem]:
        """What is wrong with a config, with pointers into it."""
        found = self._types.get(type_id)
        if found is None:
            near = self.nearest(type_id)
            hint = f"Did you mean {near!r}?" if near else ""
            return [problem("TYPE_UNKNOWN", "", f"no step type {type_id!r} is registered", hint=hint, nearest=near)]
        return check_config(found, config, self.checker)

    def validate_config(self, type_id: str, config: Any) -> bool:
        """Whether the config may be used for this type; False too where the type is not known."""
        return not errors_of(self.config_problems(type_id, config))

    def validate_step_config(self, type_id: str, config: Any) -> list[str]:
        """The errors of a config as sentences; empty if there are none."""
        return [f"{each.pointer or '/'}: {each.message}" for each in errors_of(self.config_problems(type_id, config))]

    def export_for_ui(self) -> dict[str, Any]:
        """The palette as JSON: ``{version, categories, types}``."""
        return {
            "version": "1.0",
            "categories": [category.value for category in StepCategory],
            "types": {each.type_id: each.to_dict() for each in self._types.values()},
        }

    export_catalog = export_for_ui
