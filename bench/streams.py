"""What live streams cost: many readers of one run, readers that stop, and what the driver loses to those who watch.

    python -m bench.streams [CASE …] [--directory DIR] [--live N] [--idle N] [--events N] [--rounds N] [--runs N]

Cases: readers, stopped, driver; without one all of them. Server and clients are processes of their own on the same processors;
every reader keeps what it was told and is judged at the end: everything once, in order, or an explicit gap. ``driver`` compares
rounds of the same runs without a server and with one that 50 streams are open at, interleaved; its readers only count.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from bench import machine
from bench.children import Child, wait
from bench.machine import Figure, print_figure, print_head
from bench.workload import INPUT, Work, chain, p
from worktrail.app import Caller, Host, Wiring, create_key, os_principal, wire
from worktrail.cli.process import only_runs_workflows
from worktrail.contract import PortSpec, StepCategory, StepTypeMetadata
from worktrail.events import NULL, SegmentStarted, StepCompleted, StepScheduled, encode_body
from worktrail.runtime import Driver
from worktrail.store import Commit, NewRun, SqliteStore, Store, StreamAppend
from worktrail.web import serve

STREAMS_EACH = 30
IDS = re.compile(rb"^id: (\d+)\nevent: (\w+)", re.MULTILINE)


class Client:
    """One connection that reads a stream and remembers the ids of its messages."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.gaps = 0
        self.bytes = 0
        self._tail = b""
        self.writer: asyncio.StreamWriter | None = None

    async def open(self, port: int, topics: str, secret: str | None) -> asyncio.StreamReader:
        reader, self.writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        key = f"authorization: Bearer {secret}\r\n" if secret else ""
        head = f"GET /api/v1/stream?topics={topics} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{key}\r\n"
        self.writer.write(head.encode())
        first = await reader.readuntil(b"event: hello")
        assert b" 200 " in first.splitlines()[0], first[:200]
        return reader

    def take(self, data: bytes) -> None:
        self.bytes += len(data)
        text = self._tail + data
        whole, _, self._tail = text.rpartition(b"\n\n")
        for number, event in IDS.findall(whole):
            self.ids.append(int(number))
            self.gaps += event == b"gap"

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Everything, to the end of the stream."""
        while data := await reader.read(1 << 18):
            self.take(data)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


class Counter(Client):
    """Counts what it is told and looks at nothing: beside the driver the clients stand for people elsewhere, whose machines do
    the reading, and must not take the driver's second processor."""

    def __init__(self) -> None:
        super().__init__()
        self.messages = 0

    def take(self, data: bytes) -> None:
        self.messages += data.count(b"\nevent: append")


def keys_of(store: Store, count: int) -> list[str]:
    """Secrets of new keys that may look."""
    caller = Caller(store, os_principal("local"))
    return [str(create_key(caller, f"bench-{number}", ["view"])["secret"]) for number in range(count)]


class Server:
    """A server process over a database, with keys for its readers."""

    def __init__(self, path: Path, keys: int) -> None:
        with wire(database=path, with_app=False) as wiring:
            self.secrets = keys_of(wiring.store, keys)
        command = [sys.executable, "-m", "worktrail.cli", "serve", "--port", "0", "--json", "--auth", "keys", "--no-worker"]
        self.process = subprocess.Popen(
            [*command, "--db", str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=path.parent
        )
        assert self.process.stdout is not None
        self.url = str(json.loads(self.process.stdout.readline())["url"])
        self.port = int(self.url.rpartition(":")[2])

    def resident_mb(self) -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) / 1024  # type: ignore[union-attr]

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


