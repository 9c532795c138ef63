"""A batch on a GPU that is not there: what a lease says is real, the device behind it is the CPU."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import cast

import pytest

from grader.batch import Batch, Silent
from grader.execute import Device, Lease, Leases
from grader.execute.gpus import Gpu
from grader.gradebook import OpenRun
from grader.ingest import find
from grader.pipeline import AnswerKey, Settings, prepare_workplace
from grader.rubric import load_rubric
from grader.storage import Kept

RUBRIC = """
assignment: tiny
title: A tiny assignment
questions:
  - id: q1
    title: Sums
    prompt: Compute the sum of the first ten numbers and print it.
    points: 4
    criteria:
      - {id: runs, title: The code runs, check: runs, points: 4}
"""
ANSWER = "# Question 1: Compute the sum of the first ten numbers and print it.\n"


class Counting(Silent):
    """Counts how often a kernel is started."""

    def __init__(self) -> None:
        self.kernels = 0

    def step(self, name: str, what: str) -> None:
        self.kernels += what.startswith("starting a kernel")


@pytest.mark.kernel
@pytest.mark.parametrize(("error", "kernels"), [("OutOfMemoryError('CUDA out of memory.')", 2), ("ValueError()", 1)])
def test_want_of_memory_on_a_shared_gpu_counts_only_if_it_comes_again_alone(tmp_path: Path, error: str, kernels: int):
    (tmp_path / "tiny.yaml").write_text(RUBRIC)
    (tmp_path / "ada.py").write_text(ANSWER + f"class OutOfMemoryError(RuntimeError): pass\nraise {error}\n")
    rubric, view = load_rubric(tmp_path / "tiny.yaml"), Counting()
    gpu = Device("cuda:0", gpu=Gpu(0, "Fast", "GPU-aa", 2**34, 2**34), share=0.25)
    leases = Leases([Lease((0,), gpu), Lease((0,), gpu)])
    place = prepare_workplace(rubric, Settings(device="cpu"))
    nobody = cast("OpenRun", None)  # nothing is graded here
    batch = Batch(rubric, place, AnswerKey(), tmp_path, nobody, view, leases, Settings())
    (hand_in,) = find([tmp_path / "ada.py"])
    trace, _ = asyncio.run(batch._run(hand_in, Kept(tmp_path / "none")))
    assert view.kernels == kernels
    assert trace.questions[0].runs[0].status == "error"
    assert trace.environment.gpu == "Fast"
    assert [note.message for note in trace.notes if "again, alone" in note.message] == (
        ["ran out of memory on a share of cuda:0, so it was run again, alone on it"] if kernels == 2 else []
    )
