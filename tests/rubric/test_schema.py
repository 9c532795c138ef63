"""The schema for editors: that of the code, and it takes and refuses what the loader does."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from grader.rubric.schema import FILE, text

ROOT = Path(__file__).parents[2]
RUBRICS = sorted((ROOT / "rubrics").glob("*.yaml"))


@pytest.fixture(scope="module")
def validator():
    schema = json.loads(FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def mistakes(validator, path: Path) -> list[str]:

    return [error.message for error in validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))]


def test_the_file_is_that_of_the_code():
    assert FILE.read_text(encoding="utf-8") == text(), "run: python -m grader.rubric.schema"


@pytest.mark.parametrize("path", RUBRICS, ids=lambda path: path.stem)
def test_every_rubric_fits_and_names_it(validator, path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.partition("=")[2]).resolve() == FILE
    assert not mistakes(validator, path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Basics", "titel: Basics", "'titel' was unexpected"),
        ("points: 10\n", "points: ten\n", "'ten' is not of type 'number'"),
        ("with: {no_credit: 0.3}", "with: {no_credits: 0.3}", "'no_credits' was unexpected"),
        ("with: {no_credit: 0.3}", "with: {no_credit: 3}", "3 is greater than the maximum of 1"),
        ("memory_gb: 4.5", "memory: 4.5", "'memory' was unexpected"),
    ],
)
def test_a_mistake_is_underlined(validator, write, old, new, said):
    assert not mistakes(validator, write())
    assert any(said in message for message in mistakes(validator, write((old, new))))


def test_an_editor_can_show_what_a_key_means(validator):
    models = validator.schema["$defs"]
    assert models["Criterion"]["properties"]["points"]["description"] == "Points for a verdict of share 1."
    assert "no points are given" in models["AccuracyParameters"]["properties"]["no_credit"]["description"]
