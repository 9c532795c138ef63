"""Templates -> self-contained pages: one file, no request to anywhere, and no script but our own on the class page."""

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


def render(template: str, script: str = "", **context: object) -> str:
    """A page from a template of this package. The style sheet and the policy that allows it are added.

    Args:
        template: Its file name.
        script: File name of the one script of ours that may run on it; by default none.
        context: What the template shows.
    """
    style, code = _part("style.css"), _part(script) if script else Markup()
    policy = _policy(style, code)
    return _environment().get_template(template).render(style=style, script=code, policy=policy, **context)


def fragment(template: str, **context: object) -> str:
    """A part of somebody else's page, such as a notebook: escaped as all pages are, without style sheet and policy."""
    return _environment().get_template(template).render(**context)


def _policy(style: Markup, script: Markup) -> str:
    """A Content-Security-Policy that allows this style sheet, this script, pictures inside the file, and nothing else.

    Source: https://www.w3.org/TR/CSP3/#meta-element and #hash-source.
    """
    runs = f" script-src {_hash(script)};" if script else ""
    return f"default-src 'none'; img-src data:; style-src {_hash(style)};{runs} base-uri 'none'; form-action 'none'"


def _hash(text: Markup) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _part(name: str) -> Markup:
    return Markup(resources.files(__package__).joinpath("templates", name).read_text("utf-8"))  # noqa: S704


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
            "state": wording.state,
            "waits_for": wording.waits_for,
            "percent": wording.percent,
            "seconds": wording.seconds,
            "quantity": wording.quantity,
            "cell": wording.cell,
            "cells": wording.cells,
            "count": wording.count,
            "confidence": wording.confidence,
            "certain": wording.certain,
            "limit_hit": wording.limit,
            "note_kind": wording.note_kind,
            "with_place": wording.with_place,
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
