"""Real kernels in real bubblewrap. What is asked of each is what the design promises of walls and limits."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from grader.errors import OperatorError
from grader.execute import Workplace, execute, sandbox
from grader.execute.run import frameworks_of, in_document_order
from grader.execute.warm import Templates
from grader.records import Answer, Cell, QuestionPlan, Segmentation, Submission
from grader.rubric import Limits

LIMITS = Limits(cell_seconds=60, submission_seconds=120, training_seconds=5, memory_gb=2, output_mb=1, disk_mb=32)
kernel = pytest.mark.kernel


def hand_in(*sources: str, **fields) -> Submission:
    return Submission("s", "s", "s.ipynb", tuple(Cell(i, "code", s) for i, s in enumerate(sources)), "d", **fields)


@dataclass
class Engine:
    """Runs hand-ins with kernels of one kind, in one event loop: templates live as long as the module's tests."""

    runner: asyncio.Runner
    templates: Templates | None

    def __call__(self, submission: Submission, limits: Limits = LIMITS, shared: tuple[int, ...] = (), **place):
        """One question per cell that is not shared."""
        indices = [cell.index for cell in submission.cells if cell.index not in shared]
        segmentation = Segmentation(tuple(Answer(f"q{i}", (i,)) for i in indices), shared)
        plans = {f"q{i}": QuestionPlan(f"q{i}") for i in indices}
        templates = None if place.get("isolation") == "none" else self.templates
        where = Workplace(limits, templates=templates, **place)
        return self.runner.run(execute(submission, segmentation, plans, where))

    def left(self) -> list[Path]:
        """What runs left in the folders of the templates."""
        running = self.templates.running.values() if self.templates else ()
        return [path for template in running for folder in (template.runs, template.given) for path in folder.iterdir()]


@pytest.fixture(scope="module", params=["cold", "warm"])
def run(request):
    """All walls and bounds are the same, whether a kernel is a new process or a fork of a warm one."""
    with asyncio.Runner() as runner:
        templates = Templates(Workplace(LIMITS)) if request.param == "warm" else None
        if templates:
            runner.run(templates.ready(()))
        yield Engine(runner, templates)
        if templates:
            runner.run(templates.end())
            assert not templates.refusal


def limited(**changes) -> Limits:
    return LIMITS.model_copy(update=changes)


@kernel
def test_an_error_in_one_question_does_not_stop_the_next(run):
    execution = run(hand_in("a = 1", "def f():\n    return b\nf()", "print(a + 1)"))
    statuses = [execution.runs[q][0].status for q in ("q0", "q1", "q2")]
    assert statuses == ["ok", "error", "ok"]
    error = execution.runs["q1"][0].error
    assert (error.type, error.cell, error.line, error.source) == ("NameError", 1, 2, "return b")
    assert execution.runs["q2"][0].text == "2"
    assert set(execution.reports) == {"q0", "q1", "q2"}


@kernel
def test_the_sandbox_shows_nothing_of_the_host(run, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "42")
    probe = """
import os, socket
from dataclasses import dataclass, replace
from pathlib import Path
def readable(path):
    try:
        return bool(os.listdir(path)) if os.path.isdir(path) else bool(open(path, 'rb').read(1))
    except OSError:
        return False
print('shadow', readable('/etc/shadow'))
print('rubrics', any(readable(p) for p in PATHS))
print('secret', 'GRADER_SECRET' in os.environ)
print('uid', os.getuid())
print('processes', len([p for p in os.listdir('/proc') if p.isdigit()]) < 10)
try:
    socket.create_connection(('1.1.1.1', 53), timeout=2); print('network True')
except OSError:
    print('network False')
for path in ('/usr/x', '/opt/grader/x', '/etc/x'):
    try:
        open(path, 'w'); print('wrote', path)
    except OSError:
        pass
for path in ('/proc/sys/kernel/core_pattern', '/proc/sys/vm/swappiness'):
    try:
        os.close(os.open(path, os.O_WRONLY)); print('wrote could', path)  # opened only: a test changes no machine
    except OSError:
        pass
Path('own.txt').write_text('mine'); print('own', Path('own.txt').read_text(), os.getcwd())
"""
    root = Path(__file__).resolve().parents[2]
    paths = [str(root / name) for name in ("rubrics", "reference", "tests", "pyproject.toml")] + [
        str(Path.home() / ".ssh")
    ]
    text = run(hand_in(probe.replace("PATHS", repr(paths)))).runs["q0"][0].text
    assert "shadow False" in text
    assert "rubrics False" in text
    assert "secret False" in text
    assert "uid 1000" in text
    assert "processes True" in text
    assert "network False" in text
    assert "wrote" not in text
    assert "own mine /content" in text


