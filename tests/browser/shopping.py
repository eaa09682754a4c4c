"""A shop of its own for each test: a served project, orders placed by the API, and what the journal says of them."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.served import Served
from tests.gate import open_gate

SHOP = Path(__file__).with_name("shop")


class Shop:
    """The served shop. Orders pack once `open()` was called; those to `nowhere` ship once `repair()` was."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.folder = folder
        self.served = Served(folder)
        self.url = self.served.start()

    def open(self) -> None:
        """What waits to be packed is packed."""
        open_gate(self.folder / "gate")

    def repair(self) -> None:
        """There is such an address now."""
        (self.folder / "repaired").touch()

    def order(self, key: str, customer: str = "Ada", quantity: int = 3) -> str:
        """Starts a run; its id."""
        body = {"segment_id": "order", "business_key": key, "input": {"customer": customer, "quantity": quantity}}
        request = urllib.request.Request(
            f"{self.url}/api/v1/runs", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            return str(json.load(answer)["run_id"])

    def ask(self, path: str) -> Any:
        """An answer of the API."""
        with urllib.request.urlopen(f"{self.url}{path}") as answer:
            return json.load(answer)

    def seqs(self, run_id: str) -> list[int]:
        """The numbers of a run's events in the journal, read by Python's own SQLite."""
        question = "SELECT a.first_seq, a.count FROM appends a JOIN streams s ON s.number = a.stream WHERE s.name = ? ORDER BY 1"
        with sqlite3.connect(f"file:{self.folder / 'worktrail.sqlite'}?mode=ro", uri=True) as link:
            rows = link.execute(question, (f"run:{run_id}",)).fetchall()
        return [first + offset for first, count in rows for offset in range(count)]


def row(page: Page, key: str) -> Locator:
    """The row of a run in the list."""
    return page.get_by_role("row", name=re.compile(rf"Select {key} "))
