from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import v4

from grader.errors import SubmissionError
from grader.ingest import find, ingest, with_files_beside
from grader.records import Submission

KEYS = ["cells", "worksheets", "cell_type", "source", "input", "outputs", "text", "data", "metadata", "nbformat", "id"]


def nested(children: Any) -> Any:
    return st.lists(children, max_size=4) | st.dictionaries(st.sampled_from(KEYS), children, max_size=5)


def notebook(*sources: str) -> str:
    return nbformat.writes(v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources]))


def only(path: Path) -> Submission:
    (hand_in,) = find([path])
    return ingest(hand_in)


def test_a_notebook_with_attachments_becomes_a_submission(tmp_path: Path) -> None:
    (tmp_path / "ada/data").mkdir(parents=True)
    (tmp_path / "ada/hw.ipynb").write_text(notebook("x = 1", "y = 2"))
    (tmp_path / "ada/net.py").write_text("z = 3")
    (tmp_path / "ada/data/x.csv").write_text("1,2")
    (tmp_path / "ada/expected.yaml").write_text("secret: 1")
    (tmp_path / "bob.py").write_text("1")
    got = ingest(next(h for h in find([tmp_path]) if h.student == "ada"))
    assert (got.student, got.file, [c.source for c in got.cells]) == ("ada", "hw.ipynb", ["x = 1", "y = 2"])
    assert got.folder == str(tmp_path / "ada")
    assert got.attachments == ("net.py", "data/x.csv")
    assert [c.index for c in got.cells] == [0, 1]


def test_a_file_alone_has_no_attachments(tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text("x = 1")
    (tmp_path / "other.csv").write_text("1")
    got = only(tmp_path / "hw.py")
    assert (got.folder, got.attachments) == ("", ())


def beside(folder: Path, source: str) -> Submission:
    """What is read of `hw.ipynb` in a folder with all that lies in students' folders."""
    (folder / "hw.ipynb").write_text(notebook(source))
    for name in ("data.csv", "model.h5", "app.py", "layers.py", "other.ipynb", "holiday.mp4"):
        (folder / name).write_text("import layers" if name == "app.py" else "1")
    for place in ("pictures/train/a.png", "venv/lib/x.py", "data/y.csv"):
        (folder / place).parent.mkdir(parents=True)
        (folder / place).write_text("1")
    (folder / "secret").symlink_to("/etc/passwd")
    (hand_in,) = find([folder / "hw.ipynb"])
    return ingest(with_files_beside(hand_in))


def test_what_a_notebook_names_beside_it_comes_along_and_nothing_else(tmp_path: Path) -> None:
    got = beside(tmp_path, "import app\nload('data.csv'); load_model(\"model.h5\"); ImageFolder('pictures/train')")
    assert set(got.attachments) == {"data.csv", "model.h5", "app.py", "layers.py", "pictures/train/a.png"}
    assert (got.file, got.student, len(got.cells), got.notes) == ("hw.ipynb", "hw", 1, ())


def test_a_notebook_that_names_nothing_takes_nothing_along(tmp_path: Path) -> None:
    got = beside(tmp_path, "data = 1  # a venv, an app and other data")
    assert (got.folder, got.attachments) == ("", ())


def test_a_link_that_the_notebook_names_leads_nowhere(tmp_path: Path) -> None:
    got = beside(tmp_path, "open('secret')")
    assert got.attachments == ()
    assert "symbolic link" in got.notes[0].message


def test_scripts_are_joined_in_name_order_and_tagged_by_their_names(tmp_path: Path) -> None:
    for name, text in {
        "q10.py": "a = 1",
        "q9.py": "b = 2",
        "helpers.py": "c = 3",
        "Q6.py": "# question: q7\nd = 4",
    }.items():
        (tmp_path / "ada").mkdir(exist_ok=True)
        (tmp_path / "ada" / name).write_text(text)
    (tmp_path / "bob.py").write_text("1")
    got = ingest(next(h for h in find([tmp_path]) if h.student == "ada"))
    assert [(c.index, c.origin, c.question) for c in got.cells] == [
        (0, "helpers.py", None),
        (1, "Q6.py", "q7"),
        (2, "q9.py", "q9"),
        (3, "q10.py", "q10"),
    ]
    assert got.file == "ada"


def test_a_file_alone_is_not_tagged_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a1.ipynb").write_text(notebook("x = 1"))
    assert only(tmp_path / "a1.ipynb").cells[0].question is None


def test_an_empty_file_beside_others_is_left_out_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/__init__.py").write_text("")
    (tmp_path / "ada/hw.py").write_text("x = 1")
    (tmp_path / "bob.py").write_text("1")
    got = ingest(next(h for h in find([tmp_path]) if h.student == "ada"))
    assert [c.source for c in got.cells] == ["x = 1"]
    assert [n.subject for n in got.notes] == ["__init__.py"]


def test_the_digest_changes_with_content_and_not_with_place(tmp_path: Path) -> None:
    digests = []
    for place, source, data in [("a", "x = 1", "1"), ("b", "x = 1", "1"), ("c", "x = 2", "1"), ("d", "x = 1", "2")]:
        (tmp_path / place).mkdir()
        (tmp_path / place / "hw.ipynb").write_text(notebook(source))
        (tmp_path / place / "x.csv").write_text(data)
        digests.append(only(tmp_path / place).digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_links_are_left_out_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "secret.txt").write_text("labels")
    (tmp_path / "ada/hw.py").write_text("x = 1")
    (tmp_path / "ada/labels.txt").symlink_to(tmp_path / "secret.txt")
    got = only(tmp_path / "ada")
    assert got.attachments == ()
    assert "labels.txt is a symbolic link" in got.notes[0].message


@pytest.mark.parametrize("suffix", [".doc", ".rar", ".odt", ".jpg", ""])
def test_other_types_are_refused_with_what_to_hand_in(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"hw{suffix}").write_text("text")
    with pytest.raises(SubmissionError, match="cannot be read") as error:
        only(tmp_path / f"hw{suffix}")
    assert ".ipynb" in error.value.remedy


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".zip", ".tar.gz", ".ipynb"])
def test_a_file_that_is_not_what_its_name_says_is_an_error_of_one_line(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"my\nhw{suffix}").write_text("text")
    with pytest.raises(SubmissionError) as error:
        only(tmp_path / f"my\nhw{suffix}")
    assert "\n" not in str(error.value)
    assert "my hw" in str(error.value)
    assert error.value.remedy


