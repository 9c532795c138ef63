import pytest
from pydantic import ValidationError

from grader.checks import CHECKS
from grader.errors import RubricError
from grader.rubric import Criterion, load_rubric


def test_a_criterion_can_be_made_in_python():
    parameters = CHECKS["runs"].parameters()
    criterion = Criterion(id="runs", title="It runs", check="runs", points=1, parameters=parameters)
    assert criterion.parameters is parameters
    assert Criterion(id="runs", title="It runs", check="runs", points=1) == criterion


def test_nothing_changes_after_loading(write):
    rubric = load_rubric(write())
    with pytest.raises(ValidationError, match="frozen"):
        rubric.title = "Other"
    with pytest.raises(ValidationError, match="frozen"):
        rubric.questions[0].points = 100


def test_profiles_that_are_not_given_have_defaults(write):
    profiles = load_rubric(write()).profiles
    assert (profiles["quick"].cell_seconds, profiles["quick"].training_seconds) == (9, 5)
    assert (profiles["full"].cell_seconds, profiles["full"].training_seconds) == (3600, None)


def test_the_reference_lies_relative_to_the_rubric(write):
    path = write()
    assert load_rubric(path).reference_folder == (path.parent.parent / "reference" / "cnn-basics").resolve()
    assert load_rubric(write(("reference: ../reference/cnn-basics\n", ""))).reference_folder is None


def test_an_unknown_question(write):
    with pytest.raises(RubricError, match=r"no question 'q5' in .*x\.yaml; there are: p1, q6"):
        load_rubric(write()).question("q5")


@pytest.mark.parametrize(
    "change",
    [
        ("title: Basics", "title: Other"),
        ("points: 4", "points: 4, hint: h"),
        ("no_credit: 0.3", "no_credit: 0.4"),
        ("cell_seconds: 9", "cell_seconds: 10"),
        ("public: false", "public: true"),
    ],
)
def test_the_hash_follows_the_content(write, change):
    assert load_rubric(write()).hash != load_rubric(write(change)).hash


def test_the_hash_does_not_follow_the_layout(write, tmp_path):
    rubric = load_rubric(write())
    moved = tmp_path / "y.yaml"
    moved.write_text("# a comment\n" + write(("data: [mnist]", "data:\n- mnist")).read_text())
    assert load_rubric(moved).hash == rubric.hash
    assert len(rubric.hash) == 64


def test_the_bridges_that_a_rubric_can_name_are_those_of_the_probe():
    from grader.probe.bridges import BRIDGES as THERE
    from grader.rubric.models import BRIDGES

    assert set(THERE) == BRIDGES


def test_bounds_that_a_profile_does_not_name_have_its_defaults(write):
    (quick, whole) = ("  quick: {cell_seconds: 9", "disk_mb: 512}")
    text = write().read_text()
    line = text[text.index(quick) : text.index(whole) + len(whole)]
    profiles = load_rubric(write((line, "  full: {cell_seconds: 9}"))).profiles
    assert (profiles["full"].cell_seconds, profiles["full"].memory_gb, profiles["full"].training_seconds) == (
        9,
        12,
        None,
    )
    assert (profiles["quick"].cell_seconds, profiles["quick"].processes) == (240, 512)
