"""The pure engine leaves the trails that were written by hand from the rules."""

from __future__ import annotations

import pytest

from tests.golden.lines import trail_lines
from tests.golden.play import play
from tests.golden.reader import Case, all_cases
from worktrail.errors import WorktrailError


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_trail(case: Case) -> None:
    """The case's trail, line by line."""
    if case.refused is not None:
        with pytest.raises(WorktrailError) as refused:
            play(case)
        assert refused.value.code == case.refused
        return
    stage = play(case)
    assert trail_lines(stage.plan, stage.values, stage.run.id, stage.events) == list(case.trail)
