from __future__ import annotations

import asyncio
import os
import subprocess

import pytest

from grader.execute.cgroup import (
    LEAF,
    bounded,
    killed_for_memory,
    make_groups,
    own_tasks,
    parents,
    refused,
    remove_groups,
    used_memory,
)
from grader.rubric import Limits

LIMITS = Limits(
    cell_seconds=60, submission_seconds=120, training_seconds=5, memory_gb=2, output_mb=1, disk_mb=32, processes=300
)


def test_version_one_has_a_tree_for_tasks_and_one_for_the_processor(tmp_path):
    membership = tmp_path / "cgroup"
    membership.write_text("6:memory:/\n5:cpu,cpuacct:/a\n4:pids:/user/me\n0::/user.slice\n")
    assert parents(tmp_path, membership) == [tmp_path / "pids/user/me", tmp_path / "cpu/a", tmp_path / "memory"]


def test_version_two_has_one_tree(tmp_path):
    membership = tmp_path / "cgroup"
    membership.write_text("0::/user.slice\n")
    assert parents(tmp_path, membership) == [tmp_path / "user.slice"]
    assert parents(tmp_path, tmp_path / "nowhere") == []


def test_where_no_group_can_be_made_there_is_none(tmp_path):
    membership = tmp_path / "cgroup"
    membership.write_text("0::/gone\n")
    assert make_groups("grader-x", LIMITS, tmp_path, membership) == ()


def test_a_group_that_bounds_nothing_is_not_left_behind(tmp_path):
    """As for an ordinary user in version 2: folders can be made in a group of one's own, but it has no controllers."""
    (tmp_path / "own").mkdir()
    membership = tmp_path / "cgroup"
    membership.write_text("0::/own\n")
    (tmp_path / "own" / "grader-x").symlink_to("/proc/self")  # where a file cannot be made
    assert make_groups("grader-x", LIMITS, tmp_path, membership) == ()


def test_version_two_gets_its_controllers_by_moving_into_a_leaf(tmp_path):
    """The files are ordinary ones here: what is written to them is all that can be seen."""
    own = tmp_path / "scope"
    (own / LEAF).mkdir(parents=True)
    (own / "cgroup.subtree_control").write_text("")
    (own / "cgroup.procs").write_text("12\n")
    membership = tmp_path / "cgroup"
    membership.write_text("0::/scope\n")
    assert parents(tmp_path, membership) == [own]
    assert (own / "cgroup.subtree_control").read_text() == "+pids +memory +cpu"
    assert (own / LEAF / "cgroup.procs").read_text() == "12"
    membership.write_text(f"0::/scope/{LEAF}\n")  # where this process is from then on
    assert parents(tmp_path, membership) == [own]


@pytest.mark.parametrize(
    ("counts", "most", "text"),
    [
        ("memory.oom_control", "memory.max_usage_in_bytes", "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"),
        ("memory.events", "memory.peak", "low 0\nmax 5\noom 2\noom_kill {}\noom_group_kill 0\n"),
    ],
)
def test_what_the_linux_kernel_ended_for_memory_is_known(tmp_path, counts, most, text):
    assert killed_for_memory((tmp_path,)) is None
    (tmp_path / most).write_text("2200\n")
    (tmp_path / counts).write_text(text.format(0))
    assert killed_for_memory((tmp_path,)) is None
    (tmp_path / counts).write_text(text.format(1))
    assert killed_for_memory((tmp_path / "other", tmp_path)) == 2200


def test_a_command_joins_its_groups_before_it_starts(tmp_path):
    groups = (tmp_path / "pids", tmp_path / "cpu")
    for group in groups:
        group.mkdir()
    command = bounded(["sh", "-c", "echo $$"], groups, LIMITS)
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [(group / "cgroup.procs").read_text() for group in groups] == [shown, shown]


def test_without_groups_the_command_runs_with_a_low_priority():
    shown = subprocess.run(bounded(["nice"], (), LIMITS), capture_output=True, text=True, check=True).stdout
    assert int(shown) >= 10


def test_a_full_group_says_so(tmp_path):
    assert not refused(())
    assert not refused((tmp_path,))
    (tmp_path / "pids.events").write_text("max 0\n")
    assert not refused((tmp_path,))
    (tmp_path / "pids.events").write_text("max 7\n")
    assert refused((tmp_path,))


@pytest.mark.parametrize(
    "stat", ["anon 5\nfile 900\nshmem 2\n", "rss 1\ntotal_rss 5\ntotal_cache 900\ntotal_shmem 2\n"]
)
def test_memory_is_counted_without_the_page_cache(tmp_path, stat):
    assert used_memory((tmp_path,)) is None
    (tmp_path / "memory.stat").write_text(stat)
    assert used_memory((tmp_path / "other", tmp_path)) == 7


def test_own_tasks_counts_at_least_this_process():
    assert own_tasks() >= 1


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user may not make control groups")
def test_real_groups_have_their_limit_and_go_away():
    groups = make_groups("grader-test-group", LIMITS)
    assert groups
    assert (groups[0] / "pids.max").read_text().strip() == "300"
    asyncio.run(remove_groups(groups))
    assert not any(group.exists() for group in groups)
