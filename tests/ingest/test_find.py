from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from grader.errors import OperatorError, SubmissionError
from grader.ingest import HandIn, find, ingest


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
        ("x;rm -rf ~<b>", r"x-rm--rf-b-[0-9a-f]{8}"),
        ("आदित्य", r"student-[0-9a-f]{8}"),
        ("محمد علي", r"student-[0-9a-f]{8}"),
        ("👩🏽‍💻 Ada", r"Ada-[0-9a-f]{8}"),
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


def test_names_that_could_break_a_line_or_a_file_are_made_visible(tmp_path: Path) -> None:
    put(tmp_path, "Ada\nLovelace/hw.py", "Ada\tLovelace/hw.py", "\u202eadA/hw.py", "other/hw.py")
    (tmp_path / os.fsdecode(b"caf\xe9")).mkdir()
    put(tmp_path, os.fsdecode(b"caf\xe9/hw.py"))
    found = find([tmp_path])
    assert sorted(one.student for one in found) == ["Ada Lovelace", "Ada Lovelace", "adA", "caf\ufffd", "other"]
    assert len({one.id for one in found}) == 5


def test_canvas_names_tell_student_number_and_lateness(tmp_path: Path) -> None:
    put(tmp_path, "lovelaceada_12345_678_hw1.ipynb", "turingalan_LATE_99_700_hw1-2.py")
    ada, alan = find([tmp_path])
    assert (ada.student, ada.student_id, ada.attempt, ada.late) == ("lovelaceada", "12345", 678, False)
    assert (alan.student, alan.student_id, alan.late) == ("turingalan", "99", True)


def test_of_several_attempts_in_canvas_the_last_counts_and_the_others_are_listed(tmp_path: Path) -> None:
    put(tmp_path, "ada_1_50_hw.ipynb", "ada_1_70_hw-2.ipynb", "ada_1_60_hw-1.ipynb", "ada_2_10_hw.ipynb")
    first, second = find([tmp_path])
    assert [file.name for file in first.files] == ["ada_1_70_hw-2.ipynb"]
    assert "ada_1_50_hw.ipynb, ada_1_60_hw-1.ipynb" in first.notes[0].message
    assert (first.student, second.student, second.notes) == ("ada", "ada", ())
    assert first.id != second.id


def test_several_files_of_one_canvas_student_are_one_hand_in_with_their_own_names(tmp_path: Path) -> None:
    put(tmp_path, "ada_1_50_hw.ipynb", "ada_1_51_app.py", "bob_2_52_hw.py")
    ada, bob = find([tmp_path])
    assert [name for name, _ in ada.staged] == ["hw.ipynb", "app.py"]
    assert (bob.staged, bob.path.name) == ((), "bob_2_52_hw.py")


def test_moodle_folders_tell_name_and_number_and_files_go_before_online_text(tmp_path: Path) -> None:
    put(
        tmp_path,
        "Ada Lovelace_11_assignsubmission_file_/hw.ipynb",
        "Ada Lovelace_11_assignsubmission_onlinetext_/onlinetext.html",
        "Ada Lovelace_12_assignsubmission_file_/sub/hw.py",
    )
    found = find([tmp_path])
    assert [(one.student, one.student_id) for one in found] == [("Ada Lovelace", "11"), ("Ada Lovelace", "12")]
    assert found[0].files[0].name == "hw.ipynb"
    assert "onlinetext" in found[0].notes[0].message
    assert found[0].id != found[1].id


def test_moodle_files_in_one_folder(tmp_path: Path) -> None:
    put(tmp_path, "Ada Lovelace_11_assignsubmission_file_hw.ipynb", "Bob B_12_assignsubmission_file_my_hw.py")
    assert [(one.student, one.student_id) for one in find([tmp_path])] == [("Ada Lovelace", "11"), ("Bob B", "12")]


def test_gradescope_names_come_from_its_metadata(tmp_path: Path) -> None:
    put(tmp_path, "export/submission_7/hw.ipynb", "export/submission_8/hw.py")
    (tmp_path / "export/submission_metadata.yml").write_text(
        "submission_7:\n  :submitters:\n  - :name: Ada Lovelace\n    :sid: 's123'\n  :score: 3\n"
    )
    found = find([tmp_path / "export"])
    assert [(one.student, one.student_id, one.attempt) for one in found] == [
        ("Ada Lovelace", "s123", 7),
        ("submission_8", "8", 8),
    ]


@pytest.mark.parametrize(
    "content", ["a: [", "- 1", "submission_7: 3", "submission_7:\n  :submitters: x", "!!python/x 1"]
)
def test_damaged_metadata_of_gradescope_does_no_harm(tmp_path: Path, content: str) -> None:
    put(tmp_path, "submission_7/hw.ipynb", "submission_8/hw.py")
    (tmp_path / "submission_metadata.yml").write_text(content)
    assert [one.student for one in find([tmp_path])] == ["submission_7", "submission_8"]


def test_google_classroom_names_are_told_from_titles(tmp_path: Path) -> None:
    put(tmp_path, "Ada Lovelace - Homework 1.ipynb", "Bob - Homework 1.ipynb", "Bob - Homework 1 (1).ipynb")
    found = find([tmp_path])
    assert [(one.student, one.files[0].name) for one in found] == [
        ("Ada Lovelace", "Ada Lovelace - Homework 1.ipynb"),
        ("Bob", "Bob - Homework 1 (1).ipynb"),
    ]
    assert len(found[1].notes) == 1


