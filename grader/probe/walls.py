"""The walls around a fork of the template: Linux namespaces, a root of its own, no privileges.

What bubblewrap does for a command, done for a process that has been forked and must not be replaced: a user namespace,
so that an ordinary user may make the others; a fresh root in memory on which only what is listed is mounted; a fresh
`/proc`; then the old root goes out of sight and all capabilities are dropped for good.

Sources: namespaces(7), mount_namespaces(7), pivot_root(2), capabilities(7) of the Linux manual; bubblewrap's
`bubblewrap.c` for the order of things.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS = 0x00020000, 0x02000000, 0x04000000
CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x08000000, 0x10000000, 0x20000000, 0x40000000
OWN_NAMESPACES = (
    CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWCGROUP
)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
MNT_DETACH = 2
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 4, 24, 38
CAPABILITY_VERSION_3 = 0x20080522
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
SYS_CAPSET = {"x86_64": 126, "aarch64": 91}
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
STUDENT = 1000  # user and group inside, whoever they are outside

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    """Turn a failed call of the C library into an error.

    Raises:
        OSError: The call failed.
    """
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Make something appear at a place."""
    call = libc.mount(source.encode(), target.encode(), kind.encode() or None, flags, options.encode() or None)
    checked(call, f"mount {source} on {target}")


def bind(source: str, target: str) -> None:
    """Show a file or folder, with all that is mounted in it, at another place. What is read-only stays so."""
    if Path(source).is_dir():
        Path(target).mkdir(parents=True, exist_ok=True)
    else:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).touch()
    mount(source, target, flags=MS_BIND | MS_REC)


def memory_folder(target: str, size: int, mode: str = "1777") -> None:
    """A folder in memory of bounded size."""
    Path(target).mkdir(parents=True, exist_ok=True)
    mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, f"mode={mode},size={size}")


def separate() -> None:
    """Leave all namespaces of the template; a child will be the first process of the new one.

    Raises:
        OSError: The system does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    checked(libc.unshare(OWN_NAMESPACES), "unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{STUDENT} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{STUDENT} {group} 1", encoding="ascii")


def enclose(view: dict[str, Any]) -> None:
    """Build the walls around this process, the first of its namespaces.

    Args:
        view: What it may see: `binds` (source in the template, place), `links` (target, place), `memory` (place,
            bytes), `shared_memory` (bytes), `nodes` (device nodes), `work` (where to stand), `host` (its name) and
            `bounds` (`processes`, `niceness`).

    Raises:
        OSError: The system does not allow it.
    """
    checked(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount private")
    root = "/tmp/root"  # noqa: S108  the template's own /tmp, which no other process sees
    memory_folder(root, 2**20, "755")
    for place, size in view["memory"]:
        memory_folder(root + place, size)
    devices(root + "/dev", view["nodes"], view["shared_memory"])
    Path(root + "/proc").mkdir()
    mount("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for source, target in view["binds"]:
        bind(source, root + target)
    for target, place in view["links"]:
        Path(root + place).symlink_to(target)
    mount("tmpfs", root, flags=MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV)
    enter(root)
    loopback_up()
    socket.sethostname(view["host"])
    os.chdir(view["work"])
    bounds(view["bounds"])
    no_more_namespaces()
    drop_privileges()


def devices(folder: str, nodes: Sequence[str], shared_memory: int) -> None:
    """A `/dev` with the harmless devices, those that were leased, terminals of its own, and shared memory."""
    memory_folder(folder, 2**20, "755")
    for name in (*(f"/dev/{name}" for name in DEVICES), *nodes):
        if Path(name).exists():
            bind(name, f"{folder}/{name.removeprefix('/dev/')}")
    for target, name in (("/proc/self/fd", "fd"), ("fd/0", "stdin"), ("fd/1", "stdout"), ("fd/2", "stderr")):
        Path(folder, name).symlink_to(target)
    Path(folder, "pts").mkdir()
    mount("devpts", f"{folder}/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    Path(folder, "ptmx").symlink_to("pts/ptmx")
    memory_folder(f"{folder}/shm", shared_memory)
    mount("tmpfs", folder, flags=MS_REMOUNT | MS_RDONLY | MS_NOSUID)


def enter(root: str) -> None:
    """Make a folder the root, and put the old root out of reach."""
    os.chdir(root)
    checked(libc.syscall(SYS_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    checked(libc.umount2(b".", MNT_DETACH), "umount of the old root")
    os.chdir("/")


def loopback_up() -> None:
    """Programs talk to themselves over 127.0.0.1; there is no other network here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def bounds(wanted: dict[str, int | None]) -> None:
    """What bounds a run where there are no control groups: few processes, and less weight than the grader."""
    if wanted["processes"] is not None:
        most = min(wanted["processes"], resource.getrlimit(resource.RLIMIT_NPROC)[1] % 2**63)
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
    os.nice(wanted["niceness"] or 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def no_more_namespaces() -> None:
    """Student code has no use for namespaces, and less of Linux's kernel is open to it without them.

    The limit counts per user namespace: it is set in this one, and a last one is made inside.
    """
    user, group = os.getuid(), os.getgid()
    limit = Path("/proc/sys/user/max_user_namespaces")
    limit.write_text("1", encoding="ascii")
    checked(libc.unshare(CLONE_NEWUSER), "unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def drop_privileges() -> None:
    """Give up every capability, in this process and in all that it will ever start."""
    for capability in range(64):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    checked(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    checked(libc.syscall(SYS_CAPSET[os.uname().machine], header, bytes(24)), "capset")


def become(user: int) -> None:
    """Stop being root: a template that root started takes the number of a user whom the host does not have.

    It keeps its own `/proc/self` writable, which a process that changed its user loses.
    """
    Path("/proc").mkdir(exist_ok=True)
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    drop_privileges()
    checked(libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), "dumpable")


def hide() -> None:
    """Nobody may look into this process, not even one of the same user: it is a copy of the template."""
    checked(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")


def reap(child: int) -> int:
    """Wait as the first process of a namespace for a child, and for the orphans that it leaves; its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status)
