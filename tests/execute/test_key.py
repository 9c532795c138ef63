from __future__ import annotations

from dataclasses import replace

import pytest

from grader.data import ServedData
from grader.execute import Workplace, run_key
from grader.execute.devices import Device
from grader.execute.key import environment_of, own_digest, processor
from grader.records import Answer, Cell, Segmentation, Submission
from grader.rubric import Limits

LIMITS = Limits(cell_seconds=60, submission_seconds=120, training_seconds=5, memory_gb=2, output_mb=1, disk_mb=32)
SUBMISSION = Submission("ada", "Ada", "ada.ipynb", (Cell(0, "code", "x = 1"),), "digest")
SEGMENTATION = Segmentation((Answer("q1", (0,), "my text", 0.5, "a guess"),))


@pytest.fixture
def place(tmp_path) -> Workplace:
    return Workplace(LIMITS, data=(ServedData("mnist", tmp_path, (1, 2), "", (), digest="d1"),), input_seed=7)


def test_names_places_and_words_do_not_count(place):
    key = run_key(SUBMISSION, SEGMENTATION, "plan", place)
    other = replace(SUBMISSION, id="b", student="B", file="b.ipynb", folder="/elsewhere", late=True)
    assert run_key(other, SEGMENTATION, "plan", place) == key
    told = Segmentation((Answer("q1", (0,), "another text", 0.9, "by its number"),))
    assert run_key(SUBMISSION, told, "plan", place) == key


def test_all_that_a_run_follows_from_counts(place, tmp_path):
    keys = {
        run_key(SUBMISSION, SEGMENTATION, "plan", place),
        run_key(replace(SUBMISSION, digest="other"), SEGMENTATION, "plan", place),
        run_key(SUBMISSION, Segmentation((Answer("q1"),), (0,)), "plan", place),
        run_key(SUBMISSION, SEGMENTATION, "another plan", place),
        run_key(SUBMISSION, SEGMENTATION, "plan", replace(place, profile="full")),
        run_key(SUBMISSION, SEGMENTATION, "plan", replace(place, isolation="none")),
        run_key(SUBMISSION, SEGMENTATION, "plan", replace(place, device=Device("cuda:0"))),
        run_key(SUBMISSION, SEGMENTATION, "plan", replace(place, threads=4)),
        run_key(SUBMISSION, SEGMENTATION, "plan", replace(place, input_seed=8)),
        run_key(SUBMISSION, SEGMENTATION, "plan", replace(place, data=())),
        run_key(SUBMISSION, SEGMENTATION, "plan", replace(place, data=(replace(place.data[0], digest="d2"),))),
        run_key(SUBMISSION, SEGMENTATION, "plan", replace(place, limits=LIMITS.model_copy(update={"memory_gb": 3.0}))),
    }
    assert len(keys) == 12


def test_the_processor_has_a_name_where_the_system_gives_it_one(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: Fast 9000\n\nmodel name\t: Fast 9000\n")
    assert processor(tmp_path / "cpuinfo") == "Fast 9000"
    assert processor(tmp_path / "none")
    assert len(own_digest()) == 64


def test_the_environment_says_which_data_was_served(place):
    assert environment_of(place).data == {"mnist": "d1"}
