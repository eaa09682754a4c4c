"""`worktrail.toml`: what it may say, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.projects import sample, write
from worktrail.app import environment, find_project, load_project, load_segment_file
from worktrail.errors import AuthorError, CallerError

FULL = """
[project]
name = "shop"
segments = ["flows", "one.yaml"]
app = "shop_steps"
database = "data/shop.sqlite"
concurrency = 8

[http]
allow_hosts = ["127.0.0.1:8080"]
only_hosts = ["*.example"]
allow_private = true
ports = [80, 8080]

[models]
scripted = true

[resources.clients.billing]
base_url = "https://billing.example"
headers = { Authorization = "env:TOKEN" }

[resources.llms.echo]
provider = "scripted"
replies = { hello = "world" }

[resources.secrets]
api_key = "env:API_KEY"
"""


def test_everything_that_may_be_said(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, {"worktrail.toml": FULL}))
    table = project.document
    assert (project.name, project.database) == ("shop", tmp_path.resolve() / "data/shop.sqlite")
    assert (table.project.concurrency, table.http.ports, table.models.scripted) == (8, [80, 8080], True)
    assert table.resources.clients["billing"].headers == {"Authorization": "env:TOKEN"}
    assert table.resources.llms["echo"].replies == {"hello": "world"}
    assert table.resources.secrets == {"api_key": "env:API_KEY"}


REFUSED = {
    "[projct]": ("/projct", "Did you mean 'project'?"),
    "[project]\nsegmets = []": ("/project/segmets", "Did you mean 'segments'?"),
    "[http]\nallow_host = []": ("/http/allow_host", "Did you mean 'allow_hosts'?"),
    "[resources.clients.b]\nbase_uri = 'x'": ("/resources/clients/b/base_uri", "Did you mean 'base_url'?"),
    "[zzz]": ("/zzz", "There are: project, http, models, resources."),
    "[project]\nname = 5": ("/project/name", ""),
    "[project]\nsegments = 'x'": ("/project/segments", ""),
    "[project]\nsegments = ['x', 2]": ("/project/segments/1", ""),
    "[project]\nconcurrency = 0": ("/project/concurrency", ""),
    "[resources.clients.b]": ("/resources/clients", ""),
    "[resources.llms.b]\nprovider = 'openai'": ("/resources/llms/b/provider", ""),
    "[resources.secrets]\nkey = 'hunter2'": ("/resources/secrets/key", ""),
    "[project": (None, ""),
}


@pytest.mark.parametrize("text", REFUSED)
def test_it_refuses(text: str, tmp_path: Path) -> None:
    with pytest.raises(AuthorError) as caught:
        load_project(write(tmp_path, {"worktrail.toml": text}))
    pointer, hint = REFUSED[text]
    assert (caught.value.code, caught.value.pointer) == ("PROJECT_INVALID", pointer)
    assert hint in caught.value.hint
    assert "hunter2" not in caught.value.message


def test_the_nearest_file_above_is_the_project(tmp_path: Path) -> None:
    write(tmp_path, {"worktrail.toml": "", "a/b/c.txt": ""})
    assert find_project(tmp_path / "a/b") == tmp_path / "worktrail.toml"
    assert load_project(start=tmp_path / "a/b").root == tmp_path.resolve()


def test_without_a_file_everything_is_at_its_default(tmp_path: Path) -> None:
    project = load_project(start=tmp_path)
    if project.file is None:  # nothing above the temporary folder either
        assert project.database == tmp_path.resolve() / "worktrail.sqlite"
        assert project.segments().all() == {}


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "other.toml"):
        with pytest.raises(CallerError) as caught:
            load_project(path)
        assert caught.value.code == "PROJECT_NOT_FOUND"


def test_segments_are_found_by_id(tmp_path: Path) -> None:
    segments = load_project(sample(tmp_path)).segments()
    assert sorted(segments.all()) == ["ask", "broken", "double", "stuck", "timer"]
    assert segments.get("ask").segment_id == "ask"
    with pytest.raises(CallerError) as caught:
        segments.get("dubble")
    assert (caught.value.code, caught.value.hint) == ("SEGMENT_NOT_FOUND", "Did you mean 'double'?")
    found = segments.lookup("ask", "1.0.0", None)
    assert found is not None
    assert segments.lookup("ask", "2.0.0", None) is None
    assert segments.lookup("ask", None, found.hash) is found
    assert segments.lookup("ask", None, "sha256:0") is None
    assert segments.lookup("none", None, None) is None


def test_a_segment_id_stands_once(tmp_path: Path) -> None:
    text = "worktrail: 1\nsegment_id: a\nsteps: [{step_id: x, step_type: emit, config: {event: e}}]\n"
    write(tmp_path, {"worktrail.toml": "", "segments/a.yaml": text, "segments/b/a.yml": text})
    with pytest.raises(AuthorError) as caught:
        load_project(tmp_path).segments().all()
    assert caught.value.code == "SEGMENT_TWICE"
    with pytest.raises(AuthorError):
        load_project(tmp_path).segments().get("a")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("x.json", '{"a":\n', "DOCUMENT_SYNTAX"),
        ("x.yaml", "worktrail: [1\n", "DOCUMENT_SYNTAX"),
        ("x.yml", "worktrail: 1\nsegment_id: x\n", "SEGMENT_INVALID"),
    ],
)
def test_a_broken_file_is_named_and_stops_no_other(name: str, text: str, code: str, tmp_path: Path) -> None:
    write(sample(tmp_path), {f"segments/{name}": text})
    segments = load_project(tmp_path).segments()
    assert segments.get("ask").segment_id == "ask"
    for look in (segments.all, lambda: segments.get("asc"), lambda: load_segment_file(tmp_path / "segments" / name)):
        with pytest.raises(AuthorError) as caught:
            look()
        assert caught.value.code == code
        assert f"segments/{name}: " in str(caught.value)


def test_a_place_that_is_not_there_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"worktrail.toml": "[project]\nsegments = ['nowhere']"})
    with pytest.raises(CallerError) as caught:
        load_project(tmp_path).segments().all()
    assert caught.value.code == "DOCUMENT_FILE"


def test_texts_from_the_environment() -> None:
    assert environment("plain") == "plain"
    assert environment("env:A", {"A": "1"}) == "1"
    with pytest.raises(CallerError) as caught:
        environment("env:B", {"A": "1"})
    assert caught.value.code == "ENVIRONMENT_MISSING"
