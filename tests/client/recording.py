"""A client that sends nothing: it remembers the calls it was asked for."""

from __future__ import annotations

import inspect
from typing import Any

from worktrail.client import Call, Client
from worktrail.client import parts as all_parts


class Recorder(Client):
    """``call_everything`` calls every method of every part with some text for each argument."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        super().__init__("http://127.0.0.1:1")

    def send(self, call: Call) -> Any:
        self.calls.append(call)

    def call_everything(self) -> None:
        for name in ("me", "health", "metrics"):
            getattr(self, name)()
        kinds = tuple(getattr(all_parts, name) for name in all_parts.__all__)
        for part in vars(self).values():
            if isinstance(part, kinds):
                for name, method in inspect.getmembers(part, inspect.ismethod):
                    if not name.startswith("_"):
                        method(**self._arguments(method))

    def _arguments(self, method: Any) -> dict[str, Any]:
        needed = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]
        return {one.name: "x" for one in needed if one.kind is not one.VAR_KEYWORD}
