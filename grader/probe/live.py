"""The probe in a student's own notebook: it watches from `import grader` on, and changes nothing.

No data is served, no training is cut, no package or input is answered for: that belongs to grading. While a hand-in is
graded, in turn, `grader.check(...)` and `%grader` in it do nothing.
"""

from __future__ import annotations

import importlib
from typing import Any

from grader.probe import figures, keras_watch, namespace, report, torch_watch
from grader.probe.recorder import Recorder, Settings

WATCHERS = (torch_watch, keras_watch, figures, namespace)

_recorders: list[Recorder] = []


def watch(shell: Any) -> Recorder:
    """Begin to watch a running IPython shell; once."""
    if not _recorders:
        recorder = Recorder(Settings(profile="full", serve=False), shell.user_ns)
        for watcher in WATCHERS:
            watcher.install(recorder)
        recorder.question = "live"
        for watcher in WATCHERS:
            watcher.begin(recorder)
        _recorders.append(recorder)
    return _recorders[0]


def look(shell: Any, plan: dict[str, Any]) -> dict[str, Any]:
    """The message about a question, from the namespace as it stands: every name in it is taken as the question's.

    Args:
        shell: The running IPython shell.
        plan: The fields of a `grader.records.QuestionPlan`.
    """
    recorder = watch(shell)
    recorder.question, recorder.before, recorder.notes, recorder.blobs = plan["question"], {}, [], {}
    return report.collected(recorder, WATCHERS, plan)


def ignore_checks(shell: Any) -> None:
    """While a hand-in is graded: its own `grader.check(...)`, `%grader` and `%load_ext grader` do nothing."""

    def ignored(*_: Any, **__: Any) -> None:
        return None

    package: Any = importlib.import_module("grader")
    package.check = package.load_ipython_extension = ignored
    shell.register_magic_function(ignored, "line", "grader")