@kernel
def test_a_loop_without_end_is_interrupted_and_the_next_question_runs_in_the_same_kernel(run):
    execution = run(hand_in("x = 5", "while True:\n    pass", "print(x)"), limited(cell_seconds=2))
    stopped = execution.runs["q1"][0]
    assert stopped.status == "stopped"
    assert (stopped.limit.kind, stopped.limit.limit) == ("time", 2)
    assert execution.runs["q2"][0].text == "5"


@kernel
def test_a_loop_that_cannot_be_interrupted_costs_the_kernel_but_not_the_next_question(run):
    stubborn = "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except BaseException:\n        pass"
    execution = run(hand_in("x = 5", stubborn, "print(x)", "print('still here')"), limited(cell_seconds=1), shared=(0,))
    assert execution.runs["q1"][0].status == "stopped"
    assert execution.runs["q2"][0].text == "5"  # shared cells ran again in the new kernel
    assert execution.runs["q3"][0].text == "still here"


@kernel
def test_too_much_memory_is_named_with_its_numbers(run):
    greedy = "blocks = []\nwhile True:\n    blocks.append(bytearray(16 * 2**20))"
    execution = run(hand_in(greedy, "print('next')"), limited(memory_gb=0.5))
    limit = execution.runs["q0"][0].limit
    assert limit.kind == "memory"
    assert limit.measured > limit.limit == 0.5
    assert execution.runs["q1"][0].text == "next"


@kernel
def test_a_fork_bomb_meets_a_wall(run):
    bomb = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"
    execution = run(hand_in(bomb, "print('next')"), limited(cell_seconds=60))
    assert execution.runs["q0"][0].limit.kind == "processes"
    assert execution.runs["q1"][0].text == "next"


@kernel
def test_what_the_shared_cells_lack_is_noted(run):
    shared = "import surely_not_installed\n"
    execution = run(hand_in(shared, "input('name? ')"), shared=(0,))
    assert execution.shared[0].error.type == "ModuleNotFoundError"
    notes = execution.reports[""]["observation"]["notes"]
    assert [(note["kind"], note["subject"]) for note in notes] == [("missing", "surely_not_installed")]
    lacking = run(hand_in("open('data.csv')", "1"), shared=(0,))
    assert [(note.kind, note.subject, note.question) for note in lacking.notes] == [("missing", "data.csv", None)]


@kernel
def test_a_cell_that_only_says_that_it_is_done_is_waited_for(run):
    source = """
import time
kernel = get_ipython().kernel
parent = kernel.get_parent("shell")
kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
time.sleep(3)
"""
    assert run(hand_in(source)).runs["q0"][0].seconds >= 3


@kernel
def test_an_error_that_cannot_be_shown_is_an_error(run):
    assert run(hand_in("raise ValueError('\\udfff')")).runs["q0"][0].status == "error"


@kernel
def test_messages_that_nobody_asked_for_do_not_fill_our_memory(run):
    source = """
from IPython.display import publish_display_data
kernel = get_ipython().kernel
for _ in range(100):
    kernel.session.send(kernel.iopub_socket, "comm_msg", {"data": "x" * 4_000_000}, parent=kernel.get_parent("shell"))
    publish_display_data({"application/vnd.grader.observation+json": "x" * 4_000_000})
raise ValueError("x" * 50_000_000)
"""
    before = psutil.Process().memory_info().rss
    execution = run(hand_in(source, "print('next')"))
    assert psutil.Process().memory_info().rss - before < 400 * 2**20
    assert len(execution.runs["q0"][0].error.message) <= 2000
    assert execution.runs["q1"][0].text == "next"


@kernel
def test_folders_in_the_folder_of_the_sockets_end_the_run_and_leave_nothing(run, own_place):
    source = """
import glob, os, time
os.chdir([*glob.glob('/tmp/**/runs/*', recursive=True), *glob.glob('/tmp/**/grader-*', recursive=True)][0])
for _ in range(3000):
    os.mkdir('d'); os.chdir('d')
time.sleep(20)
"""
    assert run(hand_in(source)).runs["q0"][0].limit.kind == "disk"
    assert not [*own_place.iterdir(), *run.left()]


@kernel
def test_a_kernel_that_dies_is_said_and_replaced_and_what_was_seen_before_stays(run):
    execution = run(hand_in("print('before')", "import os; os._exit(1)", "print('next')"))
    assert execution.runs["q1"][0].limit.kind == "kernel"
    assert execution.runs["q2"][0].text == "next"
    assert execution.runs["q0"][0].text == "before"
    assert set(execution.reports) == {"q0", "q2"}


