from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from grader.execute.quiet import any_running, state, until_quiet


@pytest.fixture
def child():
    children = []

    def start(code: str) -> int:
        children.append(subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True))
        children[-1].stdout.readline()
        return children[-1].pid

    yield start
    for one in children:
        os.killpg(one.pid, signal.SIGKILL)  # with its own children: a busy one would outlive the tests
        one.wait()
        one.stdout.close()


def test_a_process_that_sleeps_is_quiet_at_once_and_one_that_works_never_is(child):
    sleeps, works = (
        child("import time; print(flush=True); time.sleep(60)"),
        child("print(flush=True)\nwhile True: pass"),
    )
    assert asyncio.run(until_quiet(sleeps, 5)) < 1
    assert asyncio.run(until_quiet(works, 0.5)) >= 0.5


def test_work_of_a_child_of_the_process_counts(child):
    works = "[sys.executable, '-c', 'while True: pass']"
    parent = child(f"import subprocess, sys\nprocess = subprocess.Popen({works})\nprint(flush=True)\nprocess.wait(20)")
    assert asyncio.run(until_quiet(parent, 1)) >= 1


def test_what_is_gone_is_quiet(tmp_path):
    assert asyncio.run(until_quiet(2**22 + 1, 5)) == 0
    assert not any_running([1], tmp_path)


def test_the_state_stands_after_a_name_that_may_hold_anything(tmp_path):
    (tmp_path / "stat").write_text("12 (a) S R (b)) R 1 2 3\n")
    assert state(tmp_path / "stat") == "R"
