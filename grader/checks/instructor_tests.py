"""Runs an instructor's pytest file on what was observed. The file is trusted; what it looks at is plain data.

A test that wants to know what a function of the student's gives declares the call with a marker. The calls are
collected before the run and become a part of the plan: only inputs go into the sandbox and only outputs come out:

    @pytest.mark.points(2)
    @pytest.mark.call("relu", np.array([-1.0, 0.0, 2.0]))
    def test_negative_numbers_become_zero(call):
        assert call[0].result == pytest.approx([0, 0, 2])

An argument may be a function of a `numpy.random.Generator`: it is then drawn anew for each run, from the run's seed.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.checks.absence import observed
from grader.checks.numbers import shaped
from grader.errors import RubricError
from grader.records import Answer, Argument, Call, CallRequest, Evidence, QuestionTrace

_OPTIONS = ("--noconftest", "--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:terminal")
_APART = (
    *("-p", "no:faulthandler", "-p", "no:logging", "-p", "no:warnings", "-p", "no:unraisableexception"),
    *("-p", "no:threadexception", "-p", "no:doctest", "-p", "no:junitxml", "--capture=no", "-c", os.devnull),
)
_MESSAGE = 300
_ONE_AT_A_TIME = threading.Lock()  # pytest keeps state of the process


@dataclass(frozen=True)
class StudentAnswer:
    """What the fixture `answer` gives.

    Attributes:
        text: The prose of the answer.
        code: The code of the answer, cell after cell.
        printed: What its cells printed in this run.
        values: Numbers and arrays that it left, by name.
    """

    text: str
    code: str
    printed: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class CallCase:
    """One planned call, as the fixture `call` gives them in the order of the markers.

    Attributes:
        arguments: What went in.
        expected: What the reference's function gave; None without one.
    """

    arguments: tuple[Any, ...]
    expected: Any
    _seen: Call | None

    @property
    def result(self) -> Any:
        """What the student's function gave: a number or an array. A call that failed fails the test."""
        if self._seen is None or self._seen.value is None or self._seen.error:
            pytest.fail(self._seen.error if self._seen and self._seen.error else "the function was not called")
        if self._seen.input_changed:
            pytest.fail("the call changed its input")
        return shaped(self._seen.value)


@dataclass
class Outcome:
    """How one test went.

    Attributes:
        name: Of the test function.
        title: First line of its docstring, else its name in words.
        points: From its marker, else 1.
        passed: Whether it passed.
        message: Why not.
        broken: It did not fail but could not be run: the instructor's fault.
    """

    name: str
    title: str
    points: float
    passed: bool = False
    message: str = ""
    broken: bool = False


@dataclass
class _Plugin:
    """The fixtures, the markers, and the outcomes as they come."""

    evidence: Evidence
    measure: Evidence | None
    file: str
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    planned: dict[str, list[CallRequest]] = field(default_factory=dict)
    problem: str = ""

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", "points(number): what the test is worth")
        config.addinivalue_line("markers", "call(name, *arguments): a call of the student's function")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            marker = item.get_closest_marker("points")
            points = float(marker.args[0]) if marker and marker.args else 1.0
            said = getattr(getattr(item, "obj", None), "__doc__", None) or item.name.removeprefix("test_").replace(
                "_", " "
            )
            self.outcomes[item.nodeid] = Outcome(item.name, said.strip().splitlines()[0].rstrip("."), points)
            calls = list(item.iter_markers("call"))[::-1]  # the uppermost first
            seed = self.evidence.seed
            self.planned[item.nodeid] = [_request(self.file, item.name, i, m.args, seed) for i, m in enumerate(calls)]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.problem = report.longreprtext.strip().splitlines()[-1][:_MESSAGE]

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        outcome = self.outcomes[item.nodeid]
        yield
        if call.when == "call":
            outcome.passed = call.excinfo is None
        if call.excinfo is not None:
            outcome.passed, outcome.broken = False, call.when != "call"
            first = str(call.excinfo.value).strip().splitlines()
            outcome.message = f"{call.excinfo.typename}: {first[0] if first else ''}"[:_MESSAGE].rstrip(": ")

    @pytest.fixture
    def answer(self) -> StudentAnswer:
        seen = self.evidence.question
        own = set(seen.answer.cells) | {run.cell for run in seen.runs}
        code = "\n\n".join(c.source for c in self.evidence.cells if c.kind == "code" and c.index in own)
        values = {v.name: shaped(v) for v in observed(self.evidence).values if v.values}
        return StudentAnswer(seen.answer.text, code, "".join(run.text for run in seen.runs), values)

    @pytest.fixture
    def trace(self) -> QuestionTrace:
        return self.evidence.question

    @pytest.fixture
    def reference(self) -> QuestionTrace | None:
        return self.measure.question if self.measure else None

    @pytest.fixture
    def call(self, request: pytest.FixtureRequest) -> list[CallCase]:
        return [self._case(asked) for asked in self.planned[request.node.nodeid]]

    def _case(self, asked: CallRequest) -> CallCase:
        same = self.measure if self.measure and self.measure.seed == self.evidence.seed else None
        own, expected = _made(self.evidence, asked), _made(same, asked)
        arguments = tuple(_argument_value(argument) for argument in asked.cases[0])
        return CallCase(arguments, shaped(expected.value) if expected and expected.value else None, own)


