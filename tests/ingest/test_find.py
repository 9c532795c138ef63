from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from grader.errors import OperatorError
from grader.ingest import HandIn, find


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x = 1\n")


def shown(found: tuple[HandIn, ...]) -> dict[str, list[str]]:
    return {one.student: [file.name for file in one.files] for one in found}


def test_a_file_is_one_hand_in(tmp_path: Path) -> None:
    put(tmp_path, "ada.ipynb", "data.csv")
    (one,) = find([tmp_path / "ada.ipynb"])
    assert one == HandIn("ada", "ada", tmp_path / "ada.ipynb", (tmp_path / "ada.ipynb",))


def test_each_student_folder_and_each_loose_file_is_one(tmp_path: Path) -> None:
    put(
        tmp_path, "ada/hw.ipynb", "ada/data.csv", "bob/q10.py", "bob/q9.py", "eve.py", "mallory.ipynb", "pictures/a.png"
    )
    assert shown(find([tmp_path])) == {
        "ada": ["hw.ipynb"],
        "bob": ["q9.py", "q10.py"],
        "eve": ["eve.py"],
        "mallory": ["mallory.ipynb"],
    }


def test_notebooks_go_before_scripts_in_a_student_folder(tmp_path: Path) -> None:
    put(tmp_path, "ada/b.ipynb", "ada/a.ipynb", "ada/net.py", "bob/hw.py")
    assert shown(find([tmp_path])) == {"ada": ["a.ipynb", "b.ipynb"], "bob": ["hw.py"]}


def test_folders_that_only_nest_are_named_by_the_topmost(tmp_path: Path) -> None:
    put(tmp_path, "ada/week3/hw.ipynb", "bob/week3/try2/hw.ipynb")
    assert shown(find([tmp_path])) == {"ada": ["hw.ipynb"], "bob": ["hw.ipynb"]}


def test_sections_of_a_class_hold_students(tmp_path: Path) -> None:
    put(tmp_path, "section1/ada/hw.ipynb", "section1/bob/hw.py", "section2/eve/hw.py")
    assert set(shown(find([tmp_path]))) == {"ada", "bob", "section2"}


def test_a_folder_with_one_notebook_is_one_hand_in_with_its_other_files(tmp_path: Path) -> None:
    put(tmp_path / "ada", "hw.ipynb", "data/x.csv", "notes.pdf")
    (one,) = find([tmp_path / "ada"])
    assert (one.student, one.path, [f.name for f in one.files]) == ("ada", tmp_path / "ada", ["hw.ipynb"])


def test_a_folder_with_one_file_per_question_is_one_hand_in(tmp_path: Path) -> None:
    put(tmp_path / "ada", "q10.py", "q6.py", "Q8.py", "x.csv")
    assert shown(find([tmp_path / "ada"])) == {"ada": ["q6.py", "Q8.py", "q10.py"]}


def test_a_student_who_handed_in_only_a_pdf_appears(tmp_path: Path) -> None:
    put(tmp_path, "ada/hw.pdf", "bob/hw.py", "eve.docx", "mallory.py")
    assert shown(find([tmp_path])) == {
        "ada": ["hw.pdf"],
        "bob": ["hw.py"],
        "eve": ["eve.docx"],
        "mallory": ["mallory.py"],
    }


def test_hidden_files_caches_and_expectations_are_ignored(tmp_path: Path) -> None:
    put(
        tmp_path / "ada",
        "hw.py",
        ".secret.py",
        ".git/a.py",
        "__pycache__/b.py",
        ".ipynb_checkpoints/hw.ipynb",
        "expected.yaml",
    )
    assert shown(find([tmp_path])) == {"ada": ["hw.py"]}


def test_symbolic_links_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.py", "class/ada/hw.py")
    (tmp_path / "class/ada/more.py").symlink_to(tmp_path / "outside/secret.py")
    (tmp_path / "class/link").symlink_to(tmp_path / "outside")
    (tmp_path / "class/loop").symlink_to(tmp_path / "class")
    assert shown(find([tmp_path / "class"])) == {"ada": ["hw.py"]}


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    put(tmp_path, "ada/hw.py")
    os.mkfifo(tmp_path / "ada/pipe.py")
    assert shown(find([tmp_path])) == {"ada": ["hw.py"]}


def test_students_of_the_same_name_survive_with_ids_of_their_own(tmp_path: Path) -> None:
    put(tmp_path, "a/Ada/hw.py", "a/Bob/hw.py", "b/Ada/hw.py", "b/ada/hw.py", "b/ADA.py", "b/x.py")
    found = find([tmp_path / "a", tmp_path / "b"])
    ids = [one.id.casefold() for one in found]
    assert [one.student for one in found] == ["Ada", "Bob", "ADA", "x", "Ada", "ada"]
    assert len(set(ids)) == len(ids)
    assert "bob" in ids


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("Ada Lovelace", r"Ada-Lovelace-[0-9a-f]{8}"),
        ("José", r"Jose-[0-9a-f]{8}"),
        ("王小明", r"student-[0-9a-f]{8}"),
        ("--help", r"help-[0-9a-f]{8}"),
        ("a" * 200, r"a{60}-[0-9a-f]{8}"),
        ("ada_12.3", r"ada_12\.3"),
        ("x;rm -rf ~\n<b>", r"x-rm--rf-b-[0-9a-f]{8}"),
    ],
)
def test_ids_are_safe_as_file_names(tmp_path: Path, name: str, id_: str) -> None:
    put(tmp_path, f"{name}/hw.py", "other/hw.py")
    ids = {one.student: one.id for one in find([tmp_path])}
    assert re.fullmatch(id_, ids[name])


def test_the_same_file_given_twice_is_graded_once(tmp_path: Path) -> None:
    put(tmp_path, "ada/hw.py", "bob/hw.py")
    assert len(find([tmp_path, tmp_path / "ada" / "hw.py", tmp_path / "bob"])) == 2


def test_a_missing_path_and_an_empty_folder_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="does not exist") as missing:
        find([tmp_path / "nothing"])
    with pytest.raises(OperatorError, match="holds no hand-ins") as empty:
        find([tmp_path])
    assert missing.value.remedy
    assert empty.value.remedy


def test_an_endlessly_deep_folder_does_not_exhaust_the_stack(tmp_path: Path) -> None:
    put(tmp_path, "ada/hw.py", "deep/" + "d/" * 400 + "hw.py")
    assert shown(find([tmp_path])) == {"ada": ["hw.py"]}
