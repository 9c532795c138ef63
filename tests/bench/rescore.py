"""How long a changed rubric takes for a class of 1,000. Run it: `python tests/bench/rescore.py`.

Real traces: three example hand-ins are graded once (some minutes; `--run FOLDER` takes an earlier run instead), and
each is stored under many names, with a line of its own in each cell: as in a class, no two are word for word the same,
so that nothing that is kept of one helps with another. Then `grader rescore` runs twice, as a person types it: first
with the rubric as it is, which fills the gradebook, and then, on the clock, with a harder threshold.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from grader.storage import load_trace, save_trace

ROOT = Path(__file__).parents[2]
RUBRIC = ROOT / "rubrics" / "cnn-architectures.yaml"
EXAMPLES = ("right-torch", "batch-axis-and-channels", "script")
STUDENTS = 1_000
GRADER = [sys.executable, "-m", "grader.cli"]


def graded(folder: Path) -> Path:
    """The examples, run once."""
    hand_ins = [ROOT / "submissions" / "cnn-architectures" / name for name in EXAMPLES]
    call("grade", *hand_ins, "--rubric", RUBRIC, "--out", folder)
    return folder


def class_of(run: Path, folder: Path) -> None:
    """The traces of a run under a thousand names."""
    save_trace(*load_trace(run / "reference"), folder / "reference")
    traces = [load_trace(run / "traces" / name) for name in EXAMPLES]
    for number in range(STUDENTS):
        trace, blobs = traces[number % len(traces)]
        name = f"student-{number:04}"
        cells = tuple(replace(cell, source=f"{cell.source}\n# {name}") for cell in trace.submission.cells)
        submission = replace(trace.submission, id=name, student=f"Student {number:04}", cells=cells)
        save_trace(replace(trace, submission=submission), blobs, folder / "traces" / name)


def changed(folder: Path) -> Path:
    """The rubric with a threshold of q6 that nobody reaches: it stands on every page."""
    text = RUBRIC.read_text("utf-8").replace("reference: ../", f"reference: {ROOT}/")
    question = text[text.index("- id: q6") : text.index("- id: q7")]
    harder = re.sub(r"full_credit: [\d.]+", "full_credit: 0.999", question)
    assert harder != question
    path = folder / "harder.yaml"
    path.write_text(text.replace(question, harder), "utf-8")
    return path


def call(*arguments: object) -> str:
    """What the command prints."""
    result = subprocess.run([*GRADER, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert result.returncode in {0, 1}, result.stderr
    return result.stdout


def measure(folder: Path, rubric: Path) -> dict[str, float | int]:
    """Wall time and processor time of one `grader rescore`, and how many moved."""
    load, begin = os.getloadavg()[0], time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = call("rescore", folder, "--rubric", rubric)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    moved = re.search(r"Moved: +([\d,]+) of", printed)
    return {
        "traces": STUDENTS,
        "seconds": time.perf_counter() - begin,
        "processor_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "cores": os.cpu_count() or 1,
        "load_before": load,
        "moved": int(moved[1].replace(",", "")) if moved else 0,
    }


def main() -> Iterator[str]:
    """The lines to print; with `--json FILE` the numbers go there, too, beside those of other benchmarks."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        given = Path(sys.argv[sys.argv.index("--run") + 1]) if "--run" in sys.argv else None
        class_of(given or graded(folder / "run"), folder / "class")
        call("rescore", folder / "class", "--rubric", RUBRIC)
        numbers = measure(folder / "class", changed(folder))
    yield f"{numbers['traces']} traces scored again in {numbers['seconds']:.1f} s; {numbers['moved']} hand-ins moved"
    yield f"{numbers['processor_seconds']:.1f} s of processor time; load before: {numbers['load_before']:.1f}"
    if "--json" in sys.argv:
        file = Path(sys.argv[sys.argv.index("--json") + 1])
        others = json.loads(file.read_text("utf-8")) if file.exists() else {}
        file.write_text(json.dumps(others | {"rescore": numbers}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in main())