def run(name: str, source: str, evidence: Evidence, reference: Evidence | None) -> tuple[list[Outcome], str]:
    """Run a file of tests.

    Returns:
        An outcome per test, and why the file could not be collected or an empty text.
    """
    plugin = _Plugin(evidence, reference, name)
    _pytest(name, source, plugin)
    return list(plugin.outcomes.values()), plugin.problem


@lru_cache(maxsize=256)
def planned(name: str, source: str, seed: int) -> tuple[CallRequest, ...]:
    """The calls that a file of tests declares.

    Raises:
        RubricError: The file cannot be collected.
    """
    plugin = _Plugin(Evidence(QuestionTrace("", Answer("")), seed=seed), None, name)
    _pytest(name, source, plugin, "--collect-only")
    if plugin.problem:
        raise RubricError(f"the tests {name} cannot be read: {plugin.problem}", f"Run 'python {name}' to see where")
    return tuple(request for requests in plugin.planned.values() for request in requests)


def _pytest(name: str, source: str, plugin: _Plugin, *options: str) -> None:
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory() as folder, _plain_environment():
        file = Path(folder) / name
        file.write_text(source, encoding="utf-8")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = pytest.main([*_OPTIONS, *_APART, f"--rootdir={folder}", *options, str(file)], plugins=[plugin])
        _forget(folder)
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        plugin.problem = plugin.problem or f"pytest ended with code {int(code)}"


def _forget(folder: str) -> None:
    """Let go of the modules of a folder: pytest would take them for those of the next file of the same name."""
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]


@contextlib.contextmanager
def _plain_environment() -> Iterator[None]:
    """Neither the plugins that happen to be installed nor options meant for other tests change a grade."""
    before = {key: os.environ.pop(key, None) for key in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_CURRENT_TEST")}
    loads = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        restored = {**before, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": loads}
        os.environ.update({key: value for key, value in restored.items() if value is not None})
        for key in [key for key, value in restored.items() if value is None]:
            os.environ.pop(key, None)


# --- calls ----------------------------------------------------------------------------------------------------------


def _request(file: str, test: str, index: int, given: tuple[Any, ...], seed: int) -> CallRequest:
    function, *arguments = given
    names = (function,) if isinstance(function, str) else tuple(function)
    mark = hashlib.sha256(f"{file}\0{test}\0{index}".encode()).hexdigest()
    random = np.random.default_rng([seed, int(mark[:8], 16)])
    return CallRequest(f"test-{mark[:12]}", names, (tuple(_argument(a, random) for a in arguments),))


def _argument(given: Any, random: np.random.Generator) -> Argument:
    value = given(random) if callable(given) else given
    if value is None or isinstance(value, bool | int | float | str):
        return Argument(value)
    array = np.asarray(value)
    return Argument(tuple(float(x) for x in array.ravel()), array.shape, array.dtype.name)


def _argument_value(argument: Argument) -> Any:
    if argument.shape is None:
        return argument.values
    return np.asarray(argument.values, dtype=argument.dtype).reshape(argument.shape)


def _made(evidence: Evidence | None, asked: CallRequest) -> Call | None:
    return next((c for c in observed(evidence).calls if c.request == asked.id), None) if evidence else None
