"""Warm kernels: the same results as cold ones, and no hand-in lost with a template."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace

import psutil
import pytest

from grader.errors import OperatorError
from grader.execute import Workplace, execute, warmed
from grader.execute.kernel import Kernel
from grader.execute.warm import Templates, start
from grader.records import Answer, Cell, QuestionPlan, Segmentation, Submission
from grader.rubric import Limits

pytestmark = pytest.mark.kernel
LIMITS = Limits(cell_seconds=60, submission_seconds=200, training_seconds=30, memory_gb=3, output_mb=1, disk_mb=64)
NETWORK = [
    "import torch, numpy as np, random\nimport matplotlib.pyplot as plt",
    (
        "net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 16), torch.nn.ReLU(), "
        "torch.nn.Linear(16, 3))\n"
        "optimizer = torch.optim.SGD(net.parameters(), lr=0.1)\nlosses = []\n"
        "data = torch.utils.data.TensorDataset(torch.randn(32, 1, 8, 8), torch.randint(0, 3, (32,)))\n"
        "for _ in range(2):\n"
        "    for x, y in torch.utils.data.DataLoader(data, batch_size=8, shuffle=True):\n"
        "        loss = torch.nn.functional.cross_entropy(net(x), y)\n"
        "        optimizer.zero_grad(); loss.backward(); optimizer.step(); losses.append(loss.item())"
    ),
    "print(losses, np.random.rand(), random.random(), torch.get_num_threads())\nplt.plot(losses); plt.show()",
    "def softmax(x):\n    return np.exp(x) / np.exp(x).sum()\n1 / 0",
]


def hand_in(cells: list[str]) -> Submission:
    return Submission("s", "s", "s.ipynb", tuple(Cell(i, "code", cell) for i, cell in enumerate(cells)), "d")


async def run(cells: list[str], place: Workplace):
    answers = tuple(Answer(f"q{i}", (i,)) for i in range(len(cells)))
    plans = {answer.question: QuestionPlan(answer.question) for answer in answers}
    return await execute(hand_in(cells), Segmentation(answers, ()), plans, place)


def seen(execution) -> tuple:
    """What a run showed, without its times."""
    runs = {q: [(run.status, run.text, run.error) for run in runs] for q, runs in execution.runs.items()}
    return runs, timeless(execution.reports)


def timeless(content: object) -> object:
    if isinstance(content, dict):
        return {key: timeless(value) for key, value in content.items() if "seconds" not in key}
    return [timeless(value) for value in content] if isinstance(content, list | tuple) else content


@pytest.mark.torch
@pytest.mark.data
def test_a_warm_kernel_gives_what_a_cold_one_gives():
    async def both():
        cold = await run(NETWORK, Workplace(LIMITS, seed=7))
        async with warmed(Workplace(LIMITS, seed=7)) as place:
            return cold, await run(NETWORK, place), await run(NETWORK, place)

    cold, warm, again = (seen(execution) for execution in asyncio.run(both()))
    assert cold[0]["q2"][0][0] == "ok"
    assert cold == warm == again


def test_a_template_that_dies_costs_time_and_no_hand_in():
    async def killed():
        async with warmed(Workplace(LIMITS)) as place:
            task = asyncio.create_task(run(["import time; time.sleep(3); print('done')", "print('next')"], place))
            await place.templates.ready(())
            (template,) = place.templates.running.values()
            await asyncio.sleep(1)  # the hand-in sleeps in its first cell
            (inside,) = psutil.Process(template.process.pid).children()
            os.kill(inside.pid, signal.SIGKILL)
            return await task, place.templates.starts

    execution, starts = asyncio.run(killed())
    assert [execution.runs[q][0].text for q in ("q0", "q1")] == ["done", "next"]
    assert starts == 2


def test_a_fork_cannot_reach_its_template_or_another_run():
    look = "import os, glob\nprint(sorted(p for p in os.listdir('/proc') if p.isdigit()))\n"
    look += "print(glob.glob('/tmp/*/*/*'), os.path.exists('/stock'), os.path.exists('/given'))"

    async def two():
        async with warmed(Workplace(LIMITS)) as place, Kernel(place, hand_in(["1"])) as other:
            execution = await run([look], place)
            return execution.runs["q0"][0].text, other.folder

    text, other = asyncio.run(two())
    processes, folders = text.splitlines()
    assert processes == "['1', '2']"
    assert other.name not in folders
    assert folders.endswith("False False")


def test_a_student_cannot_make_namespaces_or_get_a_capability():
    code = """
import subprocess
print(subprocess.run(["unshare", "--user", "true"], capture_output=True, text=True).stderr)
print([line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapBnd", "NoNewPrivs"))])
"""

    async def tried():
        async with warmed(Workplace(LIMITS)) as place:
            return (await run([code], place)).runs["q0"][0].text

    first, *_, second = asyncio.run(tried()).splitlines()
    assert "No space left on device" in first  # what Linux says when no more namespaces may be made
    assert second == f"['{'0' * 16}', '{'0' * 16}', '1']"


def test_a_machine_that_allows_no_templates_has_cold_kernels(monkeypatch):
    async def refused(*_: object):
        raise OperatorError("no user namespaces", "none")

    monkeypatch.setattr("grader.execute.warm.start", refused)

    async def cold():
        async with warmed(Workplace(LIMITS)) as place:
            return (await run(["print(6 * 7)"], place)).runs["q0"][0].text, place.templates.refusal

    text, refusal = asyncio.run(cold())
    assert text == "42"
    assert "no user namespaces" in refusal


@pytest.mark.torch
def test_a_process_with_a_live_runtime_is_not_forked(tmp_path):
    """The template's own check, in a real process: a module that wakes CUDA's state at import."""
    (tmp_path / "wakes.py").write_text("import torch\ntorch.cuda._initialized = True\n", "utf-8")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nfrom grader.probe.template import preload, unfit\n"
    code += "preload('torch'); first = unfit(); preload('wakes'); print([first, unfit()])"
    done = asyncio.run(_output(code))
    assert done == "['', 'CUDA is initialised']"


async def _output(code: str) -> str:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return output.decode().strip()


def test_templates_go_by_the_frameworks_of_the_hand_in():
    async def keys():
        templates = Templates(replace(Workplace(LIMITS)))
        try:
            first = await templates.ready(("matplotlib.pyplot",))
            second = await templates.ready(())
            return first is second, list(templates.running)
        finally:
            await templates.end()

    same, running = asyncio.run(keys())
    assert same
    assert running == [()]


def test_what_keeps_a_template_from_starting_is_said(monkeypatch):
    monkeypatch.setattr("grader.execute.warm.template_command", lambda *_: ["/bin/sh", "-c", "echo broken >&2; exit 3"])
    with pytest.raises(OperatorError, match="no kernel can be kept warm here: broken"):
        asyncio.run(start(Workplace(LIMITS), ()))
