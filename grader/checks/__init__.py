"""The checks: one function each, `(evidence, parameters, reference evidence) -> Verdict`, without side effects.

    registry.py       `@check`, `CHECKS`, `Parameters`
    runs.py           does the code run
    architecture.py   is it the network that was asked for
    accuracy.py       how well does it do on images that nobody trained on
    reported.py       are the reported numbers true
       how long did it take beside the reference
    figure.py         does the figure show what was asked for
    function.py       does a function give what it should on inputs drawn for this run
    transfer.py       does it stand on a pretrained network, frozen and unfrozen in the right order
    training.py       did the training do what a training should
    value.py          is a number or an array the right one
    claimed.py        does the code give the result that is written down
    epoch_log.py      is every epoch of a training told
    source.py         is it written in the way that was asked for
    tests.py          an instructor's own pytest file
    app.py            does the Streamlit app show what its network says
    written.py        collects a written answer for a person
    after_hand_in.py  stands in student editions for what is graded later

Beside them stand the pure parts that they share: `parts.py`, `models.py`, `fed.py` (what a training was fed),
`scaling.py` (as what a pretrained network expects),
`code.py` (code as syntax trees), `absence.py` (why something was not seen, and whose fault that is),
`steps.py`, `alignment.py` and `flow.py` (networks of both frameworks in one form), `measured.py` (accuracy on held-out
images), `printed.py` (layers in what was printed), `results.py` and `matrices.py` (small array operations on a
student's own arrays), `arrays.py` (arrays from the sandbox) and `scale.py` (points between two thresholds, intervals).

A check looks at `Evidence` and nothing else. What the grader could not see by its own fault is `unscored`, never zero.
"""

from grader.checks import (
    accuracy,
    after_hand_in,
    app,
    architecture,
    claimed,
    epoch_log,
    figure,
    function,
    reported,
    runs,
    source,
    tests,
    timing,
    training,
    transfer,
    value,
    written,
)
from grader.checks.registry import CHECKS, Check, Parameters, check

__all__ = [
    "CHECKS",
    "Check",
    "Parameters",
    "accuracy",
    "after_hand_in",
    "app",
    "architecture",
    "check",
    "claimed",
    "epoch_log",
    "figure",
    "function",
    "reported",
    "runs",
    "source",
    "tests",
    "timing",
    "training",
    "transfer",
    "value",
    "written",
]
