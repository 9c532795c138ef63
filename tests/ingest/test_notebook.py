from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader.errors import SubmissionError
from grader.ingest.notebook import read_notebook
from grader.records import Cell, Note

Json = dict[str, Any]


def read(tmp_path: Path, content: object) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    file = tmp_path / "hw.ipynb"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_notebook(file, file.name)


def version_4(*cells: Json, **metadata: object) -> Json:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": list(cells)}


def code(source: str = "x = 1", *outputs: Json, **more: object) -> Json:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": list(outputs), "id": "a", **more}


def refusal(tmp_path: Path, content: object) -> SubmissionError:
    with pytest.raises(SubmissionError) as error:
        read(tmp_path, content)
    assert error.value.remedy
    assert "\n" not in str(error.value)
    return error.value


def test_format_4_gives_kinds_sources_and_counts_without_notes(tmp_path: Path) -> None:
    markdown = {"cell_type": "markdown", "metadata": {}, "source": ["# Q1\n", "text"], "id": "b"}
    raw = {"cell_type": "raw", "metadata": {}, "source": "raw", "id": "c"}
    cells, notes = read(tmp_path, version_4(code("x = 1\r\ny = 2", execution_count=7), markdown, raw))
    assert [(c.kind, c.source, c.execution_count) for c in cells] == [
        ("code", "x = 1\ny = 2", 7),
        ("markdown", "# Q1\ntext", None),
        ("raw", "raw", None),
    ]
    assert notes == ()


def test_format_3_is_upgraded_and_noted(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Question 1"], "metadata": {}},
        {"cell_type": "markdown", "source": ["An answer"], "metadata": {}},
        {
            "cell_type": "code",
            "input": ["x = 1\n", "print x"],
            "language": "python",
            "prompt_number": 3,
            "metadata": {},
            "outputs": [{"output_type": "stream", "stream": "stdout", "text": ["1\n"]}],
        },
        {"cell_type": "code", "input": "y = 2"},
    ]
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    got, notes = read(tmp_path, old)
    assert [(c.kind, c.source) for c in got] == [
        ("markdown", "## Question 1"),
        ("markdown", "An answer"),
        ("code", "x = 1\nprint x"),
        ("code", "y = 2"),
    ]
    assert (got[2].execution_count, got[2].saved_text) == (3, "1\n")
    assert any("format 3" in note.message for note in notes)


def test_missing_parts_are_added_and_noted(tmp_path: Path) -> None:
    cells, notes = read(
        tmp_path, version_4({"cell_type": "code", "source": "x"}, {"cell_type": "note", "source": "y"}, code())
    )
    assert [(c.kind, c.source) for c in cells] == [("code", "x"), ("raw", "y"), ("code", "x = 1")]
    said = " ".join(note.message for note in notes)
    assert all(word in said for word in ("without metadata", "without outputs", "unknown kind", "without an id"))
    assert {note.kind for note in notes} == {"repair"}


def test_copied_cells_with_the_same_id_survive(tmp_path: Path) -> None:
    cells, notes = read(tmp_path, version_4(code("x"), code("y"), code("z")))
    assert [c.source for c in cells] == ["x", "y", "z"]
    assert "2 cell(s) with the id of another cell" in notes[0].message


def test_saved_outputs_become_what_a_terminal_would_show(tmp_path: Path) -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["10%\r50%\r100%\n", "\x1b[1macc: 0.98\x1b[0m\n"]},
        {"output_type": "execute_result", "data": {"text/plain": ["0.97"], "image/png": "AAAA"}, "metadata": {}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []},
        "no output at all",
    ]
    cells, _ = read(tmp_path, version_4(code("x", *outputs)))  # type: ignore[arg-type]
    assert cells[0].saved_text == "100%\nacc: 0.98\n\n0.97"
    assert cells[0].pictures == 1


def test_long_saved_outputs_lose_their_middle(tmp_path: Path) -> None:
    text = "first" + "x" * 100_000 + "last"
    cells, _ = read(tmp_path, version_4(code("x", {"output_type": "stream", "name": "stdout", "text": text})))
    assert len(cells[0].saved_text) < 20_100
    assert cells[0].saved_text.startswith("first")
    assert cells[0].saved_text.endswith("last")


def test_tags_come_from_comments_and_from_nbgrader(tmp_path: Path) -> None:
    cells, _ = read(
        tmp_path,
        version_4(
            code("# question: q6\nx = 1"),
            code("x", metadata={"nbgrader": {"grade_id": "q7", "schema_version": 3}}),
            code("\n# Ada\n# Question:q8\nx"),
            code("x = 1\n# question: q9"),
            {"cell_type": "markdown", "metadata": {}, "source": "<!-- question: q1 -->\ntext"},
            {"cell_type": "markdown", "metadata": {}, "source": "# Question: What is a CNN"},
        ),
    )
    assert [c.question for c in cells] == ["q6", "q7", "q8", None, "q1", None]


