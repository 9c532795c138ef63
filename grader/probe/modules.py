"""Modules that are not installed here: offered to student code under their names, with a few functions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

Contents = Mapping[str, Any]


class Offered(MetaPathFinder, Loader):
    """Finds modules that no package brings.

    Args:
        modules: What is in each module, by its full name. Modules that hold others are listed too.
        imported: Is told the name of each module that is imported.
    """

    def __init__(self, modules: Mapping[str, Contents], imported: Callable[[ModuleType], None]) -> None:
        self.modules, self.imported = modules, imported

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """The stand-in of a module, if there is one."""
        if fullname not in self.modules:
            return None
        return ModuleSpec(fullname, self, is_package=any(name.startswith(f"{fullname}.") for name in self.modules))

    def create_module(self, _spec: ModuleSpec) -> None:
        """An ordinary module."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module with its functions."""
        vars(module).update(self.modules[module.__name__])
        self.imported(module)


def offer(modules: Mapping[str, Contents], imported: Callable[[ModuleType], None]) -> None:
    """Offer modules to every import that finds nothing else."""
    sys.meta_path.append(Offered(modules, imported))
