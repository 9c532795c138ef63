"""What the operating system says is passed in; what is real here is looked at once, at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from grader.execute.walls import System, Wall, complaint, look, walls

GOOD = System(
    "/usr/bin/bwrap", switches=frozenset({("user/max_user_namespaces", 9999)}), bounds=frozenset({"pids", "memory"})
)
APPARMOR = frozenset({("kernel/apparmor_restrict_unprivileged_userns", 1), ("user/max_user_namespaces", 9999)})
REFUSED = "setting up uid map: Permission denied"


def states(system: System) -> list[str]:
    return [wall.state for wall in walls(system)]


def sandbox(system: System) -> Wall:
    return walls(system)[0]


def test_all_walls_stand():
    assert states(GOOD) == ["ok"] * 5
    assert not [wall.remedy for wall in walls(GOOD) if wall.remedy]
    assert "container" not in sandbox(GOOD).words
    assert "inside a container (Docker)" in sandbox(replace(GOOD, container="Docker")).words


def test_without_bubblewrap_hand_ins_cannot_be_run():
    nothing = replace(GOOD, bwrap="")
    assert states(nothing)[:2] == ["missing", "less"]
    assert "apt install bubblewrap" in sandbox(nothing).remedy


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"switches": APPARMOR}, "/etc/apparmor.d/bwrap"),
        ({"switches": APPARMOR}, "profile bwrap /usr/bin/bwrap flags=(unconfined) { userns, }"),
        ({"switches": APPARMOR}, "kernel.apparmor_restrict_unprivileged_userns=0"),
        ({"switches": frozenset({("kernel/unprivileged_userns_clone", 0)})}, "kernel.unprivileged_userns_clone=1"),
        ({"switches": frozenset({("user/max_user_namespaces", 0)})}, "user.max_user_namespaces=15000"),
        ({"container": "Docker"}, "--security-opt seccomp=unconfined"),
        ({}, "allow user namespaces"),
    ],
)
def test_what_keeps_namespaces_from_being_made_has_its_remedy(changes, remedy):
    wall = sandbox(replace(GOOD, sandbox=REFUSED, **changes))
    assert wall.state == "missing"
    assert REFUSED in wall.words
    assert remedy in wall.remedy


def test_what_stops_ordinary_users_only_is_no_remedy_for_the_superuser():
    assert "AppArmor" not in sandbox(replace(GOOD, sandbox=REFUSED, switches=APPARMOR, root=True)).remedy


def test_a_wall_that_is_not_there_may_have_something_weaker_in_its_place():
    nested = walls(replace(GOOD, nested="unshare failed"))[1]
    assert (nested.state, nested.words[:14]) == ("less", "unshare failed")
    for index in (2, 3):
        wall = walls(replace(GOOD, bounds=frozenset()))[index]
        assert wall.state == "less"
        assert "watchdog" in wall.words
        assert "systemd-run --user --scope -p Delegate=yes" in wall.remedy
        assert "docker run" in walls(replace(GOOD, bounds=frozenset(), container="Docker"))[index].remedy
        assert "mount" in walls(replace(GOOD, bounds=frozenset(), root=True))[index].remedy
    assert states(replace(GOOD, bounds=frozenset({"pids"})))[2:4] == ["ok", "less"]
    assert states(replace(GOOD, taskset=False))[4] == "missing"


def test_the_system_is_read_where_it_says_so(tmp_path: Path):
    for name, text in {
        "proc/sys/user/max_user_namespaces": "0\n",
        "proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
        "proc/sys/kernel/unprivileged_userns_clone": "?\n",
        "proc/self/cgroup": "0::/gone\n",
        "run/.containerenv": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    asked: list[Sequence[str]] = []

    def attempt(command: Sequence[str]) -> str:
        asked.append(command)
        return "no" if "unshare" in command else ""

    system = look(tmp_path, attempt)
    assert system.switches == {("user/max_user_namespaces", 0), ("kernel/apparmor_restrict_unprivileged_userns", 1)}
    assert (system.container, system.bounds) == ("Podman", frozenset())
    if system.bwrap:  # each trial makes all the namespaces of a run
        assert (system.sandbox, system.nested) == ("", "no")
        assert all("--unshare-all" in command for command in asked)


def test_a_command_that_fails_says_why():
    assert complaint(["true"]) == ""
    assert complaint(["sh", "-c", "echo first >&2; echo last >&2; exit 3"]) == "last"
    assert complaint(["false"]) == "exit code 1"
    assert "No such file" in complaint(["/no/such/program"])


@pytest.mark.kernel
def test_this_machine_runs_hand_ins_and_nothing_is_left_of_the_look():
    system = look()
    assert sandbox(system).state == "ok"
    assert not list(Path("/sys/fs/cgroup").glob("**/grader-doctor-*"))
