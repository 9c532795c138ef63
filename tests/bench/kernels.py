"""How long a small notebook takes: cold nbclient, a warm fork behind all walls, and the floor under both.

Run it alone on the machine: `python tests/bench/kernels.py [--json FILE] [--repeats N]`. All ratios come from one run.

    cold    plain nbclient with a new `ipykernel`, no sandbox and no probe: what other graders do
    warm    our kernel: a fork, all walls, the probe's hooks, nbclient, the same cells, killed at the end
    graded  the same with the probe's report after each cell: the whole stage `execute`
    floor   a fork of a process with the same imports that only runs the code: nothing could be faster
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

from grader.execute import Workplace, execute, warmed
from grader.execute.kernel import Kernel
from grader.execute.run import frameworks_of
from grader.records import Answer, Cell, QuestionPlan, Segmentation, Submission
from grader.rubric import Limits

TORCH = [
    "import torch, torch.nn as nn\nimport matplotlib.pyplot as plt",
    (
        "net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), "
        "nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), "
        "nn.Linear(84, 10))"
    ),
    (
        "optimizer = torch.optim.Adam(net.parameters())\nlosses = []\nfor _ in range(5):\n"
        "    loss = nn.functional.cross_entropy(net(torch.randn(32, 1, 28, 28)), torch.randint(0, 10, (32,)))\n"
        "    optimizer.zero_grad(); loss.backward(); optimizer.step(); losses.append(loss.item())"
    ),
    "plt.plot(losses); plt.title('loss'); plt.show()",
]
KERAS = [
    "import numpy as np\nimport keras\nfrom keras import layers",
    (
        "model = keras.Sequential([keras.Input((28, 28, 1)), layers.Conv2D(8, 3, activation='relu'), "
        "layers.MaxPooling2D(), layers.Flatten(), layers.Dense(10, activation='softmax')])"
    ),
    (
        "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n"
        "model.fit(np.random.rand(256, 28, 28, 1), np.random.randint(0, 10, 256), epochs=1, verbose=0)"
    ),
]
LIMITS = Limits(
    cell_seconds=120,
    question_seconds=240,
    submission_seconds=600,
    training_seconds=60,
    memory_gb=4,
    output_mb=2,
    disk_mb=256,
    processes=512,
)
FLOOR = """
import json, os, sys, time
import torch, torchvision, torch._dynamo, matplotlib.pyplot
if {keras}: import tensorflow, keras
cells = json.loads(sys.stdin.read())
for _ in range({repeats}):
    started = time.monotonic()
    if os.fork() == 0:
        space = {{}}
        for cell in cells:
            exec(cell, space)
        os._exit(0)
    os.wait()
    print(time.monotonic() - started, flush=True)
"""
WORKERS = 2
RUNS = 8


def hand_in(cells: list[str]) -> Submission:
    return Submission("s", "s", "s.ipynb", tuple(Cell(i, "code", cell) for i, cell in enumerate(cells)), "d")


async def cold(cells: list[str]) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    await NotebookClient(notebook, timeout=300, kernel_name="python3").async_execute()


async def warm(cells: list[str], place: Workplace) -> None:
    submission = hand_in(cells)
    async with Kernel(place, submission, frameworks_of(submission.cells)) as kernel:
        for cell in cells:
            outcome = await kernel.run(cell, 120)
            assert outcome.error is None, outcome.error


async def graded(cells: list[str], place: Workplace) -> None:
    answers = tuple(Answer(f"q{i}", (i,)) for i in range(len(cells)))
    plans = {answer.question: QuestionPlan(answer.question) for answer in answers}
    execution = await execute(hand_in(cells), Segmentation(answers, ()), plans, place)
    assert len(execution.reports) == len(cells)


def floor(cells: list[str], repeats: int, *, keras: bool) -> list[float]:
    code = FLOOR.format(repeats=repeats, keras=keras)
    environment = os.environ | {"MPLBACKEND": "agg", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(cells),
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    return [float(line) for line in done.stdout.split()]


async def times(action: Callable[[], Awaitable[None]], repeats: int) -> list[float]:
    found = []
    for _ in range(repeats + 1):  # the first one also starts the template, or fills the caches of the disk
        started = time.monotonic()
        await action()
        found.append(time.monotonic() - started)
    return found[1:]


async def idle_mb(place: Workplace) -> float:
    """Memory that belongs to an idle fork alone: its processes' unique pages."""
    async with Kernel(place, hand_in(TORCH), ("torch",)) as kernel:
        await kernel.run("pass", 60)
        root = psutil.Process(kernel.pid)
        return sum(p.memory_full_info().uss for p in [root, *root.children(recursive=True)]) / 2**20


async def batch_seconds(place: Workplace, workers: int) -> float:
    """How long so many hand-ins take so many workers, each with one thread."""
    slots = asyncio.Semaphore(workers)
    work = [
        *TORCH,
        (
            "for _ in range(60):\n    optimizer.zero_grad(); nn.functional.cross_entropy("
            "net(torch.randn(64, 1, 28, 28)), torch.randint(0, 10, (64,))).backward(); optimizer.step()"
        ),
    ]

    async def one() -> None:
        async with slots:
            await warm(work, place)

    started = time.monotonic()
    await asyncio.gather(*(one() for _ in range(RUNS)))
    return time.monotonic() - started


def summary(found: list[float]) -> dict[str, float]:
    return {"median": statistics.median(found), "min": min(found), "max": max(found)}


async def measure(repeats: int) -> dict[str, object]:
    numbers: dict[str, object] = {}
    async with warmed(Workplace(LIMITS)) as place:
        for name, cells in (("torch", TORCH), ("keras", KERAS)):
            found = {
                "cold": await times(lambda cells=cells: cold(cells), repeats),
                "warm": await times(lambda cells=cells: warm(cells, place), repeats),
                "graded": await times(lambda cells=cells: graded(cells, place), repeats),
                "floor": floor(cells, repeats + 1, keras=name == "keras")[1:],
            }
            numbers |= {f"{name}.{row}_s": summary(values) for row, values in found.items()}
            middle = {row: statistics.median(values) for row, values in found.items()}
            numbers[f"{name}.cold_over_warm"] = middle["cold"] / middle["warm"]
            numbers[f"{name}.warm_minus_floor_s"] = middle["warm"] - middle["floor"]
        numbers["idle_fork_mb"] = summary([await idle_mb(place) for _ in range(repeats)])
        rounds = [
            [await batch_seconds(replace(place, threads=1), workers) for workers in (1, WORKERS)] for _ in range(3)
        ]
        numbers["workers2_over_1"] = summary([alone / together for alone, together in rounds])
        if place.templates is None or place.templates.refusal:
            raise SystemExit(f"these were no warm kernels: {place.templates and place.templates.refusal}")
    return numbers


def lines(numbers: dict[str, object]) -> list[str]:
    shown = []
    for name, value in numbers.items():
        spread = (
            f"{value['median']:8.2f}   ({value['min']:.2f} to {value['max']:.2f})"
            if isinstance(value, dict)
            else f"{value:8.2f}"
        )
        shown.append(f"{name:28}{spread}")
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    numbers = asyncio.run(measure(options.repeats))
    sys.stdout.writelines(f"{line}\n" for line in lines(numbers))
    if options.json:
        others = json.loads(options.json.read_text("utf-8")) if options.json.exists() else {}
        options.json.write_text(json.dumps(others | numbers, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
