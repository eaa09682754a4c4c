"""The commands, in this process: what they print, in JSON and for people, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Answer, Commands, process


def test_a_single_input_runs(cli: Commands) -> None:
    for source in ("one.json", '{"n": 4}'):
        answer = cli.run("run", "double", "--input", source, "--json")
        assert answer.code == 0
        assert answer.json["completed"] == 1
        assert answer.json["result"]["outputs"] == {"output": 8}
    plain = cli.run("run", "double", "-i", "one.json", "--param", "scale=10")
    assert plain.code == 0
    assert '"output": 40' in plain.out
    assert ": completed" in plain.out
    named = cli.run("run", "double", "-i", "one.json", "--run-id", "mine", "--label", "a=b", "--json")
    assert named.json["result"]["run_id"] == "mine"
    assert named.json["result"]["labels"] == {"a": "b"}
    assert cli.run("run", "double", "-i", "one.json", "--run-id", "mine", "--json").json["already"] == 1


def test_rows_run_and_bad_ones_are_told(cli: Commands) -> None:
    answer = cli.run("run", "double", "--input", "rows.csv", "--out", "out.jsonl", "--business-key", "key")
    assert answer.code == 1
    assert "skipped rows\t1" in answer.out
    assert "completed\t2" in answer.out
    assert "line 3: ROW_CELL: column 'n': 'x' is no integer" in answer.err
    lines = [json.loads(line) for line in (cli.folder / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert sorted(line["status"] for line in lines) == ["completed", "completed", "skipped"]
    again = cli.run("run", "double", "--input", "rows.csv", "--json")
    assert (again.json["already"], again.json["started"], again.json["skipped"]) == (2, 0, 1)


@pytest.mark.slow
def test_what_is_counted_is_said_in_words(cli: Commands) -> None:
    one = cli.run("run", "double", "-i", "one.json", "--no-wait").out
    assert "Queued 1 run. Work on it with: worktrail worker" in one
    assert "Queued 2 runs. Work on them with: worktrail worker" in cli.run("run", "double", "-i", "good.jsonl", "--no-wait").out
    assert "0 runs ended, 0 steps, 0 retries" in cli.run("worker", "--until-idle").out
    cli.run("run", "ask", "-i", "one.json")
    cli.run("tasks", "decide", cli.run("tasks", "list", "--json").json["tasks"][0]["task_id"], "rejected")
    assert "1 run ended, 2 steps, 0 retries" in cli.run("worker", "--until-idle").out


def test_a_misspelled_column_is_told_once(cli: Commands) -> None:
    (cli.folder / "typo.csv").write_text("m,key\n1,a\n2,b\n", encoding="utf-8")
    answer = cli.run("run", "double", "-i", "typo.csv")
    assert answer.code == 1
    assert answer.err.count("the header: the required column 'n' is not there") == 1
    assert "line 3: INPUT_INVALID" in answer.err
    assert len(cli.run("run", "double", "-i", "typo.csv", "--json").json["header"]) == 1


def test_failed_rows_make_a_failed_command(cli: Commands) -> None:
    answer = cli.run("run", "broken", "-i", "good.jsonl")
    assert answer.code == 1
    assert "HANDLER_FAILED: ValueError: cannot do 1" in answer.err
    assert "errors\tHANDLER_FAILED 2" in answer.out
    single = cli.run("run", "broken", "-i", '{"n": 9}')
    assert single.code == 1
    assert "HANDLER_FAILED: ValueError: cannot do 9" in single.out


@pytest.mark.slow
def test_people_decide(cli: Commands, caplog: pytest.LogCaptureFixture) -> None:
    answer = cli.run("run", "ask", "-i", "good.jsonl")
    assert answer.code == 0
    assert "waiting for people\t2" in answer.out
    tasks = cli.run("tasks", "list", "--json").json["tasks"]
    assert "Good?" in cli.run("tasks", "list").out
    first, second = tasks[0]["task_id"], tasks[1]["task_id"]
    shown = cli.run("tasks", "show", first).out
    assert "red, Two" in shown
    assert f"worktrail tasks decide {first} approved --option …" in shown
    assert cli.run("tasks", "show", first, "--json").json["form"]["title"] == "Good?"
    refused = cli.run("tasks", "decide", first, "approved", "--option", "blue", "--json")
    assert (refused.code, refused.error["code"], refused.error["pointer"]) == (4, "DECISION_INVALID", "/option")
    queued = cli.run("tasks", "decide", first, "approved", "--option", "Two", "--comment", "fine")
    assert (queued.code, queued.out.startswith("queued: no worker")) == (0, True)
    twice = cli.run("tasks", "decide", first, "rejected", "--json").json["command_id"]
    assert cli.run("tasks", "decide", second, "rejected", "--json").json["queued"] is True
    assert [one["state"] for one in cli.run("commands", "list", "--json").json["commands"]] == ["waiting"] * 3
    worked = cli.run("worker", "--until-idle", "--json")
    assert worked.code == 0
    assert f"command {twice} (task.decide {first} by " in caplog.text
    refused = cli.run("commands", "show", twice, "--json").json
    assert (refused["state"], refused["error"]["code"]) == ("refused", "TASK_NOT_OPEN")
    assert "refused: TASK_NOT_OPEN" in cli.run("commands", "list").out
    assert "rejected" in cli.run("commands", "show", twice).out
    assert cli.run("commands", "show", "nowhere").code == 3
    assert json.loads(worked.out.splitlines()[-1])["runs_ended"] == 2
    late = cli.run("tasks", "decide", first, "approved", "--option", "red", "--json")
    assert (late.code, late.error["code"]) == (4, "TASK_NOT_OPEN")
    assert cli.run("tasks", "list").out == "no tasks\n"
    outcomes = [each["outcome"] for each in cli.run("tasks", "list", "--status", "all", "--json").json["tasks"]]
    assert outcomes == ["approved", "rejected"]
    outputs = [cli.run("runs", "show", each["run_id"], "--json").json["outputs"] for each in tasks]
    assert outputs == [{"chosen": 2}, {"other": "rejected"}]


@pytest.mark.slow
def test_runs_are_looked_at_and_changed(cli: Commands) -> None:
    cli.run("run", "double", "-i", "good.jsonl")
    cli.run("run", "ask", "-i", "one.json", "--run-id", "asked")
    listed = cli.run("runs", "list", "--json").json
    assert "person at h" in cli.run("runs", "list", "--status", "waiting").out
    assert cli.run("runs", "list", "--segment", "none").out == "no runs\n"
    page = cli.run("runs", "list", "--limit", "1").out
    assert "more: --after asked" in page
    done = listed["runs"][-1]["run_id"]
    shown = cli.run("runs", "show", done).out
    assert '{"output":2}' in shown
    assert "completed" in shown
    trail = cli.run("trail", done)
    assert trail.out.splitlines()[-1].split()[3] == "segment.completed"
    events = [json.loads(line) for line in cli.run("trail", done, "--json", "--after", "1").out.splitlines()]
    assert events[0]["event_type"] == "step.scheduled"
    assert cli.run("trail", done, "--follow").out == trail.out
    for change in ("pause", "resume", "cancel"):
        assert cli.run("runs", change, "asked", "--reason", "test", "--json").json["queued"] is True
        refused = cli.run("runs", change, done, "--json")
        assert (refused.code, refused.error["code"]) == (4, "RUN_ENDED")
    cli.run("worker", "--until-idle")
    assert cli.run("runs", "show", "asked", "--json").json["status"] == "cancelled"


@pytest.mark.slow
def test_incidents_are_repaired(cli: Commands) -> None:
    cli.run("run", "stuck", "-i", "one.json", "--run-id", "stopped")
    assert "stopped\tpay!" in cli.run("incidents", "list").out
    incident = cli.run("incidents", "list", "--run", "stopped", "--json").json["incidents"][0]["incident"]
    assert "retry, deliver, skip, fail" in cli.run("incidents", "show", "stopped").out
    assert cli.run("incidents", "show", "stopped", incident, "--json").json["kind"] == "failure"
    for words, code, exit_code in (
        (("--action", "explode"), "INCIDENT_ACTION", 4),
        (("--action", "deliver"), "INCIDENT_ACTION", 4),
        (("--action", "deliver", "--outputs", "{"), "ARGUMENT_INVALID", 2),
        (("--action", "deliver", "--outputs", "[1]"), "USAGE", 2),
        ((), "USAGE", 2),
    ):
        answer = cli.run("incidents", "resolve", "stopped", *words, "--json")
        assert (answer.code, answer.error["code"]) == (exit_code, code)
    (cli.folder / "paid.json").write_text('{"output": {"paid": true}}', encoding="utf-8")
    words = ("--action", "deliver", "--outputs", "@paid.json", "--reason", "by hand", "--json")
    assert cli.run("incidents", "resolve", "stopped", incident, *words).json["queued"] is True
    cli.run("worker", "--until-idle")
    assert cli.run("runs", "show", "stopped", "--json").json["outputs"] == {"output": {"paid": True}}
    assert cli.run("incidents", "list").out == "no open incidents\n"


def test_segments_are_checked(cli: Commands) -> None:
    good = cli.run("validate")
    assert good.code == 0
    assert good.out.count("ok  ") == 5
    bad = cli.folder / "bad.yaml"
    bad.write_text("worktrail: 1\nsegment_id: bad\nsteps:\n  - {step_id: a, step_type: transfrm}\n", encoding="utf-8")
    answer = cli.run("validate", "bad.yaml")
    assert answer.code == 1
    assert "error TYPE_UNKNOWN at /steps/0/step_type" in answer.out
    assert not cli.run("validate", "bad.yaml", "--json").json["ok"]
    assert cli.run("run", "bad.yaml", "--json").error["code"] == "SEGMENT_INVALID"
    assert cli.run("validate", "double", "--strict").code == 0


def test_schemas_and_feel(cli: Commands) -> None:
    assert "sample_double" in cli.run("schema").out
    assert cli.run("schema", "sample_double").json["properties"]["factor"]["default"] == 2
    assert cli.run("schema", "sample_dubble", "--json").error["hint"] == "Did you mean 'sample_double'?"
    assert cli.run("feel", "0.1 + 0.2").out == "0.3\n"
    assert cli.run("feel", "n * 2", "--context", "one.json").json == 8
    assert cli.run("feel", "n * 2", "--context", '{"n": 3}').json == 6
    answer = cli.run("feel", "1 ==", "--json")
    assert (answer.code, answer.error["code"]) == (1, "FEEL_SYNTAX")


def test_a_project_is_made(cli: Commands) -> None:
    made = cli.run("new", "shop", "--json")
    assert "worktrail.toml" in made.json["files"]
    assert "go on: cd shop2" in cli.run("new", "shop2").out
    again = cli.run("new", "shop", "--json")
    assert (again.code, again.error["code"]) == (4, "PROJECT_EXISTS")
    assert cli.run("new", ".", "--json").error["code"] in {"PROJECT_EXISTS", "PROJECT_NAME"}
    inside = Commands(cli.folder / "corner", cli.capture)
    inside.folder.mkdir()
    assert "go on: worktrail run orders" in inside.run("new", ".").out
    assert (inside.folder / "corner_steps.py").is_file()
    assert inside.run("new", "", "--json").error["code"] == "USAGE"


@pytest.mark.slow
def test_a_new_project_refuses_a_change_with_a_typo(cli: Commands) -> None:
    cli.run("new", "shop")
    shop = Commands(cli.folder / "shop", cli.capture)
    for number in (1, 2):
        order = json.dumps({"customer": "Brandt", "quantity": 100, "unit_price": 20 * number})
        made = process(shop.folder, "run", "orders", "--run-id", f"big-{number}", "--input", order)  # its steps are a process's
        assert made.err == ""
    tasks = shop.run("tasks", "list", "--json").json["tasks"]
    assert [each["title"] for each in tasks] == [f"Release the order of Brandt for {total}?" for total in (4000, 2000)]
    words = ("tasks", "decide", tasks[0]["task_id"], "modified", "--json", "--changes")
    refused = shop.run(*words, '{"totl": 2800}')
    assert (refused.code, refused.error["code"], refused.error["pointer"]) == (4, "DECISION_INVALID", "/changes")
    assert "totl" in refused.error["message"]
    assert shop.run(*words, '{"total": 2800}').json["queued"] is True
    assert "pip install pytest" in (shop.folder / "README.md").read_text(encoding="utf-8")


def test_the_doctor(cli: Commands) -> None:
    report = cli.run("doctor", "--json").json
    assert report["ok"]
    assert report["database"]["exists"] is False
    cli.run("run", "double", "-i", "one.json")
    answer = cli.run("doctor", "--deep")
    assert answer.code == 0
    assert "all is well" in answer.out


FAILURES: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no such command": (("bogus",), 2, "USAGE"),
    "no such option": (("runs", "list", "--statuss", "x"), 2, "USAGE"),
    "no such status": (("runs", "list", "--status", "done"), 2, "USAGE"),
    "a limit of nothing": (("runs", "list", "--limit", "0"), 2, "USAGE"),
    "a missing argument": (("trail",), 2, "USAGE"),
    "no such segment": (("run", "dubble"), 3, "SEGMENT_NOT_FOUND"),
    "no such segment file": (("run", "none.yaml"), 3, "DOCUMENT_FILE"),
    "no such input": (("run", "double", "-i", "none.csv"), 3, "INPUT_NOT_FOUND"),
    "an input of no kind": (("run", "double", "-i", "worktrail.toml"), 1, "INPUT_FILE"),
    "an input that does not fit": (("run", "double", "-i", '{"n": "x"}'), 1, "INPUT_INVALID"),
    "a parameter that is not there": (("run", "double", "-i", "one.json", "-p", "scal=1"), 1, "PARAMETER_UNKNOWN"),
    "a parameter that does not fit": (("run", "double", "-i", "one.json", "-p", "scale=x"), 1, "PARAMETER_INVALID"),
    "a parameter without a value": (("run", "double", "-i", "one.json", "-p", "scale"), 2, "ARGUMENT_INVALID"),
    "an id for many rows": (("run", "double", "-i", "good.jsonl", "--run-id", "mine"), 2, "USAGE"),
    "a key that is no FEEL": (("run", "double", "-i", "good.jsonl", "--business-key", "1 +"), 1, "FEEL_SYNTAX"),
    "no such app": (("run", "double", "-i", "one.json", "--app", "none.py"), 3, "APP_NOT_FOUND"),
    "no such project": (("run", "double", "--project", "nowhere"), 3, "PROJECT_NOT_FOUND"),
    "no database": (("runs", "list", "--db", "none.sqlite"), 3, "DATABASE_NOT_FOUND"),
    "no database for a key": (("keys", "create", "anna", "--db", "none.sqlite"), 3, "DATABASE_NOT_FOUND"),
    "no database for the doctor": (("doctor", "--db", "none.sqlite"), 3, "DATABASE_NOT_FOUND"),
    "a database that is none": (("runs", "list", "--db", "rows.csv"), 5, "STORE_CORRUPT"),
    "a database in no folder": (("run", "double", "-i", "one.json", "--db", "no/x.sqlite"), 5, "STORE_PATH"),
    "an output in no folder": (("run", "double", "-i", "good.jsonl", "-o", "no/out"), 4, "OUTPUT_FILE"),
    "no such context": (("feel", "1", "--context", "none.json"), 3, "DOCUMENT_FILE"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failure_has_its_exit_and_its_shape(name: str, cli: Commands) -> None:
    words, exit_code, code = FAILURES[name]
    answer = cli.run(*words, "--json")
    assert (answer.code, answer.error["code"]) == (exit_code, code)
    assert set(answer.error) <= {"code", "message", "hint", "pointer", "details"}
    assert answer.error["message"]
    assert answer.out == ""
    plain = cli.run(*words)
    assert plain.code == exit_code
    assert plain.err.startswith(f"error {code}")
    assert not (cli.folder / "none.sqlite").exists()


SAID: dict[str, tuple[tuple[str, ...], int, str]] = {
    "no database": (("runs", "list", "--db", "rows.csv"), 5, "It is no database: name another file."),
    "no database, by the doctor": (("doctor", "--db", "rows.csv"), 5, "rows.csv\n"),
    "no input": (("run", "double"), 1, "`--input FILE`"),
    "a folder of rows": (("run", "double", "-i", "folder.csv"), 1, "Look at the file's kind and rights."),
    "a page of no run": (("runs", "list", "--after", "nope"), 2, "--after: there is no such run here"),
    "a page of no task": (("tasks", "list", "--after", "nope"), 2, "--after: there is no such task here"),
    "an expression that ends": (("feel", "1 +"), 1, "Unexpected end: "),
    "an incident of a run without": (("incidents", "show", "done"), 4, "run done has no open incident\n"),
    "a repair of another kind": (("incidents", "resolve", "stopped", "--action", "true"), 4, "an incident of kind 'failure'"),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_fits(name: str, cli: Commands) -> None:
    words, exit_code, text = SAID[name]
    cli.run("run", "double", "-i", "one.json", "--run-id", "done")
    cli.run("run", "stuck", "-i", "one.json", "--run-id", "stopped")
    (cli.folder / "folder.csv").mkdir()
    answer = cli.run(*words)
    assert answer.code == exit_code
    assert text in answer.out + answer.err


NOT_THERE: dict[str, tuple[str, ...]] = {
    "NOT_FOUND": ("runs show nope", "runs cancel nope", "trail nope", "incidents show nope", "incidents list --run nope"),
    "TASK_NOT_FOUND": ("tasks show nope", "tasks decide nope approved"),
}


@pytest.mark.parametrize("words", [each for lines in NOT_THERE.values() for each in lines])
def test_what_is_not_there(words: str, cli: Commands) -> None:
    cli.run("run", "double", "-i", "one.json")
    answer = cli.run(*words.split(), "--json")
    assert answer.code == 3
    assert answer.error["code"] in NOT_THERE
    assert words in NOT_THERE[answer.error["code"]]


def test_help_and_version(cli: Commands) -> None:
    assert "worktrail run orders" in cli.run("--help").out
    assert "worktrail runs list --status failed" in cli.run("runs", "list", "--help").out
    assert cli.run("--version").out.startswith("worktrail ")
    assert cli.run("runs").code == 2


def test_user_code_that_fails_to_load_does_not_stop_looking(cli: Commands) -> None:
    cli.run("run", "double", "-i", "one.json")
    Path(cli.folder / "sample_steps.py").write_text("1 / 0\n", encoding="utf-8")
    assert cli.run("runs", "list").code == 0
    answer: Answer = cli.run("run", "double", "-i", "one.json", "--json")
    facts: Any = answer.error
    assert (answer.code, facts["code"], facts["details"]["line"]) == (1, "APP_MODULE", 1)


def test_segments_are_listed_shown_and_published(cli: Commands) -> None:
    listed = cli.run("segments", "list", "--json").json
    assert [each["segment_id"] for each in listed["segments"]][:2] == ["ask", "broken"]
    assert cli.run("segments", "publish", "double", "--version", "1.2.0", "--notes", "first").code == 0
    shown = cli.run("segments", "show", "double").out
    assert "1.2.0" in shown
    assert "first" in shown
    assert cli.run("segments", "list").out.count("(project)") == len(listed["segments"]) - 1
    again = cli.run("segments", "publish", "double", "--version", "1.2.0", "--json").json
    assert again["notes"] == "first"
    assert cli.run("segments", "show", "none", "--json").error["code"] == "SEGMENT_NOT_FOUND"


def test_keys_are_made_listed_and_revoked(cli: Commands) -> None:
    made = cli.run("keys", "create", "anna", "--permission", "view", "--permission", "decide", "--days", "3", "--json").json
    assert made["secret"].startswith(f"wtk_{made['key_id']}_")
    assert "anna" in cli.run("keys", "list").out
    assert cli.run("keys", "create", "x", "--permission", "fly", "--json").error["code"] == "KEY_INVALID"
    assert "revoked" in cli.run("keys", "revoke", made["key_id"]).out
    assert cli.run("keys", "list", "--tenant", "other").out == "no keys\n"
    assert cli.run("keys", "revoke", "none", "--json").error["code"] == "NOT_FOUND"
