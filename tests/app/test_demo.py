"""Where the demo lives: whose folder it is, which address its service has, and what the tour shows."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from worktrail.app import load_segment_file
from worktrail.app.demo.place import place_of
from worktrail.errors import CallerError


def test_a_run_by_hand_meets_the_folders_own_service(tmp_path: Path) -> None:
    with place_of(tmp_path / "demo") as first:
        segment = load_segment_file(first.folder / "segment.yaml")
    assert segment.parameters["service_url"]["default"] == f"http://127.0.0.1:{first.port}"
    with place_of(tmp_path / "demo") as second:
        assert second == first


def test_a_folder_has_one_demo_at_a_time(tmp_path: Path) -> None:
    with place_of(tmp_path / "demo"), pytest.raises(CallerError) as caught, place_of(tmp_path / "demo"):
        pass
    assert caught.value.code == "DEMO_BUSY"
    assert str(tmp_path / "demo") in caught.value.message
    assert "--keep" in caught.value.hint
    with place_of(tmp_path / "demo"):
        pass


def test_the_port_of_its_service_is_not_changed_for_another(tmp_path: Path) -> None:
    with place_of(tmp_path / "demo") as place:
        pass
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", place.port))
        other.listen()
        with pytest.raises(CallerError) as caught, place_of(tmp_path / "demo", patience_s=0):
            pass
    assert caught.value.code == "DEMO_BUSY"
    assert str(place.port) in caught.value.message
    with place_of(tmp_path / "demo", patience_s=0) as again:
        assert again == place


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(CallerError) as caught, place_of(tmp_path / name):
        pass
    assert caught.value.code == "OUTPUT_FILE"
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