def test_nbgrader_layouts(tmp_path: Path) -> None:
    put(
        tmp_path,
        "source/ps1/ps1.ipynb",
        "release/ps1/ps1.ipynb",
        "submitted/ada/ps1/ps1.ipynb",
        "submitted/ada/ps1/timestamp.txt",
        "submitted/ada/ps2/ps2.ipynb",
        "submitted/bob/ps1/ps1.ipynb",
    )
    assert [one.student for one in find([tmp_path])] == ["ada", "ada", "bob"]
    assert [one.student for one in find([tmp_path / "submitted"])] == ["ada", "ada", "bob"]


def test_folders_of_attempts_count_once(tmp_path: Path) -> None:
    put(tmp_path, "ada/attempt_1/hw.py", "ada/attempt_10/hw.py", "ada/attempt_9/hw.py", "bob/hw.py")
    ada, _ = find([tmp_path])
    assert (ada.student, ada.attempt, ada.files[0].parent.name) == ("ada", 10, "attempt_10")
    assert "attempt_1, attempt_9" in ada.notes[0].message


def test_a_notebook_with_the_modules_that_it_uses_is_one_hand_in(tmp_path: Path) -> None:
    put(tmp_path, "net.py", "layers.py", "app.py", "picture.png")
    (tmp_path / "hw.ipynb").write_text("import net")
    (one,) = find([tmp_path])
    assert ([file.name for file in one.files], one.path) == (["hw.ipynb"], tmp_path)


def test_modules_named_by_modules_count_too_and_other_scripts_are_other_students(tmp_path: Path) -> None:
    put(tmp_path, "mine.py", "yours.py")
    (tmp_path / "hw.ipynb").write_text("%run mine.py")
    assert len(find([tmp_path])) == 3
    (tmp_path / "mine.py").write_text("from yours import x")
    assert len(find([tmp_path])) == 1


def test_documents_are_hand_ins_and_readmes_are_not(tmp_path: Path) -> None:
    put(tmp_path, "ada.pdf", "bob.docx", "eve.html", "README.md", "requirements.txt", "mallory.md")
    assert [one.student for one in find([tmp_path])] == ["ada", "bob", "eve", "mallory"]


def test_of_one_document_in_several_formats_the_one_nearest_to_the_source_is_read(tmp_path: Path) -> None:
    put(tmp_path, "ada/hw.pdf", "ada/hw.docx", "ada/hw.html", "ada/part2.pdf", "bob/hw.pdf")
    assert shown(find([tmp_path])) == {"ada": ["hw.html", "part2.pdf"], "bob": ["hw.pdf"]}


def test_when_it_was_handed_in_as_nbgrader_and_gradescope_write_it_down(tmp_path: Path) -> None:
    put(
        tmp_path,
        "submitted/ada/hw1/hw.ipynb",
        "gradebook.db",
        "export/submission_7/hw.ipynb",
        "export/submission_8/b.py",
    )
    (tmp_path / "submitted/ada/hw1/timestamp.txt").write_text("2026-11-20 23:58:01.948203 CET\n")
    assert find([tmp_path / "submitted"])[0].handed_in == ""
    (tmp_path / "submitted/ada/hw1/timestamp.txt").write_text("2026-11-20 23:58:01.948203 UTC\n")
    (tmp_path / "export/submission_metadata.yml").write_text(
        "submission_7:\n  :submitters:\n  - :name: Bob\n  :created_at: 2026-11-20 23:58:01.123456789 Z\n"
    )
    assert find([tmp_path / "submitted"])[0].handed_in == "2026-11-20T23:58:01+00:00"
    assert find([tmp_path / "export"])[0].handed_in == "2026-11-20T23:58:01+00:00"


@pytest.mark.parametrize("photo", ["evebo_77_1003_photo.jpg", "evebo_LATE_77_1003_IMG 2.HEIC"])
def test_a_student_of_a_platform_whose_file_is_a_photo_does_not_vanish(tmp_path: Path, photo: str) -> None:
    put(tmp_path, "adalo_75_1001_hw.ipynb", "bobma_76_1002_hw.ipynb", "bobma_76_1004_cat.png", photo)
    found = {one.student: one for one in find([tmp_path])}
    assert set(found) == {"adalo", "bobma", "evebo"}
    assert [name for name, _ in found["bobma"].staged] == ["hw.ipynb", "cat.png"]  # it lies beside the notebook
    with pytest.raises(SubmissionError, match=r"(?i)jpg|heic"):
        ingest(found["evebo"])


def test_folders_of_students_with_nothing_to_read_do_not_vanish(tmp_path: Path) -> None:
    put(
        tmp_path,
        "ada/hw.ipynb",
        "bob/hw.py",
        "eve/scan.jpg",
        "dataset/cat.png",
        "Max M_12_assignsubmission_file_/x.heic",
    )
    (tmp_path / "Zoe Z_13_assignsubmission_file_").mkdir()
    found = {one.student: one for one in find([tmp_path])}
    assert set(found) == {"ada", "bob", "eve", "Max M", "Zoe Z"}
    assert len({one.id for one in found.values()}) == 5
    for name, what in (("eve", "scan.jpg"), ("Max M", "x.heic"), ("Zoe Z", "holds no file")):
        with pytest.raises(SubmissionError, match=re.escape(what)):
            ingest(found[name])


def test_one_odd_title_in_a_download_of_classroom(tmp_path: Path) -> None:
    put(tmp_path, "Ada L - Homework 1.ipynb", "Bob M - Homework 1.ipynb", "Eve B - my work.ipynb", "untitled.ipynb")
    assert {one.student for one in find([tmp_path])} == {"Ada L", "Bob M", "Eve B", "untitled"}
    assert len(find([tmp_path])) == 4
