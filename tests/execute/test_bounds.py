"""A bound that is hit ends its question and names itself; what else there is goes on. Real kernels in bubblewrap."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import pytest

from grader.execute import Device, Lease, Workplace, execute
from grader.records import Answer, Cell, Execution, QuestionPlan, Segmentation, Submission
from grader.rubric import Limits

LIMITS = Limits(cell_seconds=60, submission_seconds=120, training_seconds=5, memory_gb=2, output_mb=1, disk_mb=32)
pytestmark = pytest.mark.kernel


def run(
    questions: dict[str, list[str]], shared: tuple[str, ...] = (), place: Workplace | None = None, **changes: float
) -> Execution:
    """Run cells by question."""
    sources = [*shared, *(source for cells in questions.values() for source in cells)]
    cells = tuple(Cell(i, "code", source) for i, source in enumerate(sources))
    answers, start = [], len(shared)
    for question, own in questions.items():
        answers.append(Answer(question, tuple(range(start, start + len(own)))))
        start += len(own)
    segmentation = Segmentation(tuple(answers), tuple(range(len(shared))))
    plans = {question: QuestionPlan(question) for question in questions}
    place = replace(place or Workplace(LIMITS), limits=LIMITS.model_copy(update=changes))
    return asyncio.run(execute(Submission("s", "s", "s.ipynb", cells, "d"), segmentation, plans, place))


def statuses(execution: Execution, question: str) -> list[str]:
    return [run.status for run in execution.runs[question]]


def test_a_cell_out_of_time_ends_its_question_and_no_other():
    execution = run({"q1": ["a = 1", "while True: pass", "print('later')"], "q2": ["print(a)"]}, cell_seconds=2)
    assert statuses(execution, "q1") == ["ok", "stopped", "skipped"]
    _, stopped, skipped = execution.runs["q1"]
    assert (stopped.limit.scope, stopped.limit.limit) == ("cell", 2)
    assert skipped.limit == stopped.limit
    assert "q1" in execution.reports  # what stands is looked at
    assert execution.runs["q2"][0].text == "1"  # in the same kernel


def test_the_cells_of_a_question_share_its_time():
    sleep = "import time; time.sleep(2)"
    execution = run({"q1": [sleep, sleep, sleep], "q2": [sleep]}, question_seconds=3)
    assert statuses(execution, "q1") == ["ok", "stopped", "skipped"]
    limit = execution.runs["q1"][1].limit
    assert (limit.kind, limit.scope, limit.limit) == ("time", "question", 3)
    assert 3 <= limit.measured < 6
    assert statuses(execution, "q2") == ["ok"]


def test_out_of_memory_ends_the_question_and_what_was_earned_stays():
    greedy = "blocks = []\nwhile True:\n    blocks.append(bytearray(16 * 2**20))"
    execution = run({"q1": ["print('one')"], "q2": [greedy, "print('after')"], "q3": ["print('three')"]}, memory_gb=0.5)
    assert execution.runs["q1"][0].text == "one"
    assert "q1" in execution.reports
    assert statuses(execution, "q2") == ["stopped", "skipped"]
    assert execution.runs["q2"][1].limit == execution.runs["q2"][0].limit
    assert execution.runs["q2"][0].limit.kind == "memory"
    assert execution.runs["q3"][0].text == "three"


@pytest.mark.skipif(not os.access("/sys/fs/cgroup", os.W_OK), reason="no control groups may be made here")
def test_memory_that_is_taken_faster_than_the_watchdog_looks_meets_a_ceiling():
    bomb = "import mmap\nm = mmap.mmap(-1, 6 * 2**30)\nfor i in range(0, len(m), 4096): m[i] = 1"
    execution = run({"q1": [bomb], "q2": ["print('next')"]}, memory_gb=0.5)
    limit = execution.runs["q1"][0].limit
    assert (limit.kind, limit.limit) == ("memory", 0.5)
    assert 0.5 < limit.measured < 0.9
    assert execution.runs["q2"][0].text == "next"


def test_a_shared_cell_that_ends_the_kernel_is_not_run_again():
    execution = run({"q1": ["print(a, b)"]}, shared=("a = 1", "import os; os._exit(1)", "b = 2"))
    assert [run.status for run in execution.shared] == ["ok", "stopped", "ok"]
    assert execution.runs["q1"][0].text == "1 2"


def test_processes_are_counted_with_their_threads():
    swarm = "import threading, time\nfor _ in range(400): threading.Thread(target=time.sleep, args=(30,)).start()"
    execution = run({"q1": [swarm], "q2": ["print('next')"]}, processes=200)
    hit, error = execution.runs["q1"][0].limit, execution.runs["q1"][0].error
    assert hit is None or (hit.kind, hit.limit) == ("processes", 200)
    assert hit or "thread" in error.message
    assert execution.runs["q2"][0].text == "next"


WORK = """
import threading, time
def work(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(10_000))
threading.Thread(target=work, args=({seconds},)).start()
"""


def test_work_in_the_background_is_on_the_clock_of_its_cell():
    execution = run({"q1": [WORK.format(seconds=2)], "q2": ["print('next')"]})
    assert statuses(execution, "q1") == ["ok"]
    assert 1.5 < execution.runs["q1"][0].seconds < 10
    assert execution.runs["q2"][0].seconds < 1


def test_work_in_the_background_that_never_ends_is_looked_at_and_ended():
    execution = run({"q1": ["x = 1", WORK.format(seconds=600)], "q2": ["print('x' in dir())"]}, cell_seconds=3)
    assert statuses(execution, "q1") == ["ok", "stopped"]
    limit = execution.runs["q1"][1].limit
    assert (limit.kind, limit.scope, limit.limit, limit.cell) == ("time", "cell", 3, 1)
    assert limit.measured >= 3
    assert "q1" in execution.reports
    assert execution.runs["q2"][0].text == "False"  # another kernel


def test_a_cell_whose_threads_sleep_is_not_waited_for():
    idle = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    execution = run({"q1": [idle]})
    assert execution.runs["q1"][0].seconds < 2


def test_a_run_sees_what_it_was_leased_and_no_more(tmp_path):
    """Ordinary files stand for the device nodes: what is bound into the sandbox is what counts."""
    for name in ("nvidia0", "nvidia1"):
        (tmp_path / name).touch()
    core = max(os.sched_getaffinity(0))
    lease = Lease((core,), Device("cuda:1", (tmp_path / "nvidia1",), "GPU-bb"))
    shown = f"""
import os
print(sorted(os.sched_getaffinity(0)), os.environ["OMP_NUM_THREADS"], os.environ["CUDA_VISIBLE_DEVICES"])
print([name for name in ("nvidia0", "nvidia1") if os.path.exists({str(tmp_path)!r} + "/" + name)])
"""
    execution = run({"q1": [shown]}, place=lease.of(Workplace(LIMITS)))
    assert execution.runs["q1"][0].text.splitlines() == [f"[{core}] 1 GPU-bb", "['nvidia1']"]
    assert execution.environment.device == "cuda:1"
