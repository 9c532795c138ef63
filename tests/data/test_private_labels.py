"""No process of a student can read a private label: one looks for them everywhere, with all that is served in place."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from grader.data import ServedFile
from grader.execute import Workplace, warmed
from grader.ingest import find
from grader.pipeline import run
from grader.rubric import load_rubric

FOLDER = Path(__file__).parent / "handins"
DISGUISE = 0x5A

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.torch,  # what is installed is searched too
    pytest.mark.data,
    pytest.mark.timeout(1200),
]


def hunt(place: Workplace, tmp_path: Path) -> list:
    """What `handins/hunt/hunt.py` finds. In its own text the labels are disguised."""
    needles = {one.name: bytes(label ^ DISGUISE for label in one.labels).hex() for one in place.data}
    outside = [str(one.folder.parent / "private" / "labels.npy") for one in place.data]
    assert all(Path(path).is_file() for path in outside)
    code = tmp_path / "hunt.py"
    text = (FOLDER / "hunt" / "hunt.py").read_text()
    code.write_text(text.replace("NEEDLES", repr(needles)).replace("PATHS_OUTSIDE", repr(outside)))
    limits = place.limits.model_copy(update={"cell_seconds": 500, "submission_seconds": 550})
    place = replace(place, limits=limits)
    trace, _ = asyncio.run(run_warm(code, place))
    (question,) = trace.questions
    said = "".join(run.text for run in (*trace.shared, *question.runs))
    assert "REPORT" in said, (question.error, said[-2000:])
    return json.loads(said.partition("REPORT")[2].splitlines()[0])


async def run_warm(code: Path, place: Workplace):
    async with warmed(place) as warm:
        return await run(find([code])[0], load_rubric(FOLDER / "rubric.yaml"), warm)


def test_no_process_of_a_student_can_read_a_private_label(workplace, tmp_path):
    found, read, outside, written, listed = hunt(workplace, tmp_path)
    assert found == []
    assert outside == []
    assert written == []
    assert read > 1000
    assert set(map(tuple, listed.values())) == {("held_out.npy", "meta.json", "served.npz")}


def test_the_hunt_finds_labels_where_they_are(workplace, tmp_path):
    np.save(tmp_path / "leak.npy", np.array(workplace.data[1].labels))
    leak = ServedFile("notes.bin", tmp_path / "leak.npy", "")
    found, *_ = hunt(replace(workplace, files=(*workplace.files, leak)), tmp_path)
    assert any(path.endswith("notes.bin") for path, _ in found)
