"""What of a hand-in can be called: plain functions, and the methods of the student's own classes and objects.

    conv2d                      def conv2d(image, kernel)
    Convolution.apply           class Convolution, with a static or class method
    conv.apply                  conv = Convolution(...), with a method
    conv                        conv = Convolution(...), with __call__

Networks are no functions: they are looked at as models. Nothing of the student's runs here: classes and objects are
read past whatever they define to be read in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, MethodType
from typing import Any

from grader.probe.arrays import is_exactly

FRAMEWORKS = ("torch.", "keras.", "tensorflow.", "sklearn.")
METHODS = 20  # per class


def students_callables(names: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """What was written in the hand-in and can be called, by name; methods after their object and a dot."""
    found: dict[str, Callable[..., Any]] = {}
    for name, item in names.items():
        if _is_function(item):
            found[name] = item
        elif _is_students_class(item):
            found |= {f"{name}.{method}": bound for method, bound in _static(item)}
        elif _is_students_class(type(item)):
            found |= {name if method == "__call__" else f"{name}.{method}": m for method, m in _bound(item)}
    return found


def _is_function(item: object) -> bool:
    if not is_exactly(item, FunctionType):
        return False
    module = FunctionType.__getattribute__(item, "__module__")
    return is_exactly(module, str) and module == "__main__"


def _is_students_class(item: Any) -> bool:
    """Whether this is a class of the hand-in that no framework's stands behind."""
    if not is_exactly(item, type):
        return False
    kinds = type.__getattribute__(item, "__mro__")
    modules = [type.__getattribute__(kind, "__dict__").get("__module__", "") for kind in kinds]
    strings = [module for module in modules if is_exactly(module, str)]
    return bool(strings) and strings[0] == "__main__" and not any(m.startswith(FRAMEWORKS) for m in strings)


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    """Public members that the class itself defines, and `__call__`."""
    members = [(n, m) for n, m in type.__getattribute__(kind, "__dict__").items() if is_exactly(n, str)]
    yield from [(n, m) for n, m in members if n == "__call__" or not n.startswith("_")][:METHODS]


def _static(kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, member in _members(kind):
        if is_exactly(member, staticmethod) and _is_function(member.__func__):
            yield name, member.__func__
        if is_exactly(member, classmethod) and _is_function(member.__func__):
            yield name, MethodType(member.__func__, kind)


def _bound(item: object) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The methods of an object that take something, bound to it."""
    for name, member in _members(type(item)):
        if _is_function(member) and member.__code__.co_argcount > 1:
            yield name, MethodType(member, item)
