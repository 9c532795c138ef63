from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.errors import SubmissionError
from grader.ingest import apart
from grader.ingest.apart import read_apart


def test_cells_and_notes_come_back_equal(tmp_path: Path) -> None:
    file = tmp_path / "hw.html"
    file.write_bytes("<p>Ünïcode 🙂</p><pre>x = 1</pre>".encode("latin-1", "xmlcharrefreplace"))
    cells, notes = read_apart(file, "hw.html")
    assert [(c.index, c.kind, c.source, c.origin) for c in cells] == [
        (0, "markdown", "Ünïcode 🙂", "hw.html"),
        (1, "code", "x = 1", "hw.html"),
    ]
    assert "Latin-1" in notes[0].message


def test_a_refusal_comes_back_as_one(tmp_path: Path) -> None:
    (tmp_path / "hw.pdf").write_bytes(b"%PDF-1.4 and no more")
    with pytest.raises(SubmissionError, match="is damaged") as error:
        read_apart(tmp_path / "hw.pdf", "hw.pdf")
    assert error.value.remedy


def test_modules_in_the_working_folder_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bs4.py").write_text("raise SystemExit('evil')")
    (tmp_path / "hw.html").write_text("<p>text</p>")
    monkeypatch.chdir(tmp_path)
    assert read_apart(Path("hw.html"), "hw.html")[0][0].source == "text"


def test_a_reader_that_goes_on_for_ever_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hw.html").write_text("<a>" * 1_500_000)
    monkeypatch.setattr(apart, "SECONDS", 1.0)
    with pytest.raises(SubmissionError, match="took more than 1 s") as error:
        read_apart(tmp_path / "hw.html", "hw.html")
    assert error.value.remedy


def test_names_in_other_scripts_and_with_line_ends_are_read(tmp_path: Path) -> None:
    for name in ("गृहकार्य.html", "واجب.html", "😀\n1.html", os.fsdecode(b"caf\xe9.html")):
        (tmp_path / name).write_text("<p>text</p>")
        assert read_apart(tmp_path / name, "hw.html")[0][0].source == "text"
