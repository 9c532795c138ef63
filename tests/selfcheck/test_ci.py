"""`grader ci` as GitHub runs it, and what it writes as its readers read it."""

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree
from markdown_it import MarkdownIt

from grader.records import Answer, CriterionGrade, ErrorTrace, Grade, Place, QuestionGrade, Verdict
from grader.report import github_annotations, job_summary
from grader.rubric import load_rubric
from grader.selfcheck import pack_for_gradescope, pack_for_students

HOSTILE = (
    "x\n::error file=a.py::pwned\r%0A::warning::b | **bold** <img src=x onerror=alert(1)> [l](http://e.x) @me www.e.x"
)


def grade(source: str = "total = sum(valeus)", message: str = HOSTILE, questions: int = 1) -> Grade:
    error = ErrorTrace("NameError", message, 1, 2, source)
    criterion = CriterionGrade("runs", "The code runs", "runs", 4, 0, True, Verdict(0.0, message, "Mend it."))
    hidden = replace(criterion, id="h", title="Hidden", public=False, verdict=Verdict(0.0, "SECRET"))
    question = QuestionGrade("q1", "Sums", 8, 0, "failed", error, Answer("q1", (1,)), (criterion, hidden))
    return Grade("a", "Ann", HOSTILE, "small", "Small", "", "quick", 0, 8, questions * (question,))


def test_no_students_string_begins_a_command_of_its_own():
    lines = github_annotations(grade(), "a,b:c.ipynb", "")
    assert len(lines) == 2
    assert all("\n" not in line and "\r" not in line for line in lines)
    assert lines[0].startswith("::error file=a%2Cb%3Ac.ipynb,title=q1%3A NameError::")
    assert lines[1].startswith("::warning file=a%2Cb%3Ac.ipynb,title=q1%3A 4 points lost::")
    assert "%250A" in lines[0], "a percent sign of the student's stays one"
    assert "SECRET" not in "".join(lines)


@pytest.mark.parametrize("ascii_only", [True, False])
def test_an_error_is_at_its_line_of_the_notebooks_text(ascii_only):
    code = ["values = range(10)\n", 'total = sum(valeus)  # "größe"']
    cells = [
        {"cell_type": "code", "source": ["# another cell\n", "x = 1\n", code[1]]},
        {"cell_type": "code", "source": code},
    ]
    text = json.dumps({"cells": cells}, indent=1, ensure_ascii=ascii_only)
    line = int(re.findall(r"line=(\d+)", github_annotations(grade(code[1]), "a.ipynb", text)[0])[0])
    row = text.split("\n")[line - 1]
    assert "sum(valeus)" in row
    assert text.split("\n")[line - 2].strip() == '"values = range(10)\\n",'


def test_an_error_is_at_its_line_of_a_script():
    (first, _) = github_annotations(grade(), "a.py", "import os\n\nvalues = 1\ntotal = sum(valeus)\n")
    assert "line=4," in first


def test_lost_points_are_at_the_line_that_lost_them():
    (question,) = grade().questions
    verdict = Verdict(0.0, "It gives 3.", "Mend it.", place=Place(1, 4, "total = sum(valeus)"))
    judged = replace(question, criteria=(replace(question.criteria[0], verdict=verdict),))
    text = "import os\n\nvalues = 1\ntotal = sum(valeus)\n"
    warning = github_annotations(replace(grade(), questions=(judged,)), "a.py", text)[1]
    assert warning.startswith("::warning file=a.py,line=4,")
    assert warning.endswith("The code runs: It gives 3 (cell 1, line 4). Mend it.")


def test_the_summary_shows_students_words_as_words():
    html = MarkdownIt("commonmark", {"html": True, "linkify": False}).enable("table").render(job_summary(grade()))
    tree = etree.HTML(html)
    assert not tree.xpath("//img | //a | //script")
    assert not [b for b in tree.xpath("//strong/text()") if b == "bold"]
    assert "**bold** <img src=x onerror=alert(1)> [l](http://e.x) @me www.e.x" in "".join(tree.itertext())
    assert "SECRET" not in html
    (row,) = tree.xpath("//table/tbody/tr")
    assert ["".join(cell.itertext()) for cell in row] == ["q1 Sums", "0 / 8", "not yet", ""]


