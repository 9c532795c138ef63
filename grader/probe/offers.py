"""Modules that are not installed here, or no longer exist, and what is given in their place."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from grader.probe.environment import MissingFinder


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


def offer(known: Callable[[str], bool], contents: Callable[[str], Mapping[str, Any]]) -> None:
    """Offer modules to every import that finds nothing else, and before it is noted that nothing was found."""
    last = (i for i, finder in enumerate(sys.meta_path) if isinstance(finder, MissingFinder))
    sys.meta_path.insert(next(last, len(sys.meta_path)), OfferFinder(known, contents))


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
