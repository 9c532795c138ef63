"""Every check on real work: PyTorch and Keras, three styles each, right, partly right, wrong, lying and absent.

One process per framework runs all answers; the checks then judge what the probe saw.
"""

from __future__ import annotations

import dataclasses
import json
import os
import runpy
import subprocess
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.checks import CHECKS
from grader.observe.numbers import numbers_in
from grader.observe.reports import READER
from grader.records import (
    Answer,
    CallRequest,
    Cell,
    CellRun,
    Environment,
    ErrorTrace,
    Evidence,
    Number,
    Observation,
    QuestionTrace,
    Submission,
    Trace,
    Verdict,
)
from grader.score import evidence as scoring

answers = runpy.run_path(str(Path(__file__).with_name("answers.py")))["answers"]
FRAMEWORKS = [pytest.param("torch", marks=pytest.mark.torch), pytest.param("keras", marks=pytest.mark.tensorflow)]
ENVIRONMENT = {
    "CUDA_VISIBLE_DEVICES": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KERAS_BACKEND": "tensorflow",
    "OMP_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "TF_NUM_INTRAOP_THREADS": "1",
}
STYLES = ("subclass", "sequential", "function")
BASE = 6 * 26 + 4 * (6 * 25 + 1)  # parameters of the base in the answers on transfer learning
SEED = 5
TESTS = """
import numpy as np
import pytest

@pytest.mark.points(3)
@pytest.mark.call("relu", np.array([-0.5, 0.5]))
def test_small_numbers(call):
    assert np.allclose(call[0].result, [0, 0.5])

@pytest.mark.call("relu", lambda random: random.normal(size=4) + 1.5)
def test_large_numbers(call):
    assert np.allclose(call[0].result, np.maximum(call[0].arguments[0], 0))
    assert call[0].result.any()
"""
# The check (by the first word) and what it is asked.
ASKED: dict[str, dict[str, Any]] = {
    "runs": {},
    "architecture": {"output": 10, "trained": True},
    "accuracy": {"no_credit": 0.2, "full_credit": 0.9},
    "reported": {"tolerance": 0.1},
    "reported seconds": {"quantity": "seconds"},
    "timing": {"at_most": 3, "no_credit": 1000},
    "timing inference": {"phase": "inference", "data": "mnist", "at_most": 10, "no_credit": 50},
    "figure": {"lines": 2, "labels": True, "legend": True, "points": "epochs", "agree": True},
    "function": {"names": ["relu"], "inputs": [{"shape": [5]}], "cases": 8},
    "value": {"names": ["total"], "compute": "sum(maximum(data, 0))"},
    "source": {"must_use": ["Adam"], "no_literals": ["accuracy"]},
    "training": {"optimizer": ["Adam"]},
    "tests": {"file": {"name": "relu_tests.py", "source": TESTS}},
    "transfer": {"backbone": BASE, "unfrozen": [0.1, 1], "outputs": 10, "lower_rate": True},
}
# A value is right or wrong; a time fits or not; all that is asked of the others may be there in part.
PARTIAL = [check for check in ASKED if check not in ("value", "reported seconds", "timing inference")]
# What is right, or partly so, in an answer that lies: it has the right network, and its code runs.
RIGHT_IN_LIES = {"runs": 1.0, "architecture": 2 / 3}
FAILING = {f"{kind} {style}" for kind in ("wrong", "partly runs") for style in STYLES}
QUESTION = {"transfer": "transfer ", "runs": "runs "}  # the answers for a check, where they are not the usual


def check_of(asked: str) -> Any:
    return CHECKS[asked.split(maxsplit=1)[0]]


def parameters(asked: str) -> Any:
    return check_of(asked).parameters.model_validate(ASKED[asked])


