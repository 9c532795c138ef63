"""Runs pieces of student code with all that the kernel puts around it, in a process of its own.

Reads JSON from standard input (`settings`, `pieces`: name -> code), writes JSON to standard output:
name -> {"error", "notes", "printed", "observation"}.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import types
from typing import Any

from grader.probe import bridges, environment, figures, keras_watch, sklearn_data, tfds_data, torch_watch
from grader.probe.recorder import Recorder, Settings

WATCHERS = (environment, figures, torch_watch, keras_watch)


def run(recorder: Recorder, name: str, code: str) -> dict[str, Any]:
    recorder.begin(name)
    for watcher in WATCHERS:
        watcher.begin(recorder)
    error, printed = "", io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, f"<{name}>", "exec"), recorder.namespace)
    except Exception as problem:  # noqa: BLE001  # a student's
        error = f"{type(problem).__name__}: {problem}"
    seen: dict[str, list[Any]] = {}
    for watcher in WATCHERS:
        for key, entries in watcher.observe(recorder, {"question": name}).items():
            seen.setdefault(key, []).extend(entries)
    return {"error": error, "notes": recorder.notes, "printed": printed.getvalue(), "observation": seen}


def main() -> None:
    given = json.load(sys.stdin)
    sys.modules["__main__"] = module = types.ModuleType("__main__")
    recorder = Recorder(Settings(**given["settings"]), vars(module))
    for part in (*WATCHERS, tfds_data, sklearn_data, bridges):
        part.install(recorder)
    results = {name: run(recorder, name, code) for name, code in given["pieces"].items()}
    sys.stdout.write(json.dumps(results, allow_nan=False))


if __name__ == "__main__":
    main()