class Trail:
    """Writes one run of many events, as another process would: two events an append."""

    def __init__(self, path: Path) -> None:
        self.store = SqliteStore(path)
        self.run_id = secrets.token_hex(8)
        self.positions: list[int] = []
        self._seq = 1
        started = SegmentStarted("bench", "sha256:1", "sha256:2", NULL, "seed")
        self._write([started], [NewRun(self.run_id, "bench", "sha256:1", "sha256:2", time.time_ns() // 1000)])

    def _write(self, events: list[Any], new: list[NewRun]) -> None:
        body = encode_body(time.time_ns() // 1000, None, events)
        append = StreamAppend(f"run:{self.run_id}", self._seq, len(events), body)
        self.positions.append(self.store.commit(Commit(appends=[append], new_runs=new)).position)
        self._seq += len(events)

    def write(self, events: int) -> None:
        for number in range(events // 2):
            self._write([StepScheduled(f"s{number}"), StepCompleted(f"s{number}", {"output": NULL})], [])


def requests(url: str, secret: str) -> None:
    """Other requests, one after the other, until a line comes: in a process of its own, so that nobody's reading delays them."""
    took_ms: list[float] = []
    wait({})
    ended = threading.Thread(target=sys.stdin.readline, daemon=True)
    ended.start()
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {secret}"}) as client:
        while ended.is_alive():
            began = time.perf_counter()
            client.get("/api/v1/attention").raise_for_status()
            took_ms.append(1000 * (time.perf_counter() - began))
            ended.join(0.01)
    print(json.dumps({"ms": took_ms}), flush=True)


def asking(server: Server) -> Child:
    """Such a process, at work."""
    made = Child("requests", server.url, server.secrets[0], module="bench.streams")
    made.ready()
    made.go()
    return made


def asked(process: Child) -> list[float]:
    """Milliseconds that its requests took."""
    process.go()
    found: list[float] = process.answer()["ms"]
    return found


async def readers(options: argparse.Namespace, directory: Path, stopped: int = 0) -> None:
    path = directory / f"readers-{secrets.token_hex(4)}.db"
    trail = Trail(path)
    server = Server(path, -(-(options.live + options.idle + stopped) // STREAMS_EACH))
    try:
        empty = server.resident_mb()
        live = [Client() for _ in range(options.live)]
        idle = [Client() for _ in range(options.idle)]
        halted = [Client() for _ in range(stopped)]
        everyone = [(one, f"run:{trail.run_id}") for one in (*live, *halted)] + [(one, "inbox") for one in idle]
        links = [
            await one.open(server.port, topics, server.secrets[number // STREAMS_EACH])
            for number, (one, topics) in enumerate(everyone)
        ]
        opened, cpu = server.resident_mb(), server.cpu_s()
        before = await asyncio.to_thread(asking, server)
        await asyncio.sleep(3.0)
        base = await asyncio.to_thread(asked, before)
        meanwhile = await asyncio.to_thread(asking, server)
        reading = [
            asyncio.create_task(one.read(link)) for one, link in zip((*live, *idle), links_of(links, live, halted), strict=True)
        ]
        began, peak = time.perf_counter(), opened
        await asyncio.to_thread(trail.write, options.events)
        wrote_s = time.perf_counter() - began
        while not all(one.ids and one.ids[-1] >= trail.positions[-1] for one in live):
            await asyncio.sleep(0.02)
            peak = max(peak, server.resident_mb())
        took_s = time.perf_counter() - began
        found = await asyncio.to_thread(asked, meanwhile)
        for task in reading:
            task.cancel()
        judge(live, trail.positions[1:])
        print(
            f"\n{len(live)} live readers of {options.events:,} events, {len(idle)} idle"
            + (f", {stopped} that stopped" if stopped else "")
        )
        print(f"  every live reader: each append once, in order; gaps {sum(one.gaps for one in live)}")
        print(f"  written in {wrote_s:.2f} s, read by all after {took_s:.2f} s; {sum(one.bytes for one in live) / 1e6:,.0f} MB")
        print(
            f"  server: processor {server.cpu_s() - cpu:.2f} s; resident MB empty {empty:.0f}, open {opened:.0f}, peak {peak:.0f}"
        )
        for name, ms in (("without load", base), ("meanwhile", found)):
            print(f"  other requests {name}: {len(ms)}, p50 {p(ms, 50):.1f} ms, p99 {p(ms, 99):.1f} ms")
        for one in (*live, *idle, *halted):
            one.close()
    finally:
        trail.store.close()
        server.stop()


def links_of(links: list[Any], live: list[Client], halted: list[Client]) -> list[Any]:
    """The connections of those that read: all but the halted ones, which stand between."""
    return links[: len(live)] + links[len(live) + len(halted) :]


def judge(live: list[Client], positions: list[int]) -> None:
    """Ends the program where a reader was not told everything, once, in order, or of a gap."""
    for number, one in enumerate(live):
        ids = one.ids
        if ids != sorted(set(ids)):
            sys.exit(f"reader {number}: out of order, or twice")
        if one.gaps == 0 and [each for each in ids if each >= positions[0]] != positions:
            sys.exit(f"reader {number}: {len(ids)} of {len(positions)} appends and no gap")


# --- the driver beside streams ----------------------------------------------------------------------------------------


async def _work(driver: Driver, runs: int, ways: int) -> float:
    """Ten-step runs on the driver's own loop; steps a second."""
    segment = chain()
    left = iter(range(runs))

    async def lane() -> None:
        for _ in left:
            await driver.result(await driver.start(segment, INPUT))

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(ways)))
    return runs * 10 / (time.perf_counter() - began)


def child(path: str, served: str, runs: str) -> None:
    """One round in a process of its own: the same driver thread, with or without a server around it."""

    def wiring(tenant: str) -> Wiring:
        made = wire(database=path, with_app=False, tenant_id=tenant)
        ports = {"input_ports": (PortSpec("input"),), "output_ports": (PortSpec("output"),)}
        made.catalog.register_type(StepTypeMetadata("bench_work", StepCategory.UTILITY, "work", "what is measured", **ports))
        made.handlers.register("bench_work", Work())
        return made

    host = Host(wiring, mode="keys", worker="inside")
    keys = keys_of(host.home.store, 2) if served == "yes" else []
    driver = host.driver
    assert driver is not None
    only_runs_workflows()  # as `worktrail serve` and `worktrail worker` do
    driver.call("default", lambda each: _work(each, int(runs) // 4, 50))

    def measure(url: str) -> None:
        wait({"url": url, "keys": keys})
        cpu = time.process_time()
        rate = driver.call("default", lambda each: _work(each, int(runs), 50))
        print(json.dumps({"rate": rate, "cpu": time.process_time() - cpu}), flush=True)

    def served_at(url: str) -> None:
        measure(url)
        os.kill(os.getpid(), signal.SIGTERM)

    if served == "yes":
        serve(host, port=0, started=lambda url: threading.Thread(target=served_at, args=(url,), daemon=True).start())
    else:
        measure("")
    host.close()


async def driver_case(options: argparse.Namespace, directory: Path) -> None:
    rates: dict[str, list[float]] = {"no": [], "yes": []}
    cpus: dict[str, list[float]] = {"no": [], "yes": []}
    for _ in range(options.rounds):
        for served in ("no", "yes"):
            path = directory / f"driver-{secrets.token_hex(4)}.db"
            process = Child("driver", str(path), served, str(options.runs), module="bench.streams")
            told = await asyncio.to_thread(process.ready)
            clients = []
            if served == "yes":
                for number in range(50):
                    one = Counter()
                    topics = ("activity,counts", "activity,inbox,counts")[number % 2]
                    link = await one.open(int(told["url"].rpartition(":")[2]), topics, told["keys"][number // STREAMS_EACH])
                    clients.append((one, asyncio.create_task(one.read(link))))
            process.go()
            told = await asyncio.to_thread(process.answer)
            rates[served].append(told["rate"])
            cpus[served].append(told["cpu"] / options.runs / 10 * 1e6)
            for one, task in clients:
                task.cancel()
                one.close()
            if clients:
                print(f"    a stream was told {sum(one.messages for one, _ in clients) / len(clients):,.0f} messages")
    print_figure(Figure("driver thread alone, steps/s", rates["no"]))
    print_figure(Figure("with a server and 50 streams, steps/s", rates["yes"]))
    print_figure(Figure("alone, processor us a step", cpus["no"], digits=1))
    print_figure(Figure("with server and streams, processor us a step", cpus["yes"], digits=1))
    shares = [100 * one / other for one, other in zip(rates["yes"], rates["no"], strict=True)]
    print_figure(Figure("share that is left, %", shares, "75"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=["readers", "stopped", "driver", []], default=[])
    parser.add_argument("--directory", type=Path)
    parser.add_argument("--live", type=int, default=200)
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=600)
    options = parser.parse_args()
    cases = options.cases or ["readers", "stopped", "driver"]
    with tempfile.TemporaryDirectory(dir=options.directory, prefix="worktrail-bench-") as made:
        directory = Path(made)
        machine.fit(directory)
        print(machine.about(directory))
        print_head()
        if "readers" in cases:
            asyncio.run(readers(options, directory))
        if "stopped" in cases:
            asyncio.run(readers(options, directory, stopped=50))
        if "driver" in cases:
            asyncio.run(driver_case(options, directory))


if __name__ == "__main__":
    if sys.argv[1:2] == ["driver"] and sys.argv[3:4] in (["yes"], ["no"]):
        child(*sys.argv[2:])
    elif sys.argv[1:2] == ["requests"]:
        requests(*sys.argv[2:])
    else:
        main()
