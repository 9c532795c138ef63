"""The pages of `docs/` that show how something is done, done as they say."""

import re
import runpy
from pathlib import Path

import pytest

CHECKS_PAGE = runpy.run_path(str(Path(__file__).with_name("checks_page.py")))


def test_the_tables_of_checks_are_those_of_the_code(page):
    text = page("docs/checks.md").text
    assert CHECKS_PAGE["rewritten"](text) == text, "run: python tests/docs/checks_page.py"


@pytest.mark.kernel
def test_a_check_of_ones_own(page, tmp_path):
    page("docs/checks.md").follow(tmp_path)


@pytest.mark.kernel
@pytest.mark.torch
@pytest.mark.data
def test_an_assignment_of_ones_own(page, tmp_path):
    page("docs/write-an-assignment.md").follow(tmp_path)


@pytest.mark.kernel
def test_a_class_from_the_first_grade_to_the_exports(page, tmp_path):
    page("docs/gradebook.md").follow(tmp_path)
    exports = {path.name for path in (tmp_path / "out" / "exports").iterdir()}
    rows = page("docs/gradebook.md").text.split("| format |")[1].split("\n\n")[0]
    promised = {name.split("/")[0] for name in re.findall(r"`([\w.]+(?:\.\w+|/<hand-in>/results\.json))`", rows)}
    assert exports == promised - {"moodle.csv"}
