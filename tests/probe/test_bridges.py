"""The table of bridges, as rubrics name it."""

import pytest

from grader.probe.bridges import BRIDGES
from grader.rubric import models


def test_a_rubric_can_switch_off_every_bridge_and_nothing_else():
    assert set(models.BRIDGES) == set(BRIDGES)


@pytest.mark.parametrize("name", BRIDGES)
def test_every_bridge_says_what_it_did_and_acts_somewhere(name):
    bridge = BRIDGES[name]
    assert bridge.name == name
    assert len(bridge.message) < 200
    assert bridge.modules or bridge.offers
