"""Nothing is gained: a hand-in with an attack earns no more, criterion by criterion, than the same one without it.

Each attack of `gains/attacks/` is put into a hand-in of `gains/bases/` that earns part of what there is: a success of
the attack would show.
"""

from __future__ import annotations

import re

import pytest

from tests.attacks.conftest import HERE, bases, gains, run_batch

pytestmark = [pytest.mark.kernel, pytest.mark.torch, pytest.mark.data, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gains")
    for name, source in (bases() | {name: gain.source for name, gain in gains().items()}).items():
        (folder / f"{name}.py").write_text(source)
    return run_batch(HERE / "gains" / "rubric.yaml", folder, tmp_path_factory.mktemp("out"))


def earned(batch, name: str) -> dict[str, float]:
    """Points per criterion."""
    grade = batch.grades[name]
    assert not grade.problem
    return {f"{q.id} {c.id}": c.points for q in grade.questions for c in q.criteria}


@pytest.mark.parametrize("name", gains())
def test_an_attack_earns_no_more_than_the_same_hand_in_without_it(batch, name):
    hostile, plain = earned(batch, name), earned(batch, gains()[name].base)
    trace, _ = batch.trace(name)
    assert any("tried" in run.text for question in trace.questions for run in question.runs), trace.questions
    assert hostile["q3 runs"] == plain["q3 runs"] == 1
    assert {what: points for what, points in hostile.items() if points > plain[what]} == {}


@pytest.mark.parametrize(
    "name", ["tensor_eq", "forward_reads_frames", "forward_returns_public_labels", "weights_of_the_test_set"]
)
def test_what_looks_perfect_at_home_is_measured_here(batch, name):
    trace, _ = batch.trace(name)
    assert "Test accuracy: 1.000" in trace.question("q1").runs[0].text
    assert earned(batch, name)["q1 reported"] == 0


@pytest.mark.parametrize("name", [name for name, gain in gains().items() if gain.base == "slow"])
def test_time_that_is_hidden_is_found(batch, name):
    timing = batch.grades[name].questions[1]
    assert timing.ran == "passed"
    assert timing.criteria[0].verdict.share in (0, None), "slow, or a person looks"


def test_without_the_attacks_there_is_something_to_win_and_something_to_lose(batch):
    plain = earned(batch, "network")
    assert 0 < plain["q1 architecture"] < 5
    assert 0 < plain["q1 accuracy"] < 5
    assert 0 < plain["q1 figure"] < 5
    assert plain["q1 reported"] == 3
    assert plain["q1 seconds"] == 2
    trace, _ = batch.trace("slow")
    assert trace.question("q2").observation.trainings
    assert earned(batch, "slow")["q2 timing"] == 0


def test_titles_and_labels_of_figures_run_nothing(batch):
    text = (batch.out / "feedback" / "titles_with_markup.html").read_text(encoding="utf-8")
    assert "alert(6)" in text or "alert(7)" in text, "the title is shown"
    assert not re.search(r"<script>alert|<img src=x|[\x00\x1b\u202e]", text)


def test_nothing_is_left(batch):
    assert not batch.templates.refusal
    assert not batch.left
