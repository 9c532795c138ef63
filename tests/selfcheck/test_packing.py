"""The student edition: every secret of the rubric is looked for in it, and it still works."""

import runpy
import zipfile
from pathlib import Path

import pytest

from grader.checks import CHECKS
from grader.rubric import load_rubric
from grader.selfcheck import pack_for_students, student_edition
from grader.selfcheck.edition import OPEN, as_data

SECRETS = runpy.run_path(str(Path(__file__).with_name("conftest.py")))["SECRETS"]
ROOT = Path(__file__).parents[2]


@pytest.fixture
def unpacked(rubric, tmp_path):
    """The student edition, unpacked in an empty folder."""
    assert pack_for_students(load_rubric(rubric), tmp_path / "student.zip") == ()
    with zipfile.ZipFile(tmp_path / "student.zip") as archive:
        archive.extractall(tmp_path / "student")
    return tmp_path / "student"


def test_no_secret_is_in_any_file_or_name(rubric, unpacked):
    whole = rubric.read_text() + "".join(path.read_text() for path in rubric.parent.rglob("*.py"))
    assert [secret for secret in SECRETS if secret not in whole] == [], "each is in what the instructor has"
    files = [path for path in unpacked.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"small.yaml", "grader.toml", "README.md"}
    packed = "".join(path.name + path.read_text() for path in files)
    assert [secret for secret in SECRETS if secret in packed] == []


def test_points_and_questions_still_add_up(rubric, unpacked):
    whole, edition = load_rubric(rubric), load_rubric(unpacked / "small.yaml")
    assert [(q.id, q.title, q.prompt, q.points) for q in edition.questions] == [
        (q.id, q.title, q.prompt, q.points) for q in whole.questions
    ]
    assert edition.reference is None
    assert edition.data == ("mnist",)
    assert [c.check for c in edition.question("q1").criteria] == ["runs", "source", *4 * ["after_hand_in"]]
    assert edition.question("q1").criteria[-1].points == 2


def test_what_can_be_seen_of_a_network_has_no_points_before_hand_in(unpacked):
    now, later = load_rubric(unpacked / "small.yaml").question("q3").criteria[:2]
    assert (now.id, now.check, now.points) == ("layers-now", "architecture", 0)
    assert (later.id, later.check, later.points) == ("layers", "after_hand_in", 5)


def test_an_edition_of_an_edition_is_the_same(rubric):
    edition = student_edition(load_rubric(rubric))
    assert as_data(student_edition(edition)) == as_data(edition)


def test_a_check_that_nobody_thought_about_waits():
    assert set(OPEN) < set(CHECKS)
    assert {"accuracy", "function", "value", "tests", "timing", "transfer", "reported"}.isdisjoint(OPEN)


@pytest.mark.parametrize("path", sorted((ROOT / "rubrics").glob("*.yaml")), ids=lambda path: path.stem)
def test_the_rubrics_of_the_project_can_be_packed(path, tmp_path):
    whole = load_rubric(path)
    pack_for_students(whole, tmp_path / "student.zip")
    with zipfile.ZipFile(tmp_path / "student.zip") as archive:
        archive.extractall(tmp_path)
    edition = load_rubric(tmp_path / f"{whole.assignment}.yaml")
    assert edition.total == whole.total
    packed = (tmp_path / f"{whole.assignment}.yaml").read_text(encoding="utf-8")
    points = [p for q in whole.questions for c in q.criteria for p in getattr(c.parameters, "key_points", ())]
    assert not [point for point in points if point in " ".join(packed.split())]
    assert not [
        word for word in ("full_credit", "no_credit", "expected:", "key_points", "reference:") if word in packed
    ]


def test_packing_twice_gives_the_same_bytes(rubric, tmp_path):
    for name in ("a.zip", "b.zip"):
        pack_for_students(load_rubric(rubric), tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
