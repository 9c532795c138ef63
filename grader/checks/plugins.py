"""Checks that live outside of the grader: in a file beside a rubric, or in an installed package."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

from grader.checks.registry import CHECKS
from grader.errors import RubricError

GROUP = "grader.checks"


def load_checks_beside(rubric: Path) -> None:
    """Import `<assignment>_checks.py` beside `<assignment>.yaml`, if it is there, and the installed checks.

    The file is the instructor's own code and is trusted. Loading it again takes its newest text.

    Raises:
        RubricError: It cannot be imported, or registers a name that is taken.
    """
    _load_installed()
    file = rubric.with_name(f"{rubric.stem}_checks.py")
    if file.is_file():
        _load_file(file.resolve())


@cache
def _load_installed() -> None:
    for point in entry_points(group=GROUP):
        try:
            point.load()
        except RubricError:
            raise
        except Exception as error:
            remedy = f"Mend or uninstall the package {point.dist.name if point.dist else point.value}"
            raise RubricError(f"the checks of {point.value} cannot be imported: {error}", remedy) from error


def _load_file(file: Path) -> None:
    name = f"{file.stem}_beside_a_rubric"
    for known in [known for known, one in CHECKS.items() if one.origin == str(file)]:
        del CHECKS[known]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise RubricError(f"{file} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # annotations are read by the module's name
    try:
        spec.loader.exec_module(module)
    except RubricError:
        raise
    except Exception as error:
        line = getattr(error, "lineno", None) or (error.__traceback__ and _line_in(error, file))
        where = f"{file}:{line}" if line else str(file)
        raise RubricError(f"{where}: {type(error).__name__}: {error}", "Mend the checks beside the rubric") from error


def _line_in(error: Exception, file: Path) -> int | None:
    """The deepest line of the file in a traceback."""
    found, step = None, error.__traceback__
    while step is not None:
        found = step.tb_lineno if step.tb_frame.f_code.co_filename == str(file) else found
        step = step.tb_next
    return found
