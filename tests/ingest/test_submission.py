from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from grader.errors import SubmissionError
from grader.ingest import find, ingest
from grader.records import Submission


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


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".zip", ".txt", ""])
def test_other_types_are_refused_with_what_to_hand_in(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"hw{suffix}").write_text("text")
    with pytest.raises(SubmissionError, match="cannot be read yet") as error:
        only(tmp_path / f"hw{suffix}")
    assert ".ipynb" in error.value.remedy


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
