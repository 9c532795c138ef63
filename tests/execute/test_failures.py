from __future__ import annotations

import pytest

from grader.execute.failures import bound_names, error_trace, mark_echoes, missing_files, plain
from grader.records import Cell, CellRun, ErrorTrace


def run(cell: int, status: str = "ok", message: str = "", kind: str = "NameError") -> CellRun:
    error = ErrorTrace(kind, message, cell) if message else None
    return CellRun(cell, status, error=error)


def test_the_line_is_the_deepest_one_of_the_failing_cell():
    cell = Cell(7, "code", "def f():\n    return 1 / 0\nf()")
    output = {
        "ename": "ZeroDivisionError",
        "evalue": "\x1b[31mdivision by zero\x1b[0m",
        "traceback": ["\x1b[32mCell In[4], line 3\x1b[0m", "Cell In[4], line 2, in f()", "File lib.py:90, in g"],
    }
    error = error_trace(output, cell, execution_count=4)
    assert (error.line, error.source, error.message) == (2, "return 1 / 0", "division by zero")


def test_a_traceback_without_a_frame_of_the_cell_has_no_line():
    error = error_trace({"ename": "X", "evalue": "y", "traceback": "no list"}, Cell(0, "code", "x"), 1)
    assert error.line is None
    assert error.source == ""


def test_a_name_that_a_failed_cell_should_have_defined_makes_an_echo():
    cells = {0: Cell(0, "code", "data = load()"), 1: Cell(1, "code", "model = f(data)"), 2: Cell(2, "code", "model.x")}
    runs = [
        run(0, "error", "no such file", "FileNotFoundError"),
        run(1, "error", "name 'data' is not defined"),
        run(2, "error", "name 'model' is not defined"),
    ]
    assert [r.error.echo_of for r in mark_echoes(runs, cells)] == [None, 0, 0]


def test_a_name_that_no_cell_defines_is_its_own_root():
    cells = {0: Cell(0, "code", "x = 1"), 1: Cell(1, "code", "print(X_val)")}
    runs = [run(0), run(1, "error", "name 'X_val' is not defined")]
    assert mark_echoes(runs, cells)[1].error.echo_of is None


def test_a_stopped_cell_is_a_root_too():
    cells = {0: Cell(0, "code", "while True: pass\nhistory = 1"), 1: Cell(1, "code", "history")}
    runs = [run(0, "stopped"), run(1, "error", "name 'history' is not defined")]
    assert mark_echoes(runs, cells)[1].error.echo_of == 0


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import numpy as np\nfrom x import y", {"np", "y"}),
        ("def f(a):\n    b = 1\nclass C: pass", {"f", "b", "C"}),
        ("for i, j in z: pass\nwith o() as p: pass", {"i", "j", "p"}),
        ("x = 1\nprint 'python 2'", {"x"}),
        ("def broken(:\n  y: int = 2", {"broken", "y"}),
    ],
)
def test_bound_names_reads_python_and_what_is_nearly_python(source, names):
    assert bound_names(source) >= names


def test_plain_text_has_no_escapes_and_an_end():
    assert plain("a\x1b[31mb\x00c\x07", 3) == "abc"


@pytest.mark.parametrize(
    ("kind", "message", "subject"),
    [
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'sample.jpg'", "sample.jpg"),
        (
            "FileNotFoundError",
            "[Errno 2] No such file or directory: '/content/drive/MyDrive/x'",
            "/content/drive/MyDrive/x",
        ),
        ("NotFoundError", 'Could not find directory "D:/pics"', "D:/pics"),
        ("Exception", "URL fetch failure on https://a.b/c.zip: None -- [Errno -3]", "https://a.b/c.zip"),
        ("URLError", "<urlopen error [Errno -3] Temporary failure in name resolution>", ""),
    ],
)
def test_what_the_grading_environment_lacks_is_noted(kind, message, subject):
    (note,) = missing_files("q7", [run(3, "error", message, kind)])
    assert (note.kind, note.subject, note.question, note.cell) == ("missing", subject, "q7", 3)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'lenet_final.pth'"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'models/best.keras'"),
        ("ValueError", "'sample.jpg' is a bad name"),
    ],
)
def test_a_model_under_a_wrong_name_is_the_students_own_mistake(kind, message):
    assert not list(missing_files("q7", [run(3, "error", message, kind)]))


def probed(*notes: tuple[str, str]) -> object:
    return {"observation": {"notes": [{"kind": kind, "subject": subject} for kind, subject in notes]}}


def test_what_the_probe_noted_as_missing_is_not_said_again():
    offline = run(3, "error", "<urlopen error [Errno -3] Temporary failure in name resolution>", "URLError")
    lost = run(4, "error", "No such file or directory: 'x.csv'", "FileNotFoundError")
    assert [n.subject for n in missing_files("q", [offline, lost], probed(("missing", "https://e.org/x")))] == ["x.csv"]
    assert list(missing_files("q", [lost], probed(("missing", "x.csv")))) == []


@pytest.mark.parametrize("report", [None, 5, [], {"observation": 3}, {"observation": {"notes": [1, {}]}}, probed()])
def test_a_report_of_any_shape_hides_nothing(report):
    lost = run(4, "error", "No such file or directory: 'x.csv'", "FileNotFoundError")
    assert len(list(missing_files("q", [lost], report))) == 1
