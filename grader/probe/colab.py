"""A stand-in for `google.colab`, which exists on Google's machines only."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from grader.probe.recorder import Recorder

NAME = "google.colab"


class ColabFinder(MetaPathFinder, Loader):
    """Finds `google.colab` and its modules, and an empty `google` where no other package brings one."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.contents = _contents(recorder)

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """The stand-in of a module, if there is one."""
        known = fullname in {"google", NAME} or fullname in {f"{NAME}.{part}" for part in self.contents}
        return ModuleSpec(fullname, self, is_package=fullname in {"google", NAME}) if known else None

    def create_module(self, _spec: ModuleSpec) -> None:
        """An ordinary module."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module with its functions."""
        vars(module).update(self.contents.get(module.__name__.removeprefix(f"{NAME}."), {}))
        if module.__name__ == NAME:
            self.recorder.note("substitution", "google.colab is not here: a stand-in that does nothing", NAME)
            for part in self.contents:
                importlib.import_module(f"{NAME}.{part}")


def install(recorder: Recorder) -> None:
    """Offer the stand-in to every import that finds nothing else."""
    sys.meta_path.append(ColabFinder(recorder))


def _contents(recorder: Recorder) -> dict[str, dict[str, Callable[..., Any]]]:
    """The functions of each module."""

    def mount(mountpoint: str = "/content/drive", *_: Any, **__: Any) -> None:
        print(f"[grader] there is no Google Drive here: nothing was mounted at {mountpoint}")  # noqa: T201
        recorder.note("substitution", f"there is no Google Drive to mount at {mountpoint}", "Google Drive")

    def upload(*_: Any, **__: Any) -> dict[str, bytes]:
        recorder.note("substitution", "files.upload() gave no file: nobody is there to choose one", "files.upload")
        return {}

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