@kernel
def test_a_flood_of_output_is_cut_and_noted(run):
    execution = run(hand_in("print('x' * 200_000_000)", "print('next')"))
    assert execution.runs["q0"][0].status == "ok"
    assert len(execution.runs["q0"][0].text) == 2**20
    assert execution.runs["q1"][0].text == "next"
    assert any(note.kind == "truncated" and note.cell == 0 for note in execution.notes)


@kernel
def test_the_disk_is_bounded(run):
    execution = run(hand_in("open('big', 'wb').write(bytes(100 * 2**20))"))
    assert execution.runs["q0"][0].error.type == "OSError"


@kernel
def test_filling_the_folder_of_the_sockets_ends_the_run(run):
    source = """
import glob, time
folder = [*glob.glob('/tmp/**/runs/*', recursive=True), *glob.glob('/tmp/**/grader-*', recursive=True)][0]
open(folder + '/flood', 'wb').write(bytes(40 * 2**20))
time.sleep(20)
"""
    assert run(hand_in(source)).runs["q0"][0].limit.kind == "disk"


@kernel
def test_handed_in_files_lie_in_the_work_folder_and_may_be_changed(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "helper.py").write_text("VALUE = 3")
    submission = hand_in(
        "import sys\nsys.path.insert(0, 'mine')\nimport helper\n"
        "open(helper.__file__, 'a').write('#')\nprint(helper.VALUE)",
        folder=str(tmp_path),
        attachments=("mine/helper.py",),
    )
    assert run(submission).runs["q0"][0].text == "3"
    assert (tmp_path / "mine" / "helper.py").read_text() == "VALUE = 3"


@pytest.fixture
def own_place(monkeypatch):
    """A folder for the runs of one test: other tests run at the same time. Short, since socket names must be."""
    with tempfile.TemporaryDirectory(prefix="g") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@kernel
def test_nothing_is_left_behind(run, own_place):
    run(hand_in("import subprocess; subprocess.Popen(['sleep', '987654'])"))
    assert not [*own_place.iterdir(), *run.left()]
    assert not [p for p in psutil.process_iter(["cmdline"]) if "987654" in (p.info["cmdline"] or [])]


@kernel
def test_the_submission_has_a_deadline_of_its_own(run):
    execution = run(
        hand_in("import time; time.sleep(1)", "import time; time.sleep(60)", "1"), limited(submission_seconds=12)
    )
    assert [execution.runs[q][0].status for q in ("q0", "q1", "q2")] == ["ok", "stopped", "skipped"]


@kernel
def test_without_isolation_the_results_are_the_same(run):
    execution = run(hand_in("print(6 * 7)", "1 / 0"), isolation="none")
    assert execution.runs["q0"][0].text == "42"
    assert execution.runs["q1"][0].error.type == "ZeroDivisionError"
    assert execution.environment.isolation == "none"


def test_no_bubblewrap_is_refused_with_the_remedy(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sandbox, "bundled_bwrap", lambda: None)  # as on a machine that has neither
    with pytest.raises(OperatorError, match="apt install bubblewrap"):
        sandbox.find_bwrap()


def test_a_bubblewrap_that_may_not_make_namespaces_is_refused_with_its_reason(tmp_path, monkeypatch):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(OperatorError, match="No permissions to create new namespace"):
        sandbox.find_bwrap()


def test_torch_and_torchvision_are_imported_before_tensorflow():
    cells = [
        Cell(0, "code", "import tensorflow as tf"),
        Cell(1, "code", "  from torchvision import models"),
        Cell(3, "code", "import numpy as np, torch.nn as nn  # keras"),
        Cell(2, "markdown", "import keras"),
    ]
    assert frameworks_of(cells) == ("torch", "torchvision", "tensorflow")


def test_questions_run_in_the_order_of_the_document_and_each_cell_once():
    submission = hand_in("a", "b", "", "c")
    segmentation = Segmentation((Answer("q1", (1, 2)), Answer("q2", (0, 1)), Answer("q3")), (3,))
    assert in_document_order(segmentation, submission) == [("q2", [0, 1])]


def test_code_in_the_text_of_an_answer_runs_only_where_there_is_no_other():
    cells = (Cell(0, "markdown", "text"), Cell(1, "code", "a"), Cell(2, "code", "b", parent=0))
    submission = replace(hand_in("a"), cells=cells)
    both = Segmentation((Answer("q1", (0, 1, 2)),))
    alone = Segmentation((Answer("q1", (0, 2)),))
    assert in_document_order(both, submission) == [("q1", [1])]
    assert in_document_order(alone, submission) == [("q1", [2])]
