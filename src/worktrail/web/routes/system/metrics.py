"""Metrics in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from worktrail.app import Measure, Who, measure
from worktrail.web.answers import Raw
from worktrail.web.routing import Route

__all__ = ["ROUTES", "text_of"]

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def _labels(labels: Mapping[str, str]) -> str:
    escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for name, value in labels.items()}
    return ",".join(f'{name}="{value}"' for name, value in escaped.items())


def text_of(measures: Iterable[Measure]) -> str:
    """The exposition format, version 0.0.4."""
    lines = []
    for one in measures:
        lines += [f"# HELP {one.name} {one.about}", f"# TYPE {one.name} {one.kind}"]
        lines += [f"{one.name}{{{_labels(labels)}}} {value:.15g}" for labels, value in one.values]
    return "\n".join(lines) + "\n"


def metrics(who: Who) -> Any:
    """What is measured of the caller's tenant, in the text format of Prometheus."""
    driver = who.host.driver
    facts = None if driver is None else driver.facts(who.service.store.tenant_id)
    return Raw(text_of(measure(who.caller, facts)).encode(), MEDIA_TYPE)


ROUTES = (Route("GET", "/metrics", metrics, "system", "Metrics", media_type="text/plain"),)
