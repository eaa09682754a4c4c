"""One round of the ten-step workload on another engine, in a process and an environment of its own.

    .venv-bench/bin/python -m bench.peer_child langgraph|dbos FILE RUNS WAYS

Only the standard library and the peer are imported. The work is that of ``bench.workload``: ten steps in a row that pass a small
value on, with one condition. The peer is used as its documentation shows, with durable writes before the next step begins;
what its database was set to is read back and told. Completed runs are counted in the file after the engine was closed.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, TypedDict

STEPS = 10
WARM = 3

os.environ |= {"LANGSMITH_TRACING": "false", "LANGCHAIN_TRACING_V2": "false"}  # nothing leaves this machine


class Told(TypedDict):
    """What a round answers."""

    steps: int
    wall: float
    cpu: float
    settings: str
    size: float  # bytes of the file a step, whatever is in it


def spread_out(one: Callable[[int], Any], first: int, runs: int, ways: int) -> None:
    """``runs`` runs, ``ways`` at a time, on threads as both peers' synchronous faces expect."""
    if ways == 1:
        for number in range(first, first + runs):
            one(number)
        return
    with ThreadPoolExecutor(ways) as pool:
        for _ in pool.map(one, range(first, first + runs)):
            pass


def timed(one: Callable[[int], Any], runs: int, ways: int) -> tuple[float, float]:
    """Warm up, say so, wait to be let go, work: seconds by the clock and of the processor."""
    spread_out(one, 0, WARM, min(ways, WARM))
    print("{}", flush=True)
    sys.stdin.readline()
    wall, cpu = time.perf_counter(), time.process_time()
    spread_out(one, WARM, runs, ways)
    return time.perf_counter() - wall, time.process_time() - cpu


def langgraph(path: Path, runs: int, ways: int) -> Told:
    """LangGraph with SqliteSaver, ``durability="sync"``; WAL is its own choice, ``synchronous=FULL`` is set (and was found)."""
    from langgraph.checkpoint.sqlite import SqliteSaver  # noqa: PLC0415
    from langgraph.graph import END, START, StateGraph  # noqa: PLC0415

    class State(TypedDict):
        n: int
        who: str

    connection = sqlite3.connect(path, check_same_thread=False)
    saver = SqliteSaver(connection)
    saver.setup()
    found = connection.execute("PRAGMA synchronous").fetchone()[0]
    connection.execute("PRAGMA synchronous = FULL")
    settings = _settings(connection, f"synchronous was {found}")
    graph = StateGraph(State)
    for number in range(STEPS):
        graph.add_node(f"step_{number}", lambda state: {"n": state["n"] + 1})
    graph.add_edge(START, "step_0")
    for number in range(STEPS - 1):
        if number == 4:
            graph.add_conditional_edges("step_4", lambda state: "step_5" if state["n"] > 0 else END, ["step_5", END])
        else:
            graph.add_edge(f"step_{number}", f"step_{number + 1}")
    graph.add_edge(f"step_{STEPS - 1}", END)
    compiled = graph.compile(checkpointer=saver)

    def one(number: int) -> None:
        compiled.invoke({"n": 1, "who": "somebody"}, {"configurable": {"thread_id": str(number)}}, durability="sync")

    wall, cpu = timed(one, runs, ways)
    connection.close()
    last = "json_extract(CAST(metadata AS TEXT), '$.step')"
    done = _count(
        path, f"SELECT count(*) FROM (SELECT thread_id FROM checkpoints GROUP BY thread_id HAVING max({last}) = {STEPS})"
    )
    return _told(path, done, runs, wall, cpu, settings)


def dbos(path: Path, runs: int, ways: int) -> Told:
    """DBOS on SQLite, with the settings it comes with."""
    from dbos import DBOS, DBOSConfig  # noqa: PLC0415

    config: DBOSConfig = {"name": "bench", "system_database_url": f"sqlite:///{path}", "log_level": "ERROR"}
    DBOS(config=config)

    @DBOS.step()
    def step(n: int, who: str) -> dict[str, Any]:
        return {"n": n + 1, "who": who}

    @DBOS.workflow()
    def chain(n: int, who: str) -> int:
        value = {"n": n, "who": who}
        for number in range(STEPS):
            value = step(value["n"], value["who"])
            if number == 4 and not value["n"] > 0:
                break
        return int(value["n"])

    DBOS.launch()
    wall, cpu = timed(lambda number: chain(1, "somebody"), runs, ways)
    DBOS.destroy()
    with closing(sqlite3.connect(path)) as connection:
        settings = _settings(connection, "as it comes")
    done = _count(path, "SELECT count(*) FROM workflow_status WHERE status = 'SUCCESS'")
    return _told(path, done, runs, wall, cpu, settings)


def _settings(connection: sqlite3.Connection, note: str) -> str:
    mode, sync = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous"))
    return f"journal_mode={mode}, synchronous={sync} ({note}), SQLite {sqlite3.sqlite_version}"


def _count(path: Path, sql: str) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return int(connection.execute(sql).fetchone()[0])


def _told(path: Path, done: int, runs: int, wall: float, cpu: float, settings: str) -> Told:
    if done != runs + WARM:
        sys.exit(f"{runs + WARM} runs were started and {done} are complete in {path.name}")
    return {"steps": runs * STEPS, "wall": wall, "cpu": cpu, "settings": settings, "size": path.stat().st_size / (done * STEPS)}


PEERS: dict[str, Callable[[Path, int, int], Told]] = {"langgraph": langgraph, "dbos": dbos}
PACKAGES = {"langgraph": ("langgraph", "langgraph-checkpoint-sqlite"), "dbos": ("dbos",)}


def main() -> None:
    """Works as the command line says; ``versions`` prints what is installed."""
    if sys.argv[1] == "versions":
        print(json.dumps({name: importlib.metadata.version(name) for names in PACKAGES.values() for name in names}), flush=True)
        return
    kind, path, runs, ways = sys.argv[1:]
    print(json.dumps(PEERS[kind](Path(path), int(runs), int(ways))), flush=True)


if __name__ == "__main__":
    main()
