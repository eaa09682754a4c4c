"""The outside world of the expenses example: exchange rates, a vendor register and a ledger, on one loopback port.

It is unreliable on purpose, and always in the same way: about one request in five fails once or twice before it succeeds,
either with status 503 or with a connection that is closed without an answer. Which ones follows from the seed and the
request's key alone (header `X-Request-Key`, else `Idempotency-Key`, else method and path). After a success the key starts again.

The ledger is a file that only grows; each line is synced before the answer leaves. A payout is made once for a key; a
repetition is answered with the first payment and written down as `repeat`, so that repetitions can be counted. When the
answer of a payout is "lost", the payment has been made: exactly the case a client has to think about.

    python service.py --port-file port.txt --ledger ledger.jsonl

It prints one line of JSON with its address when it is ready, and stops when its parent process goes away, or with
`--until-stdin-closes` when the pipe on its standard input is closed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import threading
from decimal import Decimal, InvalidOperation
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

WORLD_FILE = Path(__file__).with_name("world.json")
FLAKY_SHARE = 0.20
LOST_TWICE = 0.25  # of the flaky ones: two failures instead of one
MAX_BODY_BYTES = 64 * 1024

Answer = tuple[int, dict[str, Any]]


class Trouble(NamedTuple):
    """How a request misbehaves: so many attempts fail, by a closed connection (`drops`) or with status 503."""

    failures: int
    drops: bool


def trouble_of(seed: int, key: str) -> Trouble:
    """The misbehaviour of a key: the same for the same seed, on every machine."""
    digest = hashlib.sha256(f"{seed}:{key}".encode()).digest()
    share, again = (int.from_bytes(digest[at : at + 8], "big") / 2**64 for at in (0, 8))
    if share >= FLAKY_SHARE:
        return Trouble(0, drops=False)
    return Trouble(2 if again < LOST_TWICE else 1, drops=bool(digest[16] & 1))


class Flakiness:
    """Counts the attempts of each key. A seed of None is a reliable world."""

    def __init__(self, seed: int | None) -> None:
        self.seed = seed
        self.attempts: dict[str, int] = {}
        self.lock = threading.Lock()

    def next_trouble(self, key: str) -> Trouble | None:
        """What goes wrong with this attempt, or None where it succeeds (and the key starts again)."""
        if self.seed is None:
            return None
        trouble = trouble_of(self.seed, key)
        with self.lock:
            failed = self.attempts.pop(key, 0)
            if failed >= trouble.failures:
                return None
            self.attempts[key] = failed + 1
        return trouble


class Ledger:
    """Payments by idempotency key, kept in a file of JSON lines that is synced line by line."""

    def __init__(self, path: Path, closed_accounts: set[str]) -> None:
        self.path = path
        self.closed_accounts = closed_accounts
        self.lock = threading.Lock()
        self.payments: dict[str, dict[str, Any]] = {}
        self.repeats = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("a+b", buffering=0)
        self.file.seek(0)
        for line in self.file.readlines():
            self.remember(json.loads(line))

    def remember(self, line: dict[str, Any]) -> None:
        """Takes a line of the file into account."""
        if line["kind"] == "repeat":
            self.repeats += 1
        else:
            self.payments[line["key"]] = line

    def append(self, line: dict[str, Any]) -> None:
        """Writes a line and waits until the disk has it."""
        self.file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        os.fsync(self.file.fileno())
        self.remember(line)

    def pay(self, key: str, order: dict[str, Any]) -> Answer:
        """Makes the payment of a key, or answers with the one that was made."""
        try:
            amount = Decimal(str(order["amount"]))
            wanted = {"report_id": str(order["report_id"]), "employee_id": str(order["employee_id"]), "amount": str(amount)}
        except (KeyError, InvalidOperation):
            return 400, {"code": "ORDER_INVALID", "message": "an order has report_id, employee_id and amount"}
        with self.lock:
            made = self.payments.get(key)
            if made is not None:
                if any(made[name] != value for name, value in wanted.items()):
                    return 409, {"code": "KEY_TAKEN", "message": "this key belongs to another order"}
                self.append({"kind": "repeat", "key": key, "payment_id": made["payment_id"]})
                return 200, self.receipt(made)
            if wanted["employee_id"] in self.closed_accounts:
                return 422, {"code": "ACCOUNT_CLOSED", "message": f"the account of {wanted['employee_id']} is closed"}
            line = {"kind": "payment", "key": key, "payment_id": f"P-{len(self.payments) + 1:05d}", **wanted}
            self.append(line)
            return 201, self.receipt(line)

    def find(self, key: str) -> Answer:
        """The payment of a key, for a client whose answer got lost."""
        with self.lock:
            made = self.payments.get(key)
        return (200, self.receipt(made)) if made else (404, {"code": "PAYMENT_UNKNOWN", "message": "no payment has this key"})

    def summary(self) -> Answer:
        """How much was paid, and how often a payment was asked for again."""
        with self.lock:
            total = sum((Decimal(each["amount"]) for each in self.payments.values()), Decimal(0))
            return 200, {"payments": len(self.payments), "repeats": self.repeats, "total": str(total)}

    @staticmethod
    def receipt(line: dict[str, Any]) -> dict[str, Any]:
        """What a payer is told: everything but the key."""
        return {name: line[name] for name in ("payment_id", "report_id", "employee_id", "amount")}


class World:
    """Everything the service knows."""

    def __init__(self, *, ledger: Path, seed: int | None) -> None:
        known = json.loads(WORLD_FILE.read_text(encoding="utf-8"))
        self.rates = {currency: float(rate) for currency, rate in known["rates"].items()}
        self.vendors = {vendor["id"]: vendor for vendor in known["vendors"]}
        self.ledger = Ledger(ledger, set(known["closed_accounts"]))
        self.flakiness = Flakiness(seed)

    def rate(self, currency: str) -> Answer:
        """How many euros one unit of a currency is worth."""
        if currency not in self.rates:
            return 404, {"code": "CURRENCY_UNKNOWN", "message": f"there is no rate for {currency}"}
        return 200, {"currency": currency, "base": "EUR", "rate": self.rates[currency]}

    def vendor(self, vendor_id: str) -> Answer:
        """What the register says about a vendor."""
        found = self.vendors.get(vendor_id)
        if found is None:
            return 404, {"vendor_id": vendor_id, "status": "unknown"}
        return 200, {"vendor_id": vendor_id, "name": found["name"], "status": found["status"]}

    def read(self, parts: list[str]) -> Answer:
        """The answer to a GET."""
        match parts:
            case ["rates", currency]:
                return self.rate(currency)
            case ["vendors", vendor_id]:
                return self.vendor(vendor_id)
            case ["payouts", key]:
                return self.ledger.find(key)
        return 404, {"code": "NOT_FOUND", "message": "there is nothing here"}


class Handler(BaseHTTPRequestHandler):
    """One connection; what it knows stands in `server.world`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Service

    def do_GET(self) -> None:
        """Health and the ledger's summary never fail; everything else may."""
        parts = self.parts()
        if parts == ["health"]:
            self.reply(200, {"status": "ok"})
        elif parts == ["payouts"]:
            self.reply(*self.server.world.ledger.summary())
        elif not self.fails(self.server.world.flakiness.next_trouble(self.request_key())):
            self.reply(*self.server.world.read(parts))

    def do_POST(self) -> None:
        """A payout; status 503 comes before anything is done, a closed connection after it."""
        body = self.body()
        key = self.headers.get("Idempotency-Key")
        if self.parts() != ["payouts"]:
            self.reply(404, {"code": "NOT_FOUND", "message": "there is nothing here"})
        elif body is None or not key:
            self.reply(400, {"code": "ORDER_INVALID", "message": "a payout is a JSON object with the header Idempotency-Key"})
        else:
            trouble = self.server.world.flakiness.next_trouble(self.request_key())
            if trouble is not None and not trouble.drops:
                self.fails(trouble)
                return
            answer = self.server.world.ledger.pay(key, body)
            if not self.fails(trouble):
                self.reply(*answer)

    def parts(self) -> list[str]:
        """The path, cut at its slashes."""
        return [unquote(part) for part in urlsplit(self.path).path.split("/") if part]

    def request_key(self) -> str:
        """What a request is recognised by when it is tried again."""
        return self.headers.get("X-Request-Key") or self.headers.get("Idempotency-Key") or f"{self.command} {self.path}"

    def body(self) -> dict[str, Any] | None:
        """The JSON object that was sent, else None."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            return None
        try:
            found = json.loads(self.rfile.read(int(length)), parse_float=Decimal)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def fails(self, trouble: Trouble | None) -> bool:
        """Lets the attempt fail if it has to; whether it did."""
        if trouble is None:
            return False
        if trouble.drops:
            self.close_connection = True
        else:
            self.reply(503, {"code": "BUSY", "message": "try again"})
        return True

    def reply(self, status: int, value: dict[str, Any]) -> None:
        """One JSON answer."""
        raw = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is http.server's
        """Quiet: what happened stands in the ledger and in the trails of the runs."""


class Service(ThreadingHTTPServer):
    """The service on a loopback port (0: any free one)."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, world: World, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.world = world

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up before its answer is nobody's mistake."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The address to put before a path."""
        return f"http://127.0.0.1:{self.server_port}"


