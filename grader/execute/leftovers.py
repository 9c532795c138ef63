"""What a grader that was killed leaves behind: its kernels' folders in the temporary folder, and empty control groups.

Their names say whose they are: the namespace in which process numbers count, and the number.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from pathlib import Path

import psutil

from grader.execute.cgroup import ROOT, parents, present

NAME = re.compile(r"grader-(\d+)-(\d+)-.+")


def own_prefix() -> str:
    """How the names of this grader's folders and groups begin."""
    return f"grader-{_namespace()}-{os.getpid()}-"


def _namespace() -> int:
    with contextlib.suppress(OSError):
        return Path("/proc/self/ns/pid").stat().st_ino
    return 0


def sweep(
    folder: Path | None = None, root: Path = ROOT, membership: Path = Path("/proc/self/cgroup")
) -> tuple[Path, ...]:
    """Remove what graders left that are no more. What belongs to somebody else, or cannot be removed, stays.

    Args:
        folder: The temporary folder; by default that of this process.
        root: Where the control groups are mounted.
        membership: Which groups this process is in.

    Returns:
        What was removed.
    """
    places = [folder or Path(tempfile.gettempdir()), *parents(root, membership)]
    found = [path for place in places for path in place.glob("grader-*") if _orphan(path)]
    for path in found:
        if path.parent == places[0]:
            # Not shutil: a hand-in can nest folders deeper than Python recurses.
            subprocess.run(["/bin/rm", "-rf", "--", str(path)], check=False, stderr=subprocess.DEVNULL)
        else:
            present(path)
    return tuple(path for path in found if not path.exists())


def _orphan(path: Path) -> bool:
    named = NAME.fullmatch(path.name)
    with contextlib.suppress(OSError):
        if named and int(named[1]) == _namespace() and path.lstat().st_uid == os.geteuid():
            return not psutil.pid_exists(int(named[2]))
    return False