def test_documents_become_cells(tmp_path: Path) -> None:
    (tmp_path / "hw.html").write_text("<h2>Question 6</h2><pre>x = 1\ny = 2</pre>")
    (tmp_path / "hw.md").write_text("## Question 6\n```python\nx = 1\n```")
    for name, code in [("hw.html", "x = 1\ny = 2"), ("hw.md", "x = 1")]:
        got = only(tmp_path / name)
        assert [(c.index, c.kind, c.source, c.origin) for c in got.cells] == [
            (0, "markdown", "## Question 6", name),
            (1, "code", code, name),
        ]


def test_code_in_fences_comes_behind_the_cells_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    text = v4.new_markdown_cell("Answer\n```python\nimport a\n```")
    for name in ("a.ipynb", "b.ipynb"):
        (tmp_path / "ada" / name).write_text(nbformat.writes(v4.new_notebook(cells=[text, v4.new_code_cell("x")])))
    (tmp_path / "bob.py").write_text("1")
    got = ingest(next(h for h in find([tmp_path]) if h.student == "ada"))
    assert [c.index for c in got.cells] == list(range(6))
    assert [(c.parent, c.source) for c in got.cells[4:]] == [(0, "import a"), (2, "import a")]


def test_files_of_one_student_among_those_of_others_keep_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "ada_1_50_hw.ipynb").write_text(notebook("import app"))
    (tmp_path / "ada_LATE_1_51_app.py").write_text("x = 1")
    (tmp_path / "bob_2_52_hw.py").write_text("y = 2")
    ada, bob = find([tmp_path])
    got = ingest(ada)
    assert (got.file, got.attachments, got.student_id, got.late) == ("hw.ipynb", ("app.py",), "1", True)
    assert ingest(bob).attachments == ()
    ada.close()


def test_a_document_beside_a_notebook_is_named_as_not_read(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").write_text(notebook("x = 1"))
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    got = only(tmp_path)
    assert got.attachments == ("report.pdf",)
    assert "report.pdf" in got.notes[0].message


def test_attachments_whose_names_cannot_be_kept_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").write_text(notebook("x = 1"))
    for name in (b"caf\xe9.csv", b"a\nb.csv", "डेटा.csv".encode()):
        (tmp_path / os.fsdecode(name)).write_text("1")
    got = only(tmp_path)
    assert got.attachments == ("डेटा.csv",)
    assert len(got.notes) == 2


@pytest.mark.parametrize("name", ["hw.ipynb", "hw.py"])
@pytest.mark.parametrize("content", ["", " \n\n"])
def test_an_empty_file_is_an_error_of_one_line(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SubmissionError, match=f"{name} is empty") as error:
        only(tmp_path / name)
    assert "\n" not in str(error.value)
    assert error.value.remedy


def test_too_many_cells_are_refused(tmp_path: Path) -> None:
    (tmp_path / "hw.py").write_text("# %%\nx = 1\n" * 5_001)
    with pytest.raises(SubmissionError, match="5001 cells"):
        only(tmp_path / "hw.py")


@settings(max_examples=120, deadline=None)
@given(
    st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))),
    st.sampled_from([".ipynb", ".py", ".md", ".txt", ".zip", ".tar.gz", ".tgz", ".tar", ".doc", ""]),
)
def test_random_bytes_of_any_suffix_are_read_or_refused(tmp_path_factory: Any, content: bytes, suffix: str) -> None:
    file = tmp_path_factory.mktemp("random") / f"hw{suffix}"
    file.write_bytes(content)
    try:
        got = only(file)
    except SubmissionError as error:
        message, remedy = error.message, error.remedy
    else:
        assert [cell.index for cell in got.cells] == list(range(len(got.cells)))
        return
    assert message.isprintable()
    assert remedy


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), nested, max_leaves=20))
@settings(max_examples=150, deadline=None)
def test_any_json_with_the_keys_of_a_notebook_is_read_or_refused(tmp_path_factory: Any, content: object) -> None:
    file = tmp_path_factory.mktemp("random") / "hw.ipynb"
    file.write_text(json.dumps({"cells": content} if not isinstance(content, dict) else content))
    try:
        assert only(file).cells
    except SubmissionError as error:
        remedy = error.remedy
    else:
        return
    assert remedy
