"""After each question: asks every watcher what it saw and sends one message to the grader."""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from IPython.display import publish_display_data

from grader.probe import app, environment, figures, keras_watch, namespace, torch_watch
from grader.probe.recorder import Recorder

MIME = "application/vnd.grader.observation+json"
# Watchers of models come first: what is drawn and defined later may refer to them. What an app does comes last: it
# builds, draws and defines as well.
WATCHERS: tuple[ModuleType, ...] = (environment, torch_watch, keras_watch, figures, namespace, app)

_recorder: Recorder | None = None


def install(recorder: Recorder) -> None:
    """Put all hooks in place. Called once, before any student code."""
    global _recorder  # noqa: PLW0603  one kernel, one recorder: the grader reaches it by import
    _recorder = recorder
    for watcher in WATCHERS:
        watcher.install(recorder)


def the_recorder() -> Recorder:
    """The recorder of this kernel."""
    if _recorder is None:
        raise RuntimeError("the probe is not installed")
    return _recorder


def begin(question: str) -> None:
    """A question's first cell is about to run."""
    recorder = the_recorder()
    recorder.begin(question)
    for watcher in WATCHERS:
        watcher.begin(recorder)


def observe(plan: str) -> None:
    """The last cell of a question has run: send what was seen.

    Args:
        plan: JSON of a `grader.records.QuestionPlan`.
    """
    publish_display_data({MIME: collected(the_recorder(), WATCHERS, json.loads(plan))})


def collected(recorder: Recorder, watchers: Sequence[ModuleType], plan: dict[str, Any]) -> dict[str, Any]:
    """The message about a question: the observation, and the blobs that it names in base64."""
    observation: dict[str, Any] = {"question": plan["question"]}
    for watcher in watchers:
        merge(observation, ask(watcher, recorder, plan))
    observation["notes"] = recorder.notes
    blobs = {name: base64.b64encode(blob).decode("ascii") for name, blob in recorder.blobs.items()}
    return {"observation": observation, "blobs": blobs}


def ask(watcher: ModuleType, recorder: Recorder, plan: dict[str, Any]) -> Mapping[str, list[dict[str, Any]]]:
    """What one watcher saw. A watcher that fails costs its own findings only, and says so."""
    try:
        seen: Mapping[str, list[dict[str, Any]]] = watcher.observe(recorder, plan)
    except Exception:
        recorder.note("probe", f"{watcher.__name__} failed: {traceback.format_exc(limit=-3)}", "watcher")
        return {}
    return seen


def merge(observation: dict[str, Any], seen: Mapping[str, list[dict[str, Any]]]) -> None:
    """Append a watcher's lists; its model indices count from its own first model."""
    offset = len(observation.get("models", []))
    for key, entries in seen.items():
        if key in {"trainings", "predictions", "layer_pictures"}:
            for entry in entries:
                if entry.get("model") is not None:
                    entry["model"] += offset
        observation.setdefault(key, []).extend(entries)
