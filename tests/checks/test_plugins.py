"""Checks beside a rubric and in installed packages."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from grader.checks import CHECKS, plugins
from grader.checks.plugins import load_checks_beside
from grader.errors import RubricError

CODE = '''
from grader.checks import Parameters, check
from grader.records import Evidence, Verdict


class Nothing(Parameters):
    pass


@check("{name}")
def judged(evidence: Evidence, parameters: Nothing, reference: Evidence | None) -> Verdict:
    """Is there a check?"""
    return Verdict({share}, "")
'''


@pytest.fixture
def beside(tmp_path: Path) -> Any:
    before = dict(CHECKS)

    def load(code: str) -> None:
        (tmp_path / "sums_checks.py").write_text(code, encoding="utf-8")
        load_checks_beside(tmp_path / "sums.yaml")

    yield load
    CHECKS.clear()
    CHECKS.update(before)


def test_the_newest_text_of_a_file_counts(beside: Any, evidence: Any) -> None:
    for share in (0.25, 0.75):
        beside(CODE.format(name="mine", share=share))
        assert CHECKS["mine"].function(evidence(), CHECKS["mine"].parameters(), None).share == share
    beside(CODE.format(name="other", share=1))
    assert "mine" not in CHECKS


def test_no_file_is_no_mistake(tmp_path: Path) -> None:
    load_checks_beside(tmp_path / "sums.yaml")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (CODE.format(name="runs", share=1), "'runs' is registered twice"),
        ("x = 1\ny = unknown", r"sums_checks\.py:2: NameError: name 'unknown' is not defined"),
        ("x = 1\nif x", r"sums_checks\.py:2: SyntaxError"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(beside: Any, code: str, said: str) -> None:
    with pytest.raises(RubricError, match=said):
        beside(code)


def test_installed_checks_are_found(beside: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "installed_for_a_test.py").write_text(CODE.format(name="installed", share=1), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(
        plugins, "entry_points", lambda group: [EntryPoint("ours", "installed_for_a_test", group)], raising=True
    )
    plugins._load_installed.cache_clear()
    load_checks_beside(tmp_path / "none.yaml")
    plugins._load_installed.cache_clear()
    assert "installed" in CHECKS