def test_magics_stay_in_the_source(tmp_path: Path) -> None:
    source = "%%time\n!pip install torchsummary\n%matplotlib inline"
    assert read(tmp_path, version_4(code(source)))[0][0].source == source


def test_halves_of_surrogate_pairs_are_replaced(tmp_path: Path) -> None:
    cells, notes = read(
        tmp_path,
        '{"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [' + json.dumps(code("x = '\ud800'")) + "]}",
    )
    cells[0].source.encode()
    assert "damaged characters" in notes[0].message


def test_text_that_is_not_utf_8_is_read_as_latin_1(tmp_path: Path) -> None:
    file = tmp_path / "hw.ipynb"
    file.write_bytes(json.dumps(version_4(code("# é")), ensure_ascii=False).encode("latin-1"))
    cells, notes = read_notebook(file, file.name)
    assert cells[0].source == "# é"
    assert "Latin-1" in notes[0].message


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "display_name": "R"}, "language_info": {"name": "R"}}, "R"),
        ({"kernelspec": {"name": "ir", "display_name": "R"}}, "R"),
        ({"kernelspec": {"name": "julia-1.9", "display_name": "Julia 1.9.0"}}, "Julia"),
        ({"kernelspec": {"name": "x", "language": "julia"}}, "julia"),
    ],
)
def test_other_languages_are_refused(tmp_path: Path, metadata: Json, language: str) -> None:
    assert f"notebook for {language}" in refusal(tmp_path, version_4(code(), **metadata)).message


@pytest.mark.parametrize("name", ["python3", "conda-env-tf-py", "venv"])
def test_python_kernels_of_any_name_are_taken(tmp_path: Path, name: str) -> None:
    assert len(read(tmp_path, version_4(code(), kernelspec={"name": name, "display_name": name}))[0]) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"cells": [', "broken JSON at line 1"),
        ("[1, 2]", "not a notebook"),
        ('{"a": 1}', "not a notebook"),
        ("[" * 100_000, "JSON"),
        ('{"cells": [], "nbformat": ' + "9" * 5000 + "}", "JSON"),
        (version_4(), "without cells"),
        ({"nbformat": 3, "metadata": {}, "worksheets": []}, "without cells"),
        ({"nbformat": 4, "metadata": {}, "cells": "x"}, "without cells"),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: object, message: str) -> None:
    assert message in refusal(tmp_path, content).message


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.4 ...", "a PDF"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"\x89PNG\r\n", "a PNG"),
        (b"ab\0\1\2", "binary"),
    ],
)
def test_a_binary_file_with_the_name_of_a_notebook_is_named_for_what_it_is(
    tmp_path: Path, content: bytes, what: str
) -> None:
    file = tmp_path / "hw.ipynb"
    file.write_bytes(content)
    with pytest.raises(SubmissionError, match=what):
        read_notebook(file, file.name)


def test_a_file_of_300_mb_is_refused_with_its_size(tmp_path: Path) -> None:
    file = tmp_path / "hw.ipynb"
    with file.open("wb") as stream:
        stream.truncate(300_000_000)
    with pytest.raises(SubmissionError, match="300 MB; at most 100 MB"):
        read_notebook(file, file.name)


@pytest.mark.parametrize("version", [None, "4", 5, True, 0])
def test_a_strange_format_version_is_read_as_4(tmp_path: Path, version: object) -> None:
    cells, notes = read(tmp_path, version_4(code()) | {"nbformat": version})
    assert len(cells) == 1
    assert "format version" in notes[0].message


@pytest.mark.parametrize("junk", [None, 3, "x", [], {}, [None], [[]], [{}]])
@pytest.mark.parametrize("key", ["cells", "worksheets"])
def test_junk_instead_of_cells_is_refused_or_read_as_blank(tmp_path: Path, key: str, junk: object) -> None:
    content = {"nbformat": 4, key: junk}
    if junk == [{}] and key == "cells":
        assert [c.source for c in read(tmp_path, content)[0]] == [""]
    else:
        assert "without cells" in refusal(tmp_path, content).message


@pytest.mark.parametrize("metadata", [None, 3, [], {"kernelspec": []}, {"language_info": {"name": 3}}])
def test_junk_instead_of_metadata_does_no_harm(tmp_path: Path, metadata: object) -> None:
    assert len(read(tmp_path, {"nbformat": 4, "metadata": metadata, "cells": [code()]})[0]) == 1
