"""Thresholds that follow from the spread of several seeds."""

import pytest

from grader.verify.seeds import accuracy_thresholds, guessing, ratio_thresholds


def test_full_credit_is_below_the_lowest_run_by_the_spread():
    assert accuracy_thresholds([0.90, 0.93, 0.94], guess=0.1) == {"no_credit": 0.35, "full_credit": 0.86}


def test_runs_that_do_not_agree_do_not_lead_below_guessing():
    assert accuracy_thresholds([0.3, 0.9], guess=0.5) == {"no_credit": 0.5, "full_credit": 0.5}


def test_times():
    assert ratio_thresholds([1.0, 1.1]) == {"at_most": 3.0, "no_credit": 9.0}
    assert ratio_thresholds([1.0, 2.4]) == {"at_most": 5.0, "no_credit": 15.0}


@pytest.mark.parametrize(("metric", "guess"), [("accuracy", 0.75), ("auroc", 0.5), ("f1", 0.5), ("recall", 0.5)])
def test_guessing(metric, guess):
    assert guessing([0, 0, 0, 1], metric) == guess
