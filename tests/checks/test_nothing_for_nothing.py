"""No check gives points for nothing: empty answers, zeros, constants and random output, for every registered check."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from grader.checks import CHECKS
from grader.records import (
    Answer,
    App,
    Axes,
    Call,
    CallRequest,
    Cell,
    CellRun,
    Environment,
    Evidence,
    Figure,
    Line,
    Number,
    Observation,
    Picture,
    Prediction,
    QuestionTrace,
    Submission,
    Trace,
    Training,
    Upload,
    Value,
)
from grader.score.evidence import evidence_of

LABELS = tuple(i % 10 for i in range(200))
TESTS = """
import pytest

@pytest.mark.call("f", 1.5)
def test_f(call):
    assert call[0].result == call[0].expected

def test_values(answer):
    assert answer.values["total"] == 4.5
"""
# One way to ask each check for something. A new check without a line here fails the test below.
ASKED: dict[str, dict[str, Any]] = {
    "accuracy": {"no_credit": 0.2, "full_credit": 0.9},
    "after_hand_in": {},
    "app": {"classes": ["cat", "dog"], "pictures": ["cat.png"]},
    "architecture": {},
    "claimed": {},
    "epoch_log": {},
    "figure": {"lines": 1, "agree": True},
    "function": {"names": ["f"], "inputs": [{"shape": [4]}]},
    "reported": {},
    "runs": {},
    "source": {"must_not_use": ["eval"], "no_literals": ["loss"]},
    "tests": {"file": {"name": "f_tests.py", "source": TESTS}},
    "timing": {},
    "training": {},
    "transfer": {"backbone": 104},
    "value": {"names": ["total"], "expected": 4.5},
    "written": {},
}
CODE = {
    "empty": "",
    "zeros": "import numpy as np\ntotal = 0\nprint('Accuracy:', 0)",
    "constant": "total = 1\nprint('Accuracy: 1.0')",
    "random": "import numpy as np\ntotal = 0.7312\nprint('Accuracy:', 0.7312)",
}


def numbers(kind: str, *shape: int) -> Any:
    if kind == "random":
        return np.random.default_rng(1).random(shape)
    return np.full(shape, 1.0 if kind == "constant" else 0.0)


def npy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array, np.float32), allow_pickle=False)
    return stream.getvalue()


def calls(asked: tuple[Any, ...], kind: str) -> tuple[Call, ...]:
    found = []
    for request in asked:
        for case, arguments in enumerate(request.cases):
            shape = arguments[0].shape or ()
            flat = np.maximum(np.asarray(arguments[0].values, float), 0).ravel() if kind == "right" else None
            values = flat if flat is not None else numbers(kind, *shape).ravel()
            value = Value("", "numpy.ndarray", "float64", tuple(shape), tuple(map(float, values)))
            found.append(Call(request.id, case, "f", value))
    return tuple(found)


def requests(check: str) -> tuple[CallRequest, ...]:
    parameters = CHECKS[check].parameters.model_validate(ASKED[check])
    return tuple(r for r in CHECKS[check].requests(parameters, 0) if isinstance(r, CallRequest))


def trivial(check: str, kind: str, **built: Any) -> Evidence:
    """What is seen of an answer that is nothing, in the way that scoring hands it to the checks."""
    seen: dict[str, Any] = {}
    if kind != "empty":
        picture = Picture((4, 4), 0, float(kind != "zeros"), tuple(numbers(kind, 16)))
        line = Line("accuracy", (1, 2, 3), tuple(numbers(kind, 3)), 3)
        total = {"zeros": 0.0, "constant": 1.0, "random": 0.7312}[kind]
        seen = {
            "values": (Value("total", "float", values=(total,)),),
            "figures": (Figure("Accuracy", (Axes(lines=(line,), pictures=(picture,)),)),) if check == "figure" else (),
            "calls": calls(requests(check), kind),
            "apps": (App("app.py", (Upload("cat.png", (f"cat {total}",)),) * 2, asks=True),) if check == "app" else (),
        }
    seen |= built
    run = CellRun(1, "ok", 1.0, "Accuracy: 0.7")
    trace = QuestionTrace(
        "q", Answer("q", (1,), "", 0.9), (run,), None, Observation("q", **seen), (Number("Accuracy", 0.7),)
    )
    submission = Submission("s", "s", "s.py", (Cell(1, "code", CODE[kind]),), "")
    whole = Trace(1, "a", "", "full", submission, (trace,), Environment())
    return evidence_of(whole, "q", {"out": npy(numbers(kind, 200, 10))}, {"mnist": LABELS}, {})


def reference(check: str, lenet: Any) -> Evidence:
    training = Training(0, "torch", steps=10, changed=4)
    values = (Value("total", "float", values=(4.5,)),)
    seen = Observation("q", (lenet(),), (training,), values=values, calls=calls(requests(check), "right"))
    return Evidence(QuestionTrace("q", Answer("q", (1,)), (CellRun(1, "ok", 2.0),), None, seen))


def test_every_check_is_asked() -> None:
    own = {name for name, check in CHECKS.items() if "/grader/checks/" in check.origin}
    assert own == set(ASKED), "give every check a line in ASKED"


@pytest.mark.parametrize("kind", CODE)
@pytest.mark.parametrize("check", sorted(ASKED))
def test_no_points_for_nothing(lenet: Any, check: str, kind: str) -> None:
    parameters = CHECKS[check].parameters.model_validate(ASKED[check])
    verdict = CHECKS[check].function(trivial(check, kind), parameters, reference(check, lenet))
    assert not verdict.share, verdict


@pytest.mark.parametrize("kind", CODE)
@pytest.mark.parametrize("check", sorted(set(ASKED) - {"runs", "source", "timing", "architecture"}))
def test_no_points_for_a_model_that_is_only_there(lenet: Any, check: str, kind: str) -> None:
    """A model that was never trained, or whose training changed nothing, with outputs that are nothing."""
    idle = Training(0, "torch", steps=10, changed=0, history={"loss": (2.0, 1.0)})
    built = {
        "models": (lenet(trained=False),),
        "trainings": (idle,),
        "predictions": (Prediction("mnist", 0, outputs="out"),),
    }
    parameters = CHECKS[check].parameters.model_validate(ASKED[check])
    verdict = CHECKS[check].function(trivial(check, kind, **built), parameters, reference(check, lenet))
    assert not verdict.share, verdict


@pytest.mark.parametrize("metric", ["accuracy", "recall", "f1", "auroc"])
@pytest.mark.parametrize("kind", CODE)
def test_no_points_for_a_trained_model_that_learned_nothing(lenet: Any, kind: str, metric: str) -> None:
    built = {"models": (lenet(),), "predictions": (Prediction("mnist", 0, outputs="out"),)}
    parameters = CHECKS["accuracy"].parameters.model_validate({**ASKED["accuracy"], "metric": metric})
    verdict = CHECKS["accuracy"].function(trivial("accuracy", kind, **built), parameters, None)
    assert not verdict.share, verdict