@pytest.fixture(scope="session")
def blocks(tmp_path_factory: Any) -> tuple[str, tuple[int, ...]]:
    """A set like MNIST that is learned in seconds, as a class is the place of a bright block; and its hidden labels."""
    rng, folder = np.random.default_rng(0), tmp_path_factory.mktemp("mnist")

    def drawn(n: int) -> tuple[Any, Any]:
        labels = np.arange(n, dtype=np.uint8) % 10
        images = rng.integers(0, 60, (n, 28, 28), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = divmod(int(label), 4)
            image[2 + row * 8 : 10 + row * 8, 1 + column * 7 : 7 + column * 7] = 250
        return images, labels

    (train, y_train), (test, y_test), (held, hidden) = drawn(300), drawn(100), drawn(200)
    np.savez(folder / "served.npz", x_train=train, y_train=y_train, x_test=test, y_test=y_test)
    np.save(folder / "held_out.npy", held)
    (folder / "meta.json").write_text(json.dumps({"classes": [str(i) for i in range(10)], "stand_in": ""}))
    return str(folder), tuple(int(label) for label in hidden)


@pytest.fixture(scope="session")
def seen(blocks: Any, tmp_path_factory: Any) -> Any:
    """Evidence by framework and name of the answer; each framework runs once."""

    @lru_cache
    def of(framework: str) -> dict[str, Evidence]:
        written = answers(framework)
        given = {name: {"code": code, "plan": plan()} for name, code in written.items()}
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("run_answers.py"))],
            input=json.dumps({"settings": {"data": {"mnist": blocks[0]}}, "answers": given}),
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
            cwd=tmp_path_factory.mktemp(framework),
            env={**os.environ, **ENVIRONMENT},
        )
        assert done.returncode == 0, done.stderr[-3000:]
        results = json.loads(done.stdout)
        return {name: evidence_of(name, written[name], one, blocks[1]) for name, one in results.items()}

    return of


def plan() -> dict[str, Any]:
    asked = [r for name in ASKED for r in check_of(name).requests(parameters(name), SEED)]
    calls = [dataclasses.asdict(request) for request in asked if isinstance(request, CallRequest)]
    return {"calls": calls, "predict": [{"data_set": "mnist", "repeats": 3}], "input_shape": [2, 1, 28, 28]}


def evidence_of(name: str, code: str, result: dict[str, Any], labels: tuple[int, ...]) -> Evidence:
    """What the checks may look at. The cell with the imports and the data is a shared one, as in a notebook."""
    sources = code.split("# %%\n")
    runs = [run_of(i, one) for i, one in enumerate(result["cells"], 1)]
    shared = [runs.pop(0)] if "torch.manual_seed" in sources[0] or "set_random_seed" in sources[0] else []
    error = next((run.error for run in (*shared, *runs) if run.error), None)
    assert (error is not None) == (name in FAILING), (name, error)
    observation = READER.validate_python(result["observation"])
    numbers = tuple(number for run in runs for number in numbers_in(run.text, run.cell))
    answer = Answer(name, tuple(run.cell for run in runs), "", 0.9)
    trace = QuestionTrace(name, answer, tuple(runs), error, observation, numbers, saved(name, observation))
    cells = tuple(Cell(i, "code", source) for i, source in enumerate(sources, 1))
    blobs = {key: bytes.fromhex(blob) for key, blob in result["blobs"].items()}
    hand_in, environment = Submission("s", "s", "s.py", cells, ""), Environment(seed=SEED)
    whole = Trace(1, "a", "", "full", hand_in, (trace,), environment, tuple(shared))
    return scoring.evidence_of(whole, name, blobs, {"mnist": labels}, {})


def run_of(index: int, cell: dict[str, Any]) -> CellRun:
    kind, _, message = cell["error"].partition(": ")
    error = ErrorTrace(kind, message, index) if kind else None
    return CellRun(index, "error" if error else "ok", cell["seconds"], cell["printed"], error)


def saved(name: str, observation: Observation) -> tuple[Number, ...]:
    """What the file of the partly right answer shows: the true accuracy, which its code does not print any more."""
    scores = next((value.values for value in observation.values if value.name == "scores"), ())
    return (Number("Test accuracy", scores[-1], "", 2),) if scores and name.startswith("partly") else ()


