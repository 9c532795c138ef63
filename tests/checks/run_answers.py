"""Runs answers under all watchers in a process of its own, since their hooks are for a kernel's whole life.

Reads JSON from standard input (`settings`, `answers`: name -> {"code", "plan"}), writes JSON to standard output:
name -> {"observation", "cells": [{"printed", "error", "seconds"}], "blobs": {name: bytes as hex}}.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
import types
from typing import Any

from grader.probe import report
from grader.probe.recorder import Recorder, Settings


def run_cell(recorder: Recorder, name: str, code: str) -> dict[str, Any]:
    error, printed, started = "", io.StringIO(), time.monotonic()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, f"<{name}>", "exec"), recorder.namespace)
    except Exception as problem:  # noqa: BLE001  a student's
        error = f"{type(problem).__name__}: {problem}"
    return {"printed": printed.getvalue(), "error": error, "seconds": time.monotonic() - started}


def run(recorder: Recorder, name: str, code: str, plan: dict[str, Any]) -> dict[str, Any]:
    report.begin(name)
    cells = [run_cell(recorder, name, cell) for cell in code.split("# %%\n")]
    observation: dict[str, Any] = {"question": name}
    for watcher in report.WATCHERS:
        report.merge(observation, report.ask(watcher, recorder, {"question": name, "calls": [], **plan}))
    observation["notes"] = recorder.notes
    blobs = {key: blob.hex() for key, blob in recorder.blobs.items()}
    return {"observation": observation, "cells": cells, "blobs": blobs}


def main() -> None:
    given = json.load(sys.stdin)
    sys.modules["__main__"] = module = types.ModuleType("__main__")
    recorder = Recorder(Settings(**given["settings"]), vars(module))
    report.install(recorder)
    results = {name: run(recorder, name, one["code"], one["plan"]) for name, one in given["answers"].items()}
    sys.stdout.write(json.dumps(results, allow_nan=False))


if __name__ == "__main__":
    main()
