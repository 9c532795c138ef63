"""Hostile hand-ins: nothing leaves, nothing is gained, the bound is named, the rest is graded, nothing is left behind.

What is expected of `handins/<name>` is in `handins/<name>.expected`:

    why: what is attacked
    limit: memory              # the bound that ends it; several possible ones as a|b
    error: SystemExit          # the error that ends it
    says: held                 # a line of its output: the attack was tried
    note: truncated            # a note on it
    problem: bomb              # it cannot be read, for this reason
    after: any                 # it broke its own probe, so its second question may be lost; it must not be earned
    never_blob: .npy           # no file of this kind may come out

They run in warm kernels; those of `COLD` in cold ones as well, with the same result.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import psutil
import pytest
import yaml

from grader.report.wording import limit as words_of
from tests.attacks.conftest import COLD, HERE, attacks, family

# `torch`: some attack it, and the batch that they are all in is graded once.
pytestmark = [pytest.mark.kernel, pytest.mark.torch, pytest.mark.timeout(2400)]
KEYS = {"why", "limit", "error", "says", "note", "problem", "after", "never_blob"}
MARK = "attack-was-here"
FAMILIES = ("bounds", "others", "cold")


def expected(name: str) -> dict:
    wanted = yaml.safe_load((HERE / "handins" / f"{name}.expected").read_text())
    assert wanted.keys() <= KEYS
    return wanted


def test_there_are_at_least_sixty_and_each_says_what_is_expected():
    assert len(attacks()) >= 60
    assert {path.stem for path in (HERE / "handins").glob("*.expected")} == attacks().keys()
    assert set(COLD) <= attacks().keys()


def test_kernels_are_warm_where_they_should_be(graded):
    assert not graded("others").templates.refusal
    assert graded("others").templates.starts == 1
    assert graded("cold").templates.refusal


@pytest.mark.parametrize("name", attacks())
def test_attack(graded, name):
    held(graded(family(name)), name)


@pytest.mark.parametrize("name", COLD)
def test_attack_in_a_cold_kernel(graded, name):
    held(graded("cold"), name)
    cold, warm = (graded(wanted).grades[name] for wanted in ("cold", family(name)))
    assert [q.points for q in cold.questions] == [q.points for q in warm.questions]
    assert [q.ran for q in cold.questions] == [q.ran for q in warm.questions]
    assert [[hit.kind for hit in q.limits] for q in cold.questions] == [
        [hit.kind for hit in q.limits] for q in warm.questions
    ]


def held(batch, name):
    wanted, grade = expected(name), batch.grades[name]
    if "problem" in wanted:
        assert wanted["problem"] in grade.problem
        assert grade.fault == "student"
        return
    assert not grade.problem
    trace, blobs = batch.trace(name)
    first, second = grade.questions
    assert first.points == 0, "an attack must not earn what its code does not"
    run = trace.question("q1").runs[0]
    for one in (*trace.question("q1").runs, *trace.question("q2").runs):
        assert "GAINED" not in one.text, one.text[:2000]
    if "says" in wanted:
        assert wanted["says"] in run.text, (run.status, run.error, run.limit)
    if "limit" in wanted:
        named(batch, name, run, wanted["limit"].split("|"))
    else:
        assert run.limit is None or run.limit.kind == "kernel", run.limit
    if "error" in wanted:
        assert run.error.type == wanted["error"]
    if "note" in wanted:
        assert wanted["note"] in {note.kind for note in trace.notes}
    if "never_blob" in wanted:
        assert not [blob for blob in blobs if blob.endswith(wanted["never_blob"])]
    if wanted.get("after") != "any":
        assert second.points == 1, (second.ran, second.error, trace.question("q2").runs)


def named(batch, name, run, kinds):
    """The bound that ended a cell is known with its numbers, and the student's page says so."""
    assert run.limit, (run.status, run.error)
    assert run.limit.kind in kinds
    if run.limit.kind != "kernel":
        assert run.limit.measured >= run.limit.limit > 0
    page = html.unescape((batch.out / "feedback" / f"{name}.html").read_text(encoding="utf-8"))
    assert words_of(run.limit) in page


@pytest.mark.parametrize("which", FAMILIES)
def test_the_rest_of_the_batch_is_graded(graded, which):
    assert graded(which).grades["honest"].points == 5


@pytest.mark.parametrize("which", FAMILIES)
def test_no_secret_is_in_anything_that_came_out(graded, which):
    batch = graded(which)
    own = [batch.out / "traces" / "honest", batch.out / "feedback" / "honest.html", batch.out / "reference"]
    files = [path for path in batch.out.rglob("*") if path.is_file()]
    others = [path for path in files if not any(path.is_relative_to(place) for place in own)]
    assert len(others) > len(batch.grades)
    assert not [path for path in others if batch.canary.encode() in path.read_bytes()]
    assert [path for path in files if batch.canary.encode() in path.read_bytes()], "the canary is where it belongs"


@pytest.mark.parametrize("which", FAMILIES)
def test_no_process_and_no_file_is_left(graded, which):
    batch = graded(which)
    assert not batch.left
    assert not [p for p in psutil.process_iter(["cmdline"]) if "987655" in (p.info["cmdline"] or [])]
    places = [Path(place) for place in ("/", "/tmp", "/usr", "/etc", "/home", "/var", str(Path.home()))]
    assert not [found for place in places for found in place.glob(f"{MARK}*")]


def test_pages_run_nothing_and_send_no_codes_to_terminals(graded):
    out = graded("others").out
    pages = [*out.rglob("*.html"), out / "grades.csv", out / "grades.json"]
    assert len(pages) > 10
    for page in pages:
        text = page.read_text(encoding="utf-8")
        if page.suffix == ".html":
            assert not re.search(r"<script>alert|<img src=x", text), page
        assert not re.search(r"[\x00\x1b\u202e]", text), page


def test_a_bomb_in_the_students_segments_is_refused(graded):
    grade = graded("others").grades["yaml_bomb"]
    assert grade.problem
    assert grade.fault == "student"
