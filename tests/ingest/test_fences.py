from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.ingest.fences import fences, without_fences


def test_a_good_fence() -> None:
    (fence,) = fences("Text\n\n```python\n\nx = 1\n```\nmore")
    assert (fence.code, fence.language, fence.line, fence.start, fence.end) == ("x = 1", "python", 4, 2, 6)
    assert fence.is_python
    assert fence.problem == ""
    assert without_fences("Text\n```python\nx = 1\n```\nmore") == "Text\nmore"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```python\nx = 1\n``", "closed badly"),
        ("``python\nx = 1\n``", "closed badly"),
        ("``\nimport x\n```", "closed badly"),
        ("~~~\nimport x\n```", "closed badly"),
        ("```python\nx = 1```", "closed behind code"),
        ("```python\nx = 1", "never closed"),
        ("```python x = 1```", "one line"),
    ],
)
def test_bad_fences_are_fences(text: str, problem: str) -> None:
    (fence,) = fences(f"Answer\n{text}")
    assert fence.code in ("x = 1", "import x")
    assert fence.is_python
    assert problem in fence.problem


def test_a_fence_never_closed_ends_where_prose_begins_again() -> None:
    (fence,) = fences("```python\nimport x\n\ny = x.z()\n\nThis prints the accuracy of the model.\nIt is good.")
    assert fence.code == "import x\n\ny = x.z()"


def test_a_fence_that_the_next_one_opens_into() -> None:
    assert [f.code for f in fences("```python\nx = 1\n```python\ny = 2\n```")] == ["x = 1", "y = 2"]


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("```\nimport torch\n```", True),
        ("```\nEpoch 1/5 loss: 0.3\n```", False),
        ("```\n28x28 -> conv -> 24x24\n```", False),
        ("```bash\npip install x\n```", False),
        ("```json\n{}\n```", False),
        ("```Python3\nthis is called Python\n```", True),
        ("```{.python}\nx = 1\n```", True),
        ("  ```py\n  x = 1\n  ```", True),
        ("```pycon\n>>> x = 1\n```", True),
        ("``inline``", None),
        ("a `` b", None),
    ],
)
def test_which_fences_hold_python(text: str, python: bool | None) -> None:
    assert [fence.is_python for fence in fences(text)] == ([] if python is None else [python])


@given(st.lists(st.sampled_from(["```", "```python", "``", "~~~", "x = 1", "Some words here.", "", "x```", "``` ???"])))
def test_fences_lie_in_the_text_and_never_overlap(lines: list[str]) -> None:
    end = 0
    for fence in fences("\n".join(lines)):
        assert end <= fence.start < fence.end <= len(lines)
        end = fence.end


@pytest.mark.parametrize("line", ["```\n", "```python\n", "``` ???\n", "``\n", "x```\n", "`" * 300 + "\n", "~~~x\n"])
def test_many_fences_take_linear_time(line: str) -> None:
    began = time.monotonic()
    fences(line * 30_000)
    assert time.monotonic() - began < 10
