"""Templates -> self-contained pages: one file, no script, no request to anywhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.records import FigureShown, LayerTable, Measurement, WrittenAnswer
from grader.report import wording
from grader.report.clean import clean, code_words, markdown, one_line


def render(template: str, **context: object) -> str:
    """A page from a template of this package. The style sheet and the policy that allows it are added."""
    style = _style()
    return _environment().get_template(template).render(style=style, policy=_policy(style), **context)


def _policy(style: Markup) -> str:
    """A Content-Security-Policy that allows this one style sheet, pictures inside the file, and nothing else.

    Source: https://www.w3.org/TR/CSP3/#meta-element and #hash-source.
    """
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@cache
def _style() -> Markup:
    return Markup(resources.files(__package__).joinpath("templates", "style.css").read_text("utf-8"))  # noqa: S704


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_cleaned,
        extensions=["jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        {
            "points": wording.points,
            "percent": wording.percent,
            "seconds": wording.seconds,
            "quantity": wording.quantity,
            "cell": wording.cell,
            "cells": wording.cells,
            "count": wording.count,
            "confidence": wording.confidence,
            "limit_hit": wording.limit,
            "note_kind": wording.note_kind,
            "markdown": markdown,
            "one_line": one_line,
            "clean": clean,
            "code_words": code_words,
            "target": _target,
        }
    )
    environment.tests.update(
        {
            "layer_table": lambda exhibit: isinstance(exhibit, LayerTable),
            "measurement": lambda exhibit: isinstance(exhibit, Measurement),
            "figure_shown": lambda exhibit: isinstance(exhibit, FigureShown),
            "written_answer": lambda exhibit: isinstance(exhibit, WrittenAnswer),
        }
    )
    environment.globals.update({"STATUS": wording.STATUS, "RAN": wording.RAN})
    return environment


def _cleaned(value: object) -> object:
    """Every string that a template prints goes through here, so that no template can forget to clean one."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return clean(value)


def _target(name: str) -> str:
    """A name as a part of a link."""
    return quote(name, safe="")
