"""The parts of a client: one class a subject, written once for both clients.

Rule: a method only says its call; ``send`` carries it out. In ``Client`` it answers the value, in ``AsyncClient`` an awaitable of
it. Values are the documents of the API (docs/api.md) as plain dictionaries. Filters are those of the query parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from worktrail.client.calls import Call

__all__ = ["Batches", "Happening", "Incidents", "Keys", "Runs", "Segments", "Tasks", "Views", "Visits"]

Send = Callable[[Call], Any]


class _Part:
    def __init__(self, send: Send) -> None:
        self._send = send

    def _get(self, path: str, *, query: Mapping[str, Any] | None = None, raw: bool = False, **names: str) -> Any:
        return self._send(Call(method="GET", path=path, names=names, query=query or {}, raw=raw))

    def _post(self, path: str, body: Any, *, query: Mapping[str, Any] | None = None, **names: str) -> Any:
        return self._send(Call(method="POST", path=path, names=names, query=query or {}, body=body))


class Runs(_Part):
    """``client.runs``."""

    def start(
        self,
        segment_id: str,
        input_data: Any = None,
        *,
        idempotency_key: str | None = None,
        **more: Any,
    ) -> Any:
        """``{run_id, status}``. ``more``: version, parameters, business_key, labels, workspace_id, instance_id, run_id,
        timeout_seconds. The same call under the same key starts one run."""
        headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
        body = {"segment_id": segment_id, "input": input_data, **more}
        return self._send(Call(method="POST", path="/api/v1/runs", body=body, headers=headers))

    def list(self, **query: Any) -> Any:
        """``{runs, next}``; the page after it: ``cursor=next``."""
        return self._get("/api/v1/runs", query=query)

    def counts(self, **query: Any) -> Any:
        """``{total, by_status, by_wait, position}``."""
        return self._get("/api/v1/runs/counts", query=query)

    def show(self, run_id: str) -> Any:
        return self._get("/api/v1/runs/{run_id}", run_id=run_id)

    def outputs(self, run_id: str) -> Any:
        """Uncut. CallerError NOT_FOUND while there are none."""
        return self._get("/api/v1/runs/{run_id}/outputs", run_id=run_id)

    def trail(self, run_id: str, **query: Any) -> Any:
        """``{events, next, …}``; the page after it: ``after=next``."""
        return self._get("/api/v1/runs/{run_id}/trail", query=query, run_id=run_id)

    def trail_lines(self, run_id: str) -> Any:
        """The whole trail as bytes: one JSON object a line, every key of every event."""
        return self._get("/api/v1/runs/{run_id}/trail", query={"format": "jsonl"}, raw=True, run_id=run_id)

    def graph(self, run_id: str) -> Any:
        return self._get("/api/v1/runs/{run_id}/graph", run_id=run_id)

    def cancel(self, run_id: str, *, reason: str | None = None) -> Any:
        return self._post("/api/v1/runs/{run_id}/cancel", {"reason": reason}, run_id=run_id)

    def pause(self, run_id: str, *, reason: str | None = None) -> Any:
        return self._post("/api/v1/runs/{run_id}/pause", {"reason": reason}, run_id=run_id)

    def resume(self, run_id: str, *, reason: str | None = None) -> Any:
        return self._post("/api/v1/runs/{run_id}/resume", {"reason": reason}, run_id=run_id)

    def preview(self, action: str, *, run_ids: Sequence[str] | None = None, query: str | None = None) -> Any:
        """What an action on many would touch."""
        body = {"action": action, "run_ids": run_ids, "query": query}
        return self._post("/api/v1/runs/bulk/preview", body)

    def change_many(
        self, action: str, *, run_ids: Sequence[str] | None = None, query: str | None = None, reason: str | None = None
    ) -> Any:
        """Cancel, pause or resume many: one answer a run."""
        body = {"action": action, "run_ids": run_ids, "query": query, "reason": reason, "dry_run": False}
        return self._post("/api/v1/runs/bulk", body)


class Visits(_Part):
    """``client.visits``: inside a run."""

    def state(self, run_id: str, *, seq: int | None = None) -> Any:
        return self._get("/api/v1/runs/{run_id}/state", query={"seq": seq}, run_id=run_id)

    def show(self, run_id: str, visit: str, *, seq: int | None = None) -> Any:
        return self._get("/api/v1/runs/{run_id}/visit", query={"visit": visit, "seq": seq}, run_id=run_id)

    def retry(self, run_id: str, visit: str, *, reason: str | None = None) -> Any:
        """CallerError VISIT_NOT_RETRYABLE says why not."""
        return self._post("/api/v1/runs/{run_id}/retry", {"reason": reason}, query={"visit": visit}, run_id=run_id)

    def value(self, run_id: str, *, visit: str | None = None, part: str = "outputs", pointer: str = "") -> Any:
        """A value, uncut, by its place."""
        query = {"visit": visit, "part": part, "pointer": pointer or None}
        return self._get("/api/v1/runs/{run_id}/value", query=query, run_id=run_id)

    def blob(self, run_id: str, address: str) -> Any:
        return self._get("/api/v1/runs/{run_id}/blobs/{address}", raw=True, run_id=run_id, address=address)


class Incidents(_Part):
    """``client.incidents``."""

    def list(self, **query: Any) -> Any:
        return self._get("/api/v1/incidents", query=query)

    def show(self, run_id: str, incident: str) -> Any:
        return self._get("/api/v1/runs/{run_id}/incidents/{incident}", run_id=run_id, incident=incident)

    def resolve(self, run_id: str, incident: str, action: str, **more: Any) -> Any:
        """``more``: outputs, edge, reason."""
        path = "/api/v1/runs/{run_id}/incidents/{incident}/resolve"
        return self._post(path, {"action": action, **more}, run_id=run_id, incident=incident)


class Tasks(_Part):
    """``client.tasks``."""

    def list(self, **query: Any) -> Any:
        return self._get("/api/v1/tasks", query=query)

    def show(self, task_id: str) -> Any:
        return self._get("/api/v1/tasks/{task_id}", task_id=task_id)

    def decide(self, task_id: str, outcome: str, *, expected_version: int, **more: Any) -> Any:
        """``more``: option, input, changes, comment, reason."""
        body = {"outcome": outcome, "expected_version": expected_version, **more}
        return self._post("/api/v1/tasks/{task_id}/decide", body, task_id=task_id)


class Segments(_Part):
    """``client.segments``."""

    def list(self, **query: Any) -> Any:
        return self._get("/api/v1/segments", query=query)

    def show(self, segment_id: str, *, version: str | None = None) -> Any:
        return self._get("/api/v1/segments/{segment_id}", query={"version": version}, segment_id=segment_id)

    def validate(self, definition: Mapping[str, Any]) -> Any:
        return self._post("/api/v1/segments/validate", {"definition": definition})

    def publish(self, segment_id: str, definition: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """``definition`` null: the project's own. ``more``: version, notes."""
        body = {"definition": definition, **more}
        return self._post("/api/v1/segments/{segment_id}/versions", body, segment_id=segment_id)

    def catalog(self) -> Any:
        return self._get("/api/v1/catalog")


