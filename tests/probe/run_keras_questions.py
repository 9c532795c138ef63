"""Runs questions under the Keras watcher in a process of its own, since its hooks are for a kernel's whole life.

Reads JSON from standard input (`settings`, and `questions`: id -> {"code", "plan", "settings"}), writes JSON to
standard output: id -> {"observation", "notes", "error", "blobs": {name: bytes as hex}}.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import json
import sys
import types
from typing import Any

from grader.probe import keras_watch
from grader.probe.recorder import Recorder, Settings
from grader.probe.rounds import Marking, install

MARKING = Marking()  # as IPython does it with every cell


def run(recorder: Recorder, name: str, question: dict[str, Any], usual: Settings) -> dict[str, Any]:
    recorder.settings = dataclasses.replace(usual, **question["settings"])
    recorder.begin(name)
    keras_watch.begin(recorder)
    error = ""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(compile(MARKING.visit(ast.parse(question["code"])), f"<{name}>", "exec"), recorder.namespace)
    except Exception as problem:  # noqa: BLE001  # a student's
        error = f"{type(problem).__name__}: {problem}"
    return {
        "observation": keras_watch.observe(recorder, {"question": name, **question["plan"]}),
        "notes": recorder.notes,
        "error": error,
        "blobs": {key: blob.hex() for key, blob in recorder.blobs.items()},
    }


def main() -> None:
    given = json.load(sys.stdin)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    settings = Settings(**given["settings"])
    recorder = Recorder(settings, vars(module))
    install(recorder)
    keras_watch.install(recorder)
    results = {name: run(recorder, name, question, settings) for name, question in given["questions"].items()}
    sys.stdout.write(json.dumps(results, allow_nan=False))


if __name__ == "__main__":
    main()
