"""The catalogue: names, singleton, registration, configs, export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contract.reading import catalog
from worktrail.app import JsonSchemaChecker
from worktrail.contract import (
    BUILTIN_TYPES,
    CanvasError,
    PortSpec,
    StepCatalog,
    StepCategory,
    StepTypeMetadata,
    StepTypeNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    StepCatalog.reset_instance()
    yield
    StepCatalog.reset_instance()


def test_there_is_one_shared_catalogue() -> None:
    shared = StepCatalog.get_instance()
    assert StepCatalog.get_instance() is shared
    assert StepCatalog.instance() is shared
    assert len(shared.list_types()) == len(BUILTIN_TYPES) >= 7
    assert "llm_agent" in [each.type_id for each in shared.list_types(category=StepCategory.AI)]
    assert shared.list_by_category("human") == [shared.get_type("human_task")]
    agent = shared.get_type("llm_agent")
    assert agent.display_name == "LLM Agent"
    assert agent.config_schema["properties"]["model"]
    assert shared.validate_config("llm_agent", {"model": "gpt-4"})


def test_a_user_type_needs_four_words() -> None:
    shared = StepCatalog.get_instance()
    mine = StepTypeMetadata(type_id="mine", category=StepCategory.DATA, display_name="Mine", description="My own")
    shared.register_type(mine)
    assert mine in shared.list_types(category=StepCategory.DATA)
    assert shared.has_type("mine")
    assert (mine.kind, [p.port_id for p in mine.input_ports], [p.port_id for p in mine.output_ports]) == (
        "handler",
        ["input"],
        ["output"],
    )
    StepCatalog.reset_instance()
    assert not StepCatalog.get_instance().has_type("mine")


def test_a_type_id_means_one_thing() -> None:
    made = catalog()
    made.register_type(StepTypeMetadata("work", "utility", "Work"))
    with pytest.raises(CanvasError) as caught:
        made.register_type(StepTypeMetadata("work", "utility", "Other"))
    assert caught.value.code == "STEP_TYPE_EXISTS"
    made.register_type(StepTypeMetadata("work", "utility", "Other"), replace=True)
    assert made.get_type("work").display_name == "Other"


def test_a_copy_is_one_of_its_own() -> None:
    first = catalog()
    second = first.copy()
    second.register(StepTypeMetadata("mine", "data", "Mine"), handler=len)
    assert second.get_handler("mine") is len
    assert not first.has_type("mine")
    assert second.copy().get_handler("mine") is len
    assert second.checker is first.checker


def test_an_unknown_type_names_the_nearest() -> None:
    with pytest.raises(StepTypeNotFoundError) as caught:
        catalog().get_type("llm_agnet")
    assert caught.value.nearest == "llm_agent"
    assert "llm_agent" in caught.value.hint
    assert catalog().get("llm_agnet") is None
    assert not catalog().validate_config("llm_agnet", {})


@pytest.mark.parametrize("wrong", [{"type_id": "1x"}, {"type_id": "x", "config_schema": {"type": "objekt"}}])
def test_what_cannot_be_registered(wrong: dict[str, Any]) -> None:
    with pytest.raises(CanvasError) as caught:
        catalog().register_type(StepTypeMetadata(category=StepCategory.DATA, display_name="X", **wrong))
    assert caught.value.code == "STEP_TYPE_INVALID"


def test_a_kind_and_a_category_must_be_known() -> None:
    with pytest.raises(ValueError, match="kind"):
        StepTypeMetadata("x", "data", "X", kind="wizard")
    with pytest.raises(ValueError, match="nowhere"):
        StepTypeMetadata("x", "nowhere", "X")


@pytest.mark.parametrize("kind", BUILTIN_TYPES, ids=lambda kind: kind.type_id)
def test_a_builtin_type_is_whole(kind: StepTypeMetadata) -> None:
    checker = JsonSchemaChecker()
    assert checker.schema_problems(kind.config_schema) == []
    assert all(catalog().config_problems(kind.type_id, example) == [] for example in kind.examples)
    assert kind.description
    assert kind.icon
    assert [port.port_id for port in kind.output_ports][-len(kind.outcomes) or None :] == list(kind.outcomes) or not kind.outcomes
    for name, rule in kind.config_schema["properties"].items():
        assert rule.get("title"), name
        if "default" in rule:
            assert checker.problems(rule, rule["default"]) == []


CONFIGS: list[tuple[str, Any, list[str]]] = [
    ("llm_agent", {}, []),
    ("llm_agent", {"temperature": "=parameters.t"}, []),
    ("llm_agent", {"temperature": "hot"}, ["/temperature"]),
    ("llm_agent", {"modle": "gpt-4"}, ["/modle"]),
    ("llm_agent", {"x-note": 1}, []),
    ("llm_agent", 7, [""]),
    ("transform", {}, [""]),
    ("transform", {"expression": "input", "mapping": {}}, [""]),
    ("transform", {"mapping": {"a": "=input"}}, []),
    ("condition", {}, [""]),
    ("http_action", {"url": "https://example.org"}, []),
    ("http_action", {"client_ref": "crm"}, [""]),
    ("http_action", {"client_ref": "crm", "path": "/x", "expected_status": ["2xx", 404]}, []),
    ("http_action", {"url": "u", "method": "FETCH"}, ["/method"]),
    ("parallel_join", {"join": "all", "n": 0}, ["/n"]),
    ("loop", {"body": {"steps": [{}]}, "until": "true"}, [""]),
    ("loop", {"body": {"steps": [{}]}, "until": "true", "max": "=input"}, ["/max"]),
    ("map", {"body": {"steps": [{}]}, "concurrency": "=parameters.c"}, []),
    ("map", {"body": {"steps": [{}]}, "concurrency": 0}, ["/concurrency"]),
    ("wait", {"duration": "1h"}, ["/duration"]),
    ("wait", {"duration": "PT1H", "until": "=input"}, [""]),
    ("human_task", {"options": ["a", {"value": 1, "label": "One"}]}, []),
]


@pytest.mark.parametrize(("type_id", "config", "pointers"), CONFIGS)
def test_configs(type_id: str, config: Any, pointers: list[str]) -> None:
    assert [each.pointer for each in catalog().config_problems(type_id, config)] == pointers
    assert catalog().validate_config(type_id, config) == (not pointers)
    assert len(catalog().validate_step_config(type_id, config)) == len(pointers)


def test_without_a_checker_keys_and_plain_types_are_still_looked_at() -> None:
    bare = catalog(checker=False)
    assert [each.code for each in bare.config_problems("condition", {"expression": "x"})] == ["CONFIG_UNCHECKED"]
    assert bare.validate_config("condition", {"expression": "x"})
    assert not bare.validate_config("condition", {})
    assert not bare.validate_config("condition", {"expression": 1})
    assert not bare.validate_config("condition", {"expresion": "x"})
    assert not bare.validate_config("llm_agent", {"max_tokens": True})


def test_the_palette_has_its_keys() -> None:
    exported = catalog().export_for_ui()
    assert exported == catalog().export_catalog()
    assert exported["version"] == "1.0"
    assert exported["categories"] == ["ai", "data", "integration", "control", "human", "utility"]
    http = exported["types"]["http_action"]
    assert (http["icon"], http["color"], http["category"]) == ("globe", "#50C878", "integration")
    assert [port["name"] for port in http["output_ports"]] == ["response", "status"]
    assert exported["types"]["parallel_split"]["supports_parallel"]
    assert not exported["types"]["human_task"]["supports_retry"]


def test_ports_of_a_type_keep_what_they_say() -> None:
    spec = PortSpec("x", default=None, schema={"type": "null"})
    kind = StepTypeMetadata("t", "data", "T", input_ports=[spec])  # type: ignore[arg-type]
    (shown,) = kind.to_dict()["input_ports"]
    assert (shown["default"], shown["schema"], shown["required"], shown["many"]) == (None, {"type": "null"}, False, False)
