"""`grader check` as a student types it: real kernels, the student edition, and mistakes of every day."""

import zipfile

import pytest

from grader.rubric import load_rubric
from grader.selfcheck import pack_for_students

NETWORK = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.head = nn.Conv2d(1, 4, 5), nn.Linear(4 * 12 * 12, 10)
    def forward(self, x):
        x = torch.max_pool2d(self.conv(x), 2)
        return self.head(x.reshape(-1, 4 * 6 * 6 * 4))
model = Net()
model(torch.rand(8, 1, 28, 28))
"""


@pytest.fixture
def student(rubric, tmp_path):
    pack_for_students(load_rubric(rubric), tmp_path / "student.zip")
    with zipfile.ZipFile(tmp_path / "student.zip") as archive:
        archive.extractall(tmp_path / "student")
    rubric.unlink()
    return tmp_path / "student"


@pytest.mark.kernel
@pytest.mark.data
def test_the_unpacked_zip_checks_the_only_notebook(student, notebook, typed):
    notebook(student / "homework.ipynb")
    result = typed(student, "check")
    assert result.returncode == 0, result.stderr
    text = " ".join(result.stdout.split())
    assert "4 of 24 points that can be judged before hand-in; 12 more are graded after it" in text
    assert "after hand-in: The result; The formula" in text
    (page,) = (student / "grader-check" / "feedback").glob("*.html")
    assert "Graded after hand-in" in page.read_text(encoding="utf-8")


@pytest.mark.kernel
@pytest.mark.data
def test_files_beside_the_notebook_are_there_when_it_runs(student, notebook, typed):
    (student / "numbers.csv").write_text("0,1,2,3,4,5,6,7,8,9")
    (student / "app.py").write_text("def read(path):\n    return [int(word) for word in open(path).read().split(',')]")
    notebook(student / "homework.ipynb", "from app import read\nvalues = read('numbers.csv')\ntotal = sum(values)")
    result = typed(student, "check", "homework.ipynb")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "4 of 24 points" in " ".join(result.stdout.split())  # all of q1; the hand-in answers no other question


@pytest.mark.kernel
@pytest.mark.data
def test_an_error_is_said_with_its_place_and_min_score_fails(student, notebook, typed):
    notebook(student / "homework.ipynb", "values = range(10)\ntotal = sum(valeus)")
    result = typed(student, "check", "homework.ipynb", "--min-score", "60")
    assert result.returncode == 1, result.stderr
    assert "NameError" in result.stdout
    assert "cell 1, line 2" in " ".join(result.stdout.split())
    assert "Below --min-score" in result.stdout


@pytest.mark.kernel
@pytest.mark.data
@pytest.mark.torch
def test_a_whole_rubric_is_checked_by_its_public_part_only(rubric, notebook, typed, tmp_path):
    notebook(tmp_path / "homework.ipynb", network=NETWORK)
    result = typed(tmp_path, "check", "homework.ipynb", "--rubric", rubric)
    assert result.returncode == 0, result.stderr
    assert "SECRET" not in result.stdout
    page = next((tmp_path / "grader-check" / "feedback").glob("*.html")).read_text(encoding="utf-8")
    assert "SECRET" not in page
    assert "Seen before hand-in, for no points: The layers" in page


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((), "there is no rubric"),
        (("small.yaml", "other.yaml"), "several rubrics lie in"),
        (("small.yaml",), "there is no notebook or script"),
        (("small.yaml", "a.ipynb", "b.ipynb"), "there is no notebook or script in"),
    ],
)
def test_what_is_not_clear_is_asked_for(rubric, notebook, typed, tmp_path, files, words):
    folder = tmp_path / "here"
    folder.mkdir()
    for name in files:
        if name.endswith(".yaml"):
            (folder / name).write_text(rubric.read_text())
        else:
            notebook(folder / name)
    result = typed(folder, "check")
    assert result.returncode == 5
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('rubic = "small.yaml"', "Did you mean 'rubric'"),
        ("rubric = 3", "must be a path in quotes"),
        ("rubric = ", "cannot be read"),
        ('rubric = "gone.yaml"', "is not there"),
    ],
)
def test_a_wrong_grader_toml_is_one_line(typed, tmp_path, text, words):
    (tmp_path / "grader.toml").write_text(text)
    result = typed(tmp_path, "check")
    assert result.returncode == 5
    assert words in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr
