"""Runs questions under the PyTorch watcher in a process of its own, since its hooks are for a kernel's whole life.

Reads JSON from standard input (`settings`, and `questions`: id -> {"code", "plan"}), writes JSON to standard output:
id -> {"observation", "notes", "error", "seconds", "blobs": {name: bytes as hex}}.
"""

from __future__ import annotations

import ast
import contextlib
import json
import sys
import time
import types
from typing import Any

from grader.probe import torch_watch
from grader.probe.recorder import Recorder, Settings
from grader.probe.rounds import Marking, install

MARKING = Marking()  # as IPython does it with every cell


def run(recorder: Recorder, question: str, code: str, plan: dict[str, Any]) -> dict[str, Any]:
    recorder.begin(question)
    torch_watch.begin(recorder)
    error, started = "", time.process_time()  # a busy machine is not the watcher's fault
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(compile(MARKING.visit(ast.parse(code)), f"<{question}>", "exec"), recorder.namespace)
    except Exception as problem:  # noqa: BLE001  # a student's
        error = f"{type(problem).__name__}: {problem}"
    seconds = time.process_time() - started
    return {
        "observation": torch_watch.observe(recorder, {"question": question, **plan}),
        "notes": recorder.notes,
        "error": error,
        "seconds": seconds,
        "blobs": {name: blob.hex() for name, blob in recorder.blobs.items()},
    }


def main() -> None:
    given = json.load(sys.stdin)
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    recorder = Recorder(Settings(**given["settings"]), vars(module))
    install(recorder)
    torch_watch.install(recorder)
    results = {
        name: run(recorder, name, question["code"], question.get("plan", {}))
        for name, question in given["questions"].items()
    }
    sys.stdout.write(json.dumps(results, allow_nan=False))


if __name__ == "__main__":
    main()
