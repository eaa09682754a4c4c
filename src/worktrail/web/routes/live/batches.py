"""Files of rows: taken piece by piece, and how far they are."""

from __future__ import annotations

import os
import secrets
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import anyio
import msgspec
from fastapi import Path as PathParameter
from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from worktrail.app import (
    FeedOptions,
    Who,
    batch_file_suffix,
    begin_batch,
    list_batches,
    show_batch,
    spool_of,
    try_batch,
)
from worktrail.store import BatchRow
from worktrail.web.answers import json_answer
from worktrail.web.models.live import BatchList
from worktrail.web.models.runs import BatchReport
from worktrail.web.routing import Route, in_thread, who_asks

__all__ = ["ROUTES"]

_Format = Annotated[str | None, Query(description="csv | jsonl | json; else by the file's name, else by Content-Type.")]
_Key = Annotated[str | None, Query(description="FEEL over the row.", max_length=2_000)]
_Version = Annotated[str | None, Query(description="A published version; else the newest.", max_length=500)]
_Name = Annotated[str | None, Query(description="As people call the file.", max_length=500)]
_Workspace = Annotated[str | None, Query(description="Of the runs; else `default`.", max_length=500)]
_Id = Annotated[str, PathParameter(description="The batch.")]
_Dry = Annotated[bool, Query(description="Read and check, start nothing.")]


async def post_batch(
    request: Request,
    segment_id: Annotated[str, Query(description="Of which segment a run each.", max_length=200)],
    version: _Version = None,
    format: _Format = None,  # noqa: A002  the word that callers expect
    file_name: _Name = None,
    business_key: _Key = None,
    workspace_id: _Workspace = None,
    dry_run: _Dry = False,
) -> Response:
    """One run for each row of the body (CSV, JSON lines, a JSON list), with the ids that `worktrail run` gives them: a file that
    is sent twice starts nothing twice. It is read in the background, also after a restart; its runs bear the label `batch`."""
    suffix = batch_file_suffix(format, file_name, request.headers.get("content-type", ""))
    options = FeedOptions(version=version, business_key=business_key)
    who = await in_thread(request, partial(_who_runs, request))
    folder = spool_of(who.service.wiring.database)
    batch_id = secrets.token_hex(8)
    batch = BatchRow(
        batch_id,
        segment_id,
        workspace_id or "default",
        who.principal.id,
        None if file_name is None else Path(file_name).name,
        f"{batch_id}{suffix}",
        msgspec.json.encode(options),
        who.caller.now_us(),
    )
    path = folder / batch.file
    try:
        await _receive(request, path)
        if dry_run:
            answer = await in_thread(request, partial(try_batch, who.caller, who.service.wiring, batch, path))
            path.unlink(missing_ok=True)
        else:
            answer = await in_thread(request, partial(begin_batch, who.caller, who.service.wiring, batch))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    who.host.feeder.wake()
    return json_answer(answer)


def _who_runs(request: Request) -> Who:
    who = who_asks(request)
    who.caller.need("run")
    return who


async def _receive(request: Request, path: Path) -> None:
    """The body into a file that only this user can read, as it comes; whole, or not at all."""
    await anyio.Path(path.parent).mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(path.suffix + ".part")
    try:
        async with await anyio.open_file(part, "wb", opener=_private) as file:
            async for piece in request.stream():
                await file.write(piece)
        await anyio.Path(part).rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def get_batches(who: Who) -> Any:
    """The newest batches, newest first."""
    return list_batches(who.caller)


def get_batch(who: Who, batch_id: _Id) -> Any:
    """How far it is, and what became of its rows."""
    return show_batch(who.caller, batch_id)


ROUTES = (
    Route("POST", "/api/v1/batches", post_batch, "runs", "Start a run for each row of a file", BatchReport),
    Route("GET", "/api/v1/batches", get_batches, "runs", "Files of rows", BatchList),
    Route("GET", "/api/v1/batches/{batch_id}", get_batch, "runs", "How far a file is", BatchReport),
)
