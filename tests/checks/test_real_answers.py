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
from grader.records import Answer, CallRequest, Cell, CellRun, Evidence, Observation, QuestionTrace, Verdict

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
ASKED: dict[str, dict[str, Any]] = {
    "runs": {},
    "architecture": {"output": 10, "trained": True},
    "accuracy": {"no_credit": 0.3, "full_credit": 0.8},
    "reported": {"tolerance": 0.1},
    "timing": {"at_most": 20, "no_credit": 50},
    "figure": {"lines": 2, "labels": True, "legend": True, "points": "epochs", "agree": True},
    "function": {"names": ["relu"], "inputs": [{"shape": [5]}], "cases": 8},
    "value": {"names": ["total"], "compute": "sum(maximum(data, 0))"},
    "source": {"must_use": ["Adam"], "no_literals": ["accuracy"]},
    "training": {"optimizer": ["Adam"]},
    "tests": {"file": {"name": "relu_tests.py", "source": TESTS}},
    "transfer": {"backbone": BASE, "unfrozen": [0.1, 1], "outputs": 10, "lower_rate": True},
}
# What each quality of answer must earn, where it is not the usual: right all, wrong and lying nothing.
PARTIAL = {"architecture", "figure", "function", "training", "tests", "transfer"}
NOT_ASKED_OF = {  # these answers are right in what the check looks at, or partly so
    "architecture": {"wrong", "lying"},
    "runs": {"wrong", "lying"},
    "timing": set(),
}


def parameters(check: str) -> Any:
    return CHECKS[check].parameters.model_validate(ASKED[check])


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
    asked = [r for name in ("function", "tests") for r in CHECKS[name].requests(parameters(name), SEED)]
    calls = [dataclasses.asdict(request) for request in asked if isinstance(request, CallRequest)]
    return {"calls": calls, "predict": [{"data_set": "mnist"}], "input_shape": [2, 1, 28, 28]}


def evidence_of(name: str, code: str, result: dict[str, Any], labels: tuple[int, ...]) -> Evidence:
    assert not result["error"], (name, result["error"])
    run = CellRun(1, "ok", result["seconds"], result["printed"])
    observation = READER.validate_python(result["observation"])
    trace = QuestionTrace(name, Answer(name, (1,), "", 0.9), (run,), None, observation, numbers_in(run.text, 1))
    blobs = {key: bytes.fromhex(blob) for key, blob in result["blobs"].items()}
    return Evidence(trace, blobs, "full", labels={"mnist": labels}, seed=SEED, cells=(Cell(1, "code", code),))


def absent(labels: tuple[int, ...]) -> Evidence:
    trace = QuestionTrace("none", Answer("none", (1,), "", 0.9), (), None, Observation("none"))
    return Evidence(trace, {}, "full", labels={"mnist": labels}, seed=SEED, cells=(Cell(1, "code", "# todo"),))


@pytest.fixture
def verdict(seen: Any, blocks: Any) -> Any:
    def judged(framework: str, check: str, quality: str, style: str) -> Verdict:
        all_seen = seen(framework)
        kind = "transfer " if check == "transfer" else ""
        evidence = absent(blocks[1]) if quality == "absent" else all_seen[f"{quality} {kind}{style}"]
        return CHECKS[check].function(evidence, parameters(check), all_seen[f"right {kind}subclass"])

    return judged


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("check", ASKED)
def test_right_work_earns_everything_in_every_style(verdict: Any, framework: str, check: str) -> None:
    for style in STYLES:
        given = verdict(framework, check, "right", style)
        assert given.share == 1.0, (style, given)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("check", sorted(PARTIAL))
def test_partly_right_work_earns_a_part_and_a_hint(verdict: Any, framework: str, check: str) -> None:
    for style in STYLES:
        given = verdict(framework, check, "partly", style)
        assert given.share is not None, (style, given)
        assert 0 < given.share < 1, (style, given)
        assert given.hint


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("quality", ["wrong", "lying", "absent"])
@pytest.mark.parametrize("check", ASKED)
def test_wrong_lying_and_absent_work_earns_nothing(verdict: Any, framework: str, check: str, quality: str) -> None:
    for style in STYLES:
        given = verdict(framework, check, quality, style)
        assert given.share is not None, (style, given)
        if quality in NOT_ASKED_OF.get(check, ()):
            assert given.share == 1.0 if check == "runs" else given.share < 1.0, (style, given)
        else:
            assert given.share == 0.0, (style, given)


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