@pytest.fixture
def verdict(seen: Any) -> Any:
    def judged(framework: str, asked: str, quality: str, style: str) -> Verdict:
        all_seen = seen(framework)
        kind = QUESTION.get(asked, "")
        name = next(name for name in (f"{quality} {kind}{style}", f"{quality} {style}") if name in all_seen)
        reference = all_seen["right transfer subclass" if asked == "transfer" else "right subclass"]
        return check_of(asked).function(all_seen[name], parameters(asked), reference)

    return judged


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("asked", ASKED)
def test_right_work_earns_everything_in_every_style(verdict: Any, framework: str, asked: str) -> None:
    for style in STYLES:
        given = verdict(framework, asked, "right", style)
        assert given.share == 1.0, (style, given)
        assert given.place or asked in ("runs", "tests"), (style, given)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("asked", PARTIAL)
def test_partly_right_work_earns_a_part_and_a_hint(verdict: Any, framework: str, asked: str) -> None:
    for style in STYLES:
        given = verdict(framework, asked, "partly", style)
        assert given.share is not None, (style, given)
        assert 0 < given.share < 1, (style, given)
        assert given.hint
        assert given.place or asked == "tests", (style, given)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("quality", ["wrong", "lying", "absent"])
@pytest.mark.parametrize("asked", ASKED)
def test_wrong_lying_and_absent_work_earns_nothing(verdict: Any, framework: str, asked: str, quality: str) -> None:
    for style in STYLES:
        given = verdict(framework, asked, quality, style)
        assert given.share == pytest.approx(RIGHT_IN_LIES.get(asked, 0) if quality == "lying" else 0), (style, given)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_verdicts_say_what_was_seen_and_where(verdict: Any, framework: str) -> None:
    claimed = verdict(framework, "reported", "lying", "sequential")
    assert "claimed 99.0 %" in claimed.rationale.casefold()
    typed = verdict(framework, "value", "lying", "subclass")
    assert "typed in" in typed.rationale
    assert typed.place
    assert typed.place.source == "total = 4.5"
    assert "4.5" in typed.instructor
    twice = verdict(framework, "training", "partly", "sequential")
    assert "softmax" in twice.rationale
    assert "once more" in twice.rationale
    frozen = verdict(framework, "transfer", "partly", "function")
    assert "not frozen" in frozen.rationale
    hidden = verdict(framework, "tests", "partly", "function")
    assert "1 of 4 points" in hidden.rationale
    assert "test_" not in hidden.rationale
    assert "test_" in hidden.instructor


@pytest.mark.torch
def test_functional_losses_of_torch_are_told_apart(seen: Any) -> None:
    stages = seen("torch")["losses"].question.observation.trainings
    assert [(stage.loss, stage.loss_input, stage.target_range) for stage in stages] == [
        ("cross_entropy", "", (0, 8)),
        ("nll_loss", "log_softmax", (0, 8)),
        ("nll_loss", "log_softmax", (0, 8)),
        ("nll_loss", "", (0, 8)),
        ("CrossEntropyLoss", "softmax", (0, 8)),
        ("binary_cross_entropy", "sigmoid", (0, 1)),
        ("binary_cross_entropy_with_logits", "", (0, 8)),
    ]


@pytest.mark.tensorflow
def test_a_binary_loss_on_ten_classes_is_found_in_pipelines_and_generators(seen: Any) -> None:
    evidence = seen("keras")["losses"]
    assert [stage.target_range for stage in evidence.question.observation.trainings] == [(0, 9), (0, 9)]
    given = CHECKS["training"].function(evidence, parameters("training"), None)
    assert "binary_crossentropy was given labels up to 9" in given.rationale


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_grids_and_maps_of_the_given_picture(seen: Any, framework: str) -> None:
    asked = {"figures": 2, "pictures": 16, "title": True, "shows": ["filters", "maps"], "given_picture": True}
    figure, answered = CHECKS["figure"], seen(framework)

    def judged(name: str) -> Verdict:
        reference = answered["maps of the picture"]
        return figure.function(answered[f"maps of {name}"], figure.parameters.model_validate(asked), reference)

    assert judged("the picture").share == 1.0, judged("the picture")
    assert judged("another crop").share == 1.0, judged("another crop")
    assert judged("noise").share == 0.5, judged("noise")
    assert judged("another picture").share is None
    assert judged("noise").place
