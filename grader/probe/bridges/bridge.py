"""What a bridge is, and how bridges are set."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import Any

import wrapt

from grader.probe.offers import offer
from grader.probe.recorder import Recorder

Say = Callable[[], None]
"""Notes that the bridge was used."""


@dataclass(frozen=True, slots=True)
class Bridge:
    """One way in which old code runs on today's libraries.

    Attributes:
        name: Its name in rubrics.
        message: What was done, for a person.
        build: Changes a module that has just been imported; it is given the module and a `Say`.
        modules: Names of those modules.
        offers: Patterns of full names of modules that do not exist, and for each what such a module holds.
    """

    name: str
    message: str
    build: Callable[[Any, Say], None] = lambda _module, _say: None
    modules: tuple[str, ...] = ()
    offers: Mapping[str, Callable[[], Mapping[str, Any]]] = field(default_factory=dict)


def install(recorder: Recorder, bridges: Iterable[Bridge]) -> None:
    """Set bridges: each acts once its modules are imported, or when a module that it offers is asked for."""
    for bridge in bridges:
        say = partial(recorder.note, "substitution", bridge.message, bridge.name)
        for module in bridge.modules:
            wrapt.register_post_import_hook(partial(_build, recorder, bridge, say), module)
        for pattern, contents in bridge.offers.items():
            offer(_matcher(pattern), partial(_contents, contents, say))


def _matcher(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda name: compiled.fullmatch(name) is not None


def _contents(contents: Callable[[], Mapping[str, Any]], say: Say, _name: str) -> Mapping[str, Any]:
    say()
    return contents()


def _build(recorder: Recorder, bridge: Bridge, say: Say, module: ModuleType) -> None:
    """An import of the student's must not fail because a bridge does not fit this version of a library."""
    try:
        bridge.build(module, say)
    except Exception as error:
        recorder.note("probe", f"the bridge {bridge.name} does not fit {module.__name__}: {error!r}", bridge.name)
