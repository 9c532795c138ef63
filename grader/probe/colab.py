"""A stand-in for `google.colab`, which exists on Google's machines only."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from grader.probe.offers import offer_modules
from grader.probe.recorder import Recorder

NAME = "google.colab"


def install(recorder: Recorder) -> None:
    """Offer `google.colab` and its modules, and an empty `google` where no other package brings one."""
    contents = _contents(recorder)

    def imported(name: str) -> None:
        if name == NAME:
            recorder.note("substitution", "google.colab is not here: a stand-in takes its place", NAME)
            for part in contents:
                importlib.import_module(f"{NAME}.{part}")

    offer_modules({"google": {}, NAME: {}} | {f"{NAME}.{part}": held for part, held in contents.items()}, imported)


def _contents(recorder: Recorder) -> dict[str, dict[str, Callable[..., Any]]]:
    """The functions of each module."""

    def mount(mountpoint: str = "/content/drive", *_: Any, **__: Any) -> None:
        with contextlib.suppress(OSError):
            Path(mountpoint, "MyDrive").mkdir(parents=True, exist_ok=True)
        print(f"Mounted at {mountpoint}")  # noqa: T201
        recorder.note("substitution", f"an empty Google Drive stands at {mountpoint}", "Google Drive")

    def upload(*_: Any, **__: Any) -> dict[str, bytes]:
        given = {name: Path(name).read_bytes() for name in recorder.settings.uploads if Path(name).is_file()}
        names = ", ".join(given) or "no file"
        recorder.note("substitution", f"files.upload() gave {names}: nobody is there to choose", "files.upload")
        return given

    def get(key: str) -> str:
        recorder.note("substitution", f"userdata.get gave an empty text for the secret {key}", "userdata.get")
        return ""

    return {
        "auth": {"authenticate_user": _nothing},
        "drive": {"mount": mount, "flush_and_unmount": _nothing},
        "files": {"upload": upload, "download": _nothing, "view": _nothing},
        "output": dict.fromkeys(("clear", "enable_custom_widget_manager", "eval_js", "register_callback"), _nothing),
        "patches": {"cv2_imshow": _cv2_imshow},
        "userdata": {"get": get},
    }


def _nothing(*_: Any, **__: Any) -> None:
    """Does nothing, as long as nobody watches."""


def _cv2_imshow(image: Any) -> None:
    """Show an OpenCV image (H, W) or (H, W, 3) in BGR order."""
    import matplotlib.pyplot as plt

    plt.figure()
    plt.imshow(image[..., 2::-1] if image.ndim == 3 else image, cmap="gray")
    plt.axis("off")
    plt.show()