def write_whole(path: Path, text: str) -> None:
    """Writes a file so that a reader never sees half of it."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def watch_parent(service: Service) -> None:
    """Stops the service when this process is handed to another parent."""
    parent, never = os.getppid(), threading.Event()
    while os.getppid() == parent:
        never.wait(0.5)
    service.shutdown()


def watch_stdin(service: Service) -> None:
    """Stops the service when nobody holds the other end of standard input any more."""
    while sys.stdin.buffer.read(4096):
        pass
    service.shutdown()


def main(arguments: list[str] | None = None) -> int:
    """Runs until the parent goes away, standard input is closed (if asked for), or an interrupt."""
    parser = argparse.ArgumentParser(description="Rates, vendors and payouts for the expenses example; unreliable on purpose.")
    parser.add_argument("--port", type=int, default=0, help="loopback port; 0 (default) takes a free one")
    parser.add_argument("--port-file", type=Path, help="a file to write the port into when ready")
    parser.add_argument("--ledger", type=Path, default=Path("ledger.jsonl"), help="the ledger's file (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="decides which requests fail (default: %(default)s)")
    parser.add_argument("--reliable", action="store_true", help="let no request fail")
    parser.add_argument("--until-stdin-closes", action="store_true", help="stop when standard input ends")
    options = parser.parse_args(arguments)
    service = Service(World(ledger=options.ledger, seed=None if options.reliable else options.seed), options.port)
    for watch in (watch_parent, *([watch_stdin] if options.until_stdin_closes else [])):
        threading.Thread(target=watch, args=(service,), daemon=True).start()
    if options.port_file:
        write_whole(options.port_file, f"{service.server_port}\n")
    print(json.dumps({"url": service.url, "port": service.server_port, "ledger": str(options.ledger)}), flush=True)
    try:
        service.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    finally:
        service.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