def test_a_summary_that_is_too_long_says_what_is_missing():
    whole = grade(message="ü" * 900, questions=5000)
    text = job_summary(whole)
    assert 900_000 < len(text.encode()) < 2**20
    shown = text.count("### q1")
    assert f"_{5000 - shown} more of the questions do not fit here: see the page._" in text


@pytest.fixture
def repository(rubric, notebook, tmp_path):
    pack_for_students(load_rubric(rubric), tmp_path / "student.zip")
    with zipfile.ZipFile(tmp_path / "student.zip") as archive:
        archive.extractall(tmp_path / "repository")
    notebook(tmp_path / "repository" / "homework.ipynb", "values = range(10)\ntotal = sum(valeus)")
    return tmp_path / "repository"


@pytest.mark.kernel
@pytest.mark.data
def test_a_job_on_github(repository, typed, tmp_path):
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": str(repository)}
    result = typed(repository, "ci", "--min-score", "50", **github)
    assert result.returncode == 1, result.stderr
    (error,) = [line for line in result.stdout.splitlines() if line.startswith("::error")]
    assert error.startswith("::error file=homework.ipynb,line=")
    line = int(re.findall(r"line=(\d+)", error)[0])
    assert "valeus" in (repository / "homework.ipynb").read_text().split("\n")[line - 1]
    (token,) = re.findall(r"^::stop-commands::(\w+)$", result.stdout, re.MULTILINE)
    assert result.stdout.index(f"\n::{token}::\n") < result.stdout.index("::error")
    out = repository / "grader-ci"
    assert summary.read_text() == "before\n" + (out / "summary.md").read_text()
    schema = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "report" / "export" / "junit-10.xsd"))
    schema.assertValid(etree.parse(out / "junit.xml"))
    assert json.loads((out / "results.json").read_text())["score"] == 2


def written_zip(rubric: Path, target: Path, isolation: str = "bwrap") -> Path:
    pack_for_gradescope(load_rubric(rubric), target / "autograder.zip", isolation)
    (target / "autograder").mkdir()
    subprocess.run(
        ["unzip", "-q", str(target / "autograder.zip"), "-d", str(target / "autograder" / "source")], check=True
    )
    return target / "autograder"


@pytest.mark.kernel
@pytest.mark.data
def test_gradescope_runs_the_autograder(notebook, tmp_path):
    folder = tmp_path / "instructor"
    (folder / "solution").mkdir(parents=True)
    (folder / "solution" / "q1.py").write_text("total = sum(range(10))\n")
    (folder / "tiny.yaml").write_text(
        """
assignment: tiny
title: Tiny
reference: solution
questions:
  - id: q1
    title: Sums
    prompt: Compute the sum of the first ten numbers and print it.
    points: 4
    criteria:
      - {id: runs, title: It runs, check: runs, points: 2}
      - {id: total, title: The total, check: value, points: 2, with: {names: [total]}}
"""
    )
    root = written_zip(folder / "tiny.yaml", tmp_path)
    notebook(root / "submission" / "homework.ipynb")
    scripts = [root / "source" / name for name in ("setup.sh", "run_autograder")]
    for script in scripts:
        assert script.stat().st_mode & 0o111
        subprocess.run(["bash", "-n", str(script)], check=True)
    done = subprocess.run(
        [str(scripts[1])],
        env={"PATH": "/usr/bin:/bin", "AUTOGRADER": str(root), "GRADER_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    results = json.loads((root / "results" / "results.json").read_text())
    assert (results["score"], [test["status"] for test in results["tests"]]) == (4, ["passed", "passed"])


def test_the_autograder_names_what_it_needs(rubric, tmp_path):
    pack_for_gradescope(load_rubric(rubric), tmp_path / "autograder.zip", "none")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        names = set(archive.namelist())
        needed = archive.read("requirements.txt").decode().splitlines()
        runs = archive.read("run_autograder").decode()
    assert {"setup.sh", "run_autograder", "package/grader/pipeline.py", "assignment/rubrics/reference/q1.py"} <= names
    assert "assignment/rubrics/secret_tests.py" in names
    assert any(line.startswith("torch==") for line in needed)
    assert not [line for line in needed if "extra" in line or line.startswith("pytest-xdist")]
    assert "--isolation 'none'" in runs
