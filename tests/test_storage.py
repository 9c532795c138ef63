from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace

import pytest

from grader.errors import OperatorError
from grader.records import (
    Answer,
    Cell,
    CellRun,
    Environment,
    ErrorTrace,
    Figure,
    Grade,
    Layer,
    Model,
    Observation,
    QuestionTrace,
    Submission,
    Trace,
    Training,
)
from grader.storage import Kept, keep, load_problem, load_trace, save_problem, save_trace

LAYER = Layer(
    "conv1", "Conv2d", config={"kernel_size": (5, 5), "bias": True, "mode": "zeros"}, output=(None, 6, 28, 28)
)
TRACE = Trace(
    schema=1,
    assignment="a",
    plan_hash="h",
    profile="quick",
    submission=Submission("alice", "Alice", "a.ipynb", (Cell(0, "code", "x = 1"),), "digest"),
    questions=(
        QuestionTrace(
            "q1",
            Answer("q1", (0,), confidence=0.5),
            (CellRun(0, "error", 1.5, error=ErrorTrace("E", "m", 0)),),
            observation=Observation("q1", models=(Model("net", "Net", "torch", layers=(LAYER,)),)),
        ),
    ),
    environment=Environment(packages={"torch": "2"}),
)


def test_a_trace_comes_back_equal(tmp_path):
    save_trace(TRACE, {"x.npy": b"123"}, tmp_path / "alice")
    assert load_trace(tmp_path / "alice") == (TRACE, {"x.npy": b"123"})


def test_a_second_trace_replaces_the_first_with_all_its_blobs(tmp_path):
    save_trace(TRACE, {"old.npy": b"1"}, tmp_path / "alice")
    save_trace(TRACE, {"new.npy": b"2"}, tmp_path / "alice")
    assert set(load_trace(tmp_path / "alice")[1]) == {"new.npy"}
    assert [path.name for path in tmp_path.iterdir()] == ["alice"]


@pytest.mark.parametrize("damage", [b"", b"{", b'{"schema": 1}'])
def test_a_damaged_trace_is_said_in_one_line(tmp_path, damage):
    save_trace(TRACE, {}, tmp_path / "alice")
    (tmp_path / "alice" / "trace.json").write_bytes(damage)
    with pytest.raises(OperatorError, match="damaged") as caught:
        load_trace(tmp_path / "alice")
    assert "\n" not in str(caught.value)


def test_a_trace_of_another_format_is_refused(tmp_path):
    save_trace(TRACE, {}, tmp_path / "alice")
    path = tmp_path / "alice" / "trace.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 99}))
    with pytest.raises(OperatorError, match="format 99"):
        load_trace(tmp_path / "alice")


def test_no_trace_and_no_room_are_operator_errors(tmp_path):
    with pytest.raises(OperatorError, match="no trace"):
        load_trace(tmp_path / "nobody")
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorError, match="cannot be written"):
        save_trace(TRACE, {}, tmp_path / "file" / "alice")


def test_a_problem_is_kept_in_place_of_a_trace(tmp_path):
    grade = Grade("a", "A", "f", "x", "X", "h", "quick", 0, 10, problem="broken JSON", fault="student")
    save_trace(TRACE, {}, tmp_path / "a")
    assert load_problem(tmp_path / "a") is None
    save_problem(grade, tmp_path / "a")
    assert load_problem(tmp_path / "a") == grade


def test_a_trace_is_found_by_its_key_while_it_is_whole(tmp_path):
    name = f"{hashlib.sha256(b'png').hexdigest()}.png"
    seen = replace(TRACE.questions[0], observation=Observation("q1", figures=(Figure(png=name),)))
    trace = replace(TRACE, key="k", questions=(seen,))
    folder = tmp_path / "alice"
    assert Kept(folder)("k") is None
    save_trace(trace, {name: b"png"}, folder)
    kept = Kept(folder)
    assert kept("k") == (trace, {name: b"png"})
    assert kept.found == trace
    assert Kept(folder)("other") is None
    assert Kept(folder, fresh=True)("k") is None
    (folder / "blobs" / name).write_bytes(b"pn")
    assert Kept(folder)("k") is None
    (folder / "blobs" / name).unlink()
    assert Kept(folder)("k") is None


def test_a_trace_that_lies_there_is_not_written_again(tmp_path):
    trace = replace(TRACE, key="k")
    save_trace(trace, {}, tmp_path / "alice")
    kept = Kept(tmp_path / "alice")
    kept("k")
    written = (tmp_path / "alice" / "trace.json").stat().st_ino
    keep(trace, {}, kept)
    assert (tmp_path / "alice" / "trace.json").stat().st_ino == written
    keep(replace(trace, seconds=2.0), {}, kept)
    assert load_trace(tmp_path / "alice")[0].seconds == 2.0


def test_numbers_that_are_none_come_back_too(tmp_path):
    training = Training(0, "torch", history={"loss": (1.0, math.inf, math.nan)})
    question = replace(TRACE.questions[0], observation=Observation("q1", trainings=(training,)))
    save_trace(replace(TRACE, questions=(question,)), {}, tmp_path / "alice")
    (loss,) = load_trace(tmp_path / "alice")[0].questions[0].observation.trainings[0].history.values()
    assert loss[:2] == (1.0, math.inf)
    assert math.isnan(loss[2])
