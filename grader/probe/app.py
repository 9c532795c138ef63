"""Starts a hand-in's Streamlit app, gives it pictures, and notes what it shows.

The app runs in Streamlit's own test harness (`streamlit.testing.v1.AppTest`), in the student's kernel and within its
walls: no server, no browser. A picture is uploaded through each `st.file_uploader`, then every button is pressed once.
Source: https://docs.streamlit.io/develop/api-reference/app-testing/st.testing.v1.apptest
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import re
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.probe.app_inputs import fed_to_models
from grader.probe.app_page import error_on, open_uploader, texts, upload
from grader.probe.recorder import Recorder

IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+streamlit\b", re.MULTILINE)
USUAL = ("app.py", "streamlit_app.py", "main.py")
MODELS = frozenset({".h5", ".keras", ".pt", ".pth", ".pkl", ".onnx", ".tflite", ".safetensors", ".hdf5", ".weights"})
# Ways to ask a network of which nobody here sees anything.
UNSEEN = re.compile(r"\b(saved_model|tflite|onnxruntime|joblib|pickle|requests|httpx|openvino|jax|sklearn)\b")
MOST_FILES = 500  # that are looked at
MOST_SAVED = 20
MOST_SHOWN = 60
GRACE = 3.0  # seconds in which an app that is told to stop may do so

Json = dict[str, Any]


class TooLateError(BaseException):
    """The app takes too long. No `Exception`: the app's own `except Exception` must not swallow it."""


def install(recorder: Recorder) -> None:
    """Remember which models were handed in: all others are written by the code."""
    recorder.models_handed_in = models_in(Path.cwd())


def begin(recorder: Recorder) -> None:
    """Nothing to forget."""


def observe(recorder: Recorder, plan: Json) -> dict[str, list[Json]]:
    """The app of a question that asks for one, as `grader.records.App` in JSON form; nothing where there is none."""
    asked = plan.get("app")
    if not asked:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        script = app_in(Path.cwd(), asked["sources"], Path(folder))
        if script is None:
            return {}
        if lack := lacking(asked["pictures"]):
            recorder.note("missing", f"the app could not be tried: {lack} is not there", lack)
            return {}
        return {"apps": [tried(script, asked, recorder)]}


def lacking(pictures: list[str]) -> str:
    """What is not there without which no app can be tried; empty if all is there."""
    absent = [picture for picture in pictures if not Path(picture).is_file()]
    return absent[0] if absent else "" if importlib.util.find_spec("streamlit") else "streamlit"


def app_in(work: Path, sources: list[tuple[str, str]], folder: Path) -> Path | None:
    """The script of the app: a file in the work folder, by its usual name first, else the code of a cell.

    Args:
        work: The work folder.
        sources: Cells with an app: where, and the code.
        folder: An empty folder for the code of a cell.
    """
    files = sorted(
        (path for path in files_in(work) if path.suffix == ".py" and IMPORT.search(text_of(path))),
        key=lambda path: (USUAL.index(path.name) if path.name in USUAL else len(USUAL), len(path.parts), path),
    )
    if files or not sources:
        return files[0] if files else None
    where, code = sources[0]
    script = folder / where
    script.write_text(code, encoding="utf-8")
    return script


def files_in(work: Path) -> list[Path]:
    """Files in the work folder and one level below, at most 500."""
    found = (path for pattern in ("*", "*/*") for path in sorted(work.glob(pattern)))
    return [path for path in found if path.is_file() and not path.is_symlink()][:MOST_FILES]


def models_in(work: Path) -> frozenset[str]:
    """Names of the files in the work folder that hold a model, by their suffix."""
    return frozenset(path.name for path in files_in(work) if path.suffix in MODELS)


def text_of(path: Path) -> str:
    """The text of a file, or nothing."""
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8", errors="replace")
    return ""


def tried(script: Path, asked: Json, recorder: Recorder) -> Json:
    """What an app does, as `grader.records.App` in JSON form."""
    trial = Trial(script, asked["pictures"], 2 * asked["seconds"])
    saved = sorted(models_in(Path.cwd()) - recorder.models_handed_in)[:MOST_SAVED]
    started = time.monotonic()
    worker = threading.Thread(target=trial.run, daemon=True)
    with the_same_main():
        worker.start()
        worker.join(asked["seconds"])
        if worker.is_alive():
            trial.fail("TimeoutError", f"it took longer than {asked['seconds']:g} s")
            stop(trial.script)
            worker.join(GRACE)
    return {
        "name": script.name,
        "uploads": list(trial.uploads),
        "asks": trial.asks,
        "error": trial.error[:2000],
        "error_type": trial.error_type,
        "saved": saved,
        "unseen": sorted(set(UNSEEN.findall(text_of(script)))),
        "seconds": time.monotonic() - started,
    }


@contextlib.contextmanager
def the_same_main() -> Iterator[None]:
    """Streamlit puts the app in the place of `__main__`, which is the student's notebook."""
    main: ModuleType = sys.modules["__main__"]
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def stop(script: Path) -> None:
    """Raise an error in every thread that runs the app's script."""
    for number, frame in sys._current_frames().items():
        current: Any = frame
        while current is not None:
            if current.f_code.co_filename == str(script):
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(number), ctypes.py_object(TooLateError))
                break
            current = current.f_back


@dataclass
class Trial:
    """One app on trial.

    Attributes:
        script: Its file.
        pictures: Paths of what is uploaded.
        patience: Seconds that the harness waits for one run: more than all of it may take, as that is bounded here.
        uploads: What it did so far.
        asks: Whether it asks for a file.
        error: Why it failed.
        error_type: Name of that exception.
    """

    script: Path
    pictures: list[str]
    patience: float
    uploads: list[Json] = field(default_factory=list)
    asks: bool = False
    error: str = ""
    error_type: str = ""

    def fail(self, kind: str, message: str) -> None:
        """Keep the first failure."""
        self.error, self.error_type = self.error or f"{self.script.name}: {message}", self.error_type or kind

    def run(self) -> None:
        """Upload each picture into an app that is started anew, the first one once more at the end."""
        try:
            for picture in (*self.pictures, *self.pictures[:1]):
                if not self._give(picture):
                    return
        except BaseException as error:
            self.fail(type(error).__name__, f"{type(error).__name__}: {error}")

    def _give(self, picture: str) -> bool:
        """Start the app and give it a picture; False where it makes no sense to go on."""
        from streamlit.testing.v1 import AppTest

        page = AppTest.from_file(str(self.script), default_timeout=self.patience)
        page.run()
        if not self._failed(page):
            open_uploader(page)
        if self._failed(page) or not page.file_uploader:
            return False
        self.asks = True
        before = set(texts(page))
        with fed_to_models() as fed:
            upload(page, Path(picture))
            page.run()
            for button in page.button:
                button.click()
            if page.button and not self._failed(page):
                page.run()
        shown = [text for text in texts(page) if text not in before]
        self.uploads.append({"picture": picture, "shown": shown[:MOST_SHOWN], **(fed[0] if fed else {})})
        return not self._failed(page)

    def _failed(self, page: Any) -> bool:
        found = error_on(page, self.script)
        if found:
            self.fail(*found)
        return bool(found)
