"""Modules that are not installed here, or no longer exist, and what is given in their place."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from grader.probe.recorder import Recorder

PYTHON_2 = frozenset({"ConfigParser", "Queue", "StringIO", "Tkinter", "__builtin__", "cPickle", "urllib2", "urlparse"})


class MissingFinder(MetaPathFinder):
    """Stands last: notes what the hand-in itself imports and nobody found. What libraries merely try is not noted."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.folder = str(Path.cwd()) + os.sep

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """Finds nothing."""
        top = "." not in fullname or fullname.startswith("google.")
        if top and fullname not in PYTHON_2 and self._is_students(_importing_frame()):
            self.recorder.note("missing", f"the grading environment has no module {fullname}", fullname)
        return None

    def _is_students(self, frame: FrameType | None) -> bool:
        """Whether the frame is a cell, or a file that lies beside the hand-in."""
        if frame is None:
            return False
        file = frame.f_code.co_filename
        beside = file.startswith(self.folder) and "site-packages" not in file
        return frame.f_globals is self.recorder.namespace or beside


def _importing_frame() -> FrameType | None:
    """The frame with the import statement, past the import system and its hooks."""
    frame: FrameType | None = sys._getframe(1)
    while frame and str(frame.f_globals.get("__name__")).partition(".")[0] in {"importlib", "wrapt", "grader"}:
        frame = frame.f_back
    return frame


@dataclass(frozen=True, eq=False)
class OfferFinder(MetaPathFinder, Loader):
    """Answers imports that found nothing else.

    Attributes:
        known: Whether a module of this full name is offered. Asked for every module that is not there: must be cheap.
        contents: What it holds. Asked once, when it is imported.
    """

    known: Callable[[str], bool]
    contents: Callable[[str], Mapping[str, Any]]

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """A module that is offered."""
        # A package, so that `from x.old import older` may ask for `x.old.older`.
        return ModuleSpec(fullname, self, is_package=True) if self.known(fullname) else None

    def create_module(self, _spec: ModuleSpec) -> None:
        """An ordinary module."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill it."""
        vars(module).update(self.contents(module.__name__))


def offered(name: str) -> bool:
    """Whether something is given where a module of this name is imported and not there."""
    return any(isinstance(finder, OfferFinder) and finder.known(name) for finder in sys.meta_path)


def offer(known: Callable[[str], bool], contents: Callable[[str], Mapping[str, Any]]) -> None:
    """Offer modules to every import that finds nothing else, and before it is noted that nothing was found."""
    last = (i for i, finder in enumerate(sys.meta_path) if isinstance(finder, MissingFinder))
    sys.meta_path.insert(next(last, len(sys.meta_path)), OfferFinder(known, contents))


def offer_modules(modules: Mapping[str, Mapping[str, Any]], imported: Callable[[str], None]) -> None:
    """Offer modules of which all is known.

    Args:
        modules: What is in each module, by its full name.
        imported: Is told the name of each module that is imported.
    """

    def contents(name: str) -> Mapping[str, Any]:
        imported(name)
        return modules[name]

    offer(modules.__contains__, contents)


def give(module: ModuleType, lookup: Callable[[str], Any]) -> None:
    """Let a module answer for names that it does not have: `lookup` gives a value or raises `AttributeError`."""
    before = vars(module).get("__getattr__")

    def __getattr__(name: str) -> Any:  # noqa: N807  a module's, as in PEP 562
        try:
            if not name.startswith("_"):
                return lookup(name)
        except AttributeError:
            pass
        if before is not None:
            return before(name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    vars(module)["__getattr__"] = __getattr__
