"""The table of bridges, as rubrics name it."""

import pytest

from grader.pipeline import Settings, prepare_workplace
from grader.probe.bridges import BRIDGES
from grader.rubric import load_rubric, models

RUBRIC = """
assignment: tiny
title: Tiny
bridges: {{{}: false}}
questions:
  - {{id: q1, title: One, points: 1, criteria: [{{id: runs, title: It runs, check: runs, points: 1}}]}}
"""


def test_a_rubric_can_switch_off_every_bridge_and_nothing_else():
    assert set(models.BRIDGES) == set(BRIDGES)


@pytest.mark.parametrize("name", BRIDGES)
def test_every_bridge_says_what_it_did_and_acts_somewhere(name):
    bridge = BRIDGES[name]
    assert bridge.name == name
    assert len(bridge.message) < 200
    assert bridge.modules or bridge.offers


@pytest.mark.parametrize("name", BRIDGES)
def test_a_rubric_switches_off_one_bridge_and_leaves_the_others(name, tmp_path):
    (tmp_path / "tiny.yaml").write_text(RUBRIC.format(name))
    place = prepare_workplace(load_rubric(tmp_path / "tiny.yaml"), Settings(isolation="none"))
    assert place.bridges_off == (name,)
