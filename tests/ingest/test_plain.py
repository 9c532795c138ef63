from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import v4

from grader.errors import SubmissionError
from grader.ingest.plain import read_plain


def read(tmp_path: Path, text: str, name: str = "hw.md") -> list[tuple[str, str]]:
    file = tmp_path / name
    file.write_text(text)
    return [(cell.kind, cell.source) for cell in read_plain(file, name)[0]]


def test_markdown_is_parted_at_headings_paragraphs_and_fences(tmp_path: Path) -> None:
    text = "# Q1\nA CNN.\n\nMore of it.\n## Q2\n```python\nimport x\n```\n```\n28 -> 24\n```\nEnd."
    assert read(tmp_path, text) == [
        ("markdown", "# Q1\nA CNN."),
        ("markdown", "More of it."),
        ("markdown", "## Q2"),
        ("code", "import x"),
        ("markdown", "```\n28 -> 24\n```"),
        ("markdown", "End."),
    ]


def test_code_in_a_text_file_is_told_by_its_looks(tmp_path: Path) -> None:
    text = """Question 6
The network:

import torch
from torch import nn

# the network
class Net(nn.Module):
    def forward(self, x):
        return x

net = Net()

It has one layer, and output = input holds for it.
"""
    got = read(tmp_path, text, "hw.txt")
    assert [kind for kind, _ in got] == ["markdown", "code", "markdown"]
    assert got[1][1].startswith("import torch\n")
    assert got[1][1].endswith("net = Net()")


def test_prose_that_mentions_code_stays_prose(tmp_path: Path) -> None:
    text = "With padding, output = (N - F) / S + 1.\nUse model.fit(x) for training.\nfor example: it works"
    assert [kind for kind, _ in read(tmp_path, text, "hw.txt")] == ["markdown"]


def test_a_notebook_that_was_renamed_is_a_notebook(tmp_path: Path) -> None:
    text = nbformat.writes(v4.new_notebook(cells=[v4.new_code_cell("x = 1")]))
    assert read(tmp_path, text, "hw.ipynb.txt") == [("code", "x = 1")]


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)), st.sampled_from(["a.md", "a.txt"]))
def test_random_bytes_are_read_or_refused(tmp_path_factory: Any, content: bytes, name: str) -> None:
    file = tmp_path_factory.mktemp("plain") / name
    file.write_bytes(content)
    try:
        cells, _ = read_plain(file, name)
    except SubmissionError:
        return
    assert [cell.index for cell in cells] == list(range(len(cells)))


@pytest.mark.parametrize(
    "line", ["x = (\n", "```\n", "# a\n", "import x\n", "Some words of prose.\n", "x(\n", "\n", " x\n"]
)
def test_long_files_are_read_in_bounded_time(tmp_path: Path, line: str) -> None:
    assert len(read(tmp_path, line * 30_000)) <= 30_000


def test_text_that_begins_like_code_again_and_again_is_read_in_seconds(tmp_path: Path) -> None:
    begin = time.process_time()
    for unit in ("\u2028if a:\n ", "x = (\n", "a = [\n1 1\n"):
        (tmp_path / "hw.txt").write_text(unit * 40_000, "utf-8")
        read_plain(tmp_path / "hw.txt", "hw.txt")
    assert time.process_time() - begin < 20  # 1 s when nothing else runs; 90 s before there was a bound
