"""Counts effects, in a process of its own with a synced file: the world outside that a crash cannot take back.

    python tests/crash/ledger.py SOCKET FILE

One JSON line ``[op, run, visit, kind, key, attempt]`` asks, one JSON line answers. ``call`` (a handler was entered) and
``effect`` (it acted) are noted in FILE, synced, and only then answered with ``"ok"``; ``asked`` answers how often the effect
of this run's visit was noted. ``["hold", "call", "charge"]`` keeps back the answers to calls of that kind until ``["let",
"call", "charge"]``; so for effects.
What a dead process had sent is noted before anybody's question is answered. It ends when its standard input does: with its
parent. Nothing of Worktrail is imported here.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import sys
from collections import Counter
from typing import Any

READ_BYTES = 1 << 16


class Ledger:
    """All connections, the file, and the counts."""

    def __init__(self, address: str, path: str) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.selector = selectors.DefaultSelector()
        self.server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.server.bind(address)
        self.server.listen(64)
        self.selector.register(self.server, selectors.EVENT_READ, "server")
        self.selector.register(0, selectors.EVENT_READ, "parent")
        self.effects: Counter[tuple[str, str]] = Counter()
        self.held: dict[tuple[str, str], list[socket.socket]] = {}
        self.buffers: dict[socket.socket, bytes] = {}

    def serve(self) -> None:
        """Until the parent has gone."""
        while True:
            ready = [key for key, _ in self.selector.select()]
            asked: list[tuple[socket.socket, list[Any]]] = []
            for key in ready:
                if key.data == "parent":
                    if not os.read(0, READ_BYTES):
                        return
                elif key.data == "server":
                    link, _ = self.server.accept()
                    self.buffers[link] = b""
                    self.selector.register(link, selectors.EVENT_READ, "link")
                else:
                    assert isinstance(key.fileobj, socket.socket)
                    asked += [(key.fileobj, line) for line in self.lines(key.fileobj)]
            self.note(asked)
            for link, line in asked:
                self.answer(link, line)

    def lines(self, link: socket.socket) -> list[list[Any]]:
        """Whole lines that a process has sent; a dead one is forgotten."""
        try:
            data = link.recv(READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self.selector.unregister(link)
            del self.buffers[link]
            link.close()
            return []
        *whole, self.buffers[link] = (self.buffers[link] + data).split(b"\n")
        return [json.loads(line) for line in whole]

    def note(self, asked: list[tuple[socket.socket, list[Any]]]) -> None:
        """Everything that happened, in one synced write."""
        happened = [line for _, line in asked if line[0] in {"call", "effect"}]
        if not happened:
            return
        for op, run, visit, *_ in happened:
            self.effects[run, visit] += op == "effect"
        os.write(self.file, "".join(json.dumps(line) + "\n" for line in happened).encode())
        os.fsync(self.file)

    def answer(self, link: socket.socket, line: list[Any]) -> None:
        op, run, visit, kind = line[:4]
        if (op, kind) in self.held:
            self.held[op, kind].append(link)
        elif op == "hold":
            self.held[run, visit] = []
            self.say(link, "ok")
        elif op == "let":
            for waiting in self.held.pop((run, visit)):
                self.say(waiting, "ok")
            self.say(link, "ok")
        elif op == "asked":
            self.say(link, self.effects[run, visit])
        else:
            self.say(link, "ok")

    def say(self, link: socket.socket, answer: Any) -> None:
        try:
            link.sendall(json.dumps(answer).encode() + b"\n")
        except OSError:
            return  # it died meanwhile


if __name__ == "__main__":
    ledger = Ledger(sys.argv[1], sys.argv[2])
    os.write(1, b"ready\n")
    ledger.serve()