class Batches(_Part):
    """``client.batches``."""

    def start(self, segment_id: str, content: bytes, **query: Any) -> Any:
        """One run for each row of ``content``. ``query``: version, format, file_name, business_key, workspace_id, dry_run."""
        told = {"segment_id": segment_id, **query}
        return self._send(Call(method="POST", path="/api/v1/batches", query=told, content=content))

    def list(self) -> Any:
        return self._get("/api/v1/batches")

    def show(self, batch_id: str) -> Any:
        return self._get("/api/v1/batches/{batch_id}", batch_id=batch_id)


class Happening(_Part):
    """``client.happening``: what happened, what needs somebody, who is here. Streams: ``client.stream``."""

    def activity(self, **query: Any) -> Any:
        return self._get("/api/v1/activity", query=query)

    def attention(self) -> Any:
        return self._get("/api/v1/attention")

    def throughput(self, **query: Any) -> Any:
        return self._get("/api/v1/throughput", query=query)

    def feed(self, **query: Any) -> Any:
        return self._get("/realtime/feed", query=query)

    def presence(self) -> Any:
        return self._get("/realtime/presence")

    def join(self, **body: Any) -> Any:
        return self._post("/realtime/presence/join", body)

    def heartbeat(self, **body: Any) -> Any:
        return self._post("/realtime/presence/heartbeat", body)

    def leave(self, **body: Any) -> Any:
        return self._post("/realtime/presence/leave", body)


class Views(_Part):
    """``client.views``."""

    def list(self, *, page: str | None = None) -> Any:
        return self._get("/api/v1/views", query={"page": page})

    def create(self, **body: Any) -> Any:
        """``body``: page, name, query, shared."""
        return self._post("/api/v1/views", body)

    def replace(self, view_id: str, **body: Any) -> Any:
        return self._send(Call(method="PUT", path="/api/v1/views/{view_id}", names={"view_id": view_id}, body=body))

    def delete(self, view_id: str) -> Any:
        return self._send(Call(method="DELETE", path="/api/v1/views/{view_id}", names={"view_id": view_id}))


class Keys(_Part):
    """``client.keys``."""

    def list(self) -> Any:
        return self._get("/api/v1/keys")

    def create(self, name: str, permissions: Sequence[str], **more: Any) -> Any:
        """With its ``secret``. ``more``: workspaces, expires_in_s."""
        return self._post("/api/v1/keys", {"name": name, "permissions": list(permissions), **more})

    def revoke(self, key_id: str) -> Any:
        return self._send(Call(method="DELETE", path="/api/v1/keys/{key_id}", names={"key_id": key_id}))
