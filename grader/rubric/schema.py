"""The JSON Schema of rubrics, by which editors complete keys and underline mistakes: `schema.json`, made of the models.

`python -m grader.rubric.schema` writes it anew. A rubric names it in its first line:

    # yaml-language-server: $schema=<path of schema.json>

It knows less than `load_rubric`: checks beside a rubric, data sets of one's own, and sums are left to that.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from grader.checks import CHECKS
from grader.rubric.models import Rubric

FILE = Path(__file__).with_name("schema.json")
REFERENCES = "#/$defs/{model}"
_ATTRIBUTE = re.compile(r"^    (\w+): ((?:.|\n(?!    \w+: ))*)", re.MULTILINE)


def rubric_schema() -> dict[str, Any]:
    """The schema, with the parameters of every check that comes with the grader."""
    schema = Rubric.model_json_schema(by_alias=True, ref_template=REFERENCES)
    models: dict[str, Any] = schema["$defs"]
    criterion = models["Criterion"]
    own = {name: check for name, check in CHECKS.items() if check.parameters.__module__.startswith("grader.")}
    criterion["properties"]["check"] = {"anyOf": [{"enum": sorted(own)}, {"type": "string"}]}
    criterion["allOf"] = []
    for name, check in sorted(own.items()):
        parameters = check.parameters.model_json_schema(by_alias=True, ref_template=REFERENCES)
        models |= parameters.pop("$defs", {})
        models[check.parameters.__name__] = parameters
        criterion["allOf"].append(_when(name, REFERENCES.format(model=check.parameters.__name__)))
    models["Limits"].pop("required", None)  # a profile names those that it wants otherwise
    for model in (schema, *models.values()):
        _describe(model)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _when(name: str, parameters: str) -> dict[str, Any]:
    condition = {"properties": {"check": {"const": name}}, "required": ["check"]}
    return {"if": condition, "then": {"properties": {"with": {"$ref": parameters}}}}


def _describe(model: dict[str, Any]) -> None:
    """Move what a docstring says of each attribute to that key, where an editor shows it."""
    about, _, attributes = model.get("description", "").partition("\n\nAttributes:\n")
    model["description"] = about
    said = {name: " ".join(text.split()) for name, text in _ATTRIBUTE.findall(attributes)}
    aliases = {"with": "parameters"}
    for name, described in model.get("properties", {}).items():
        described.pop("title", None)
        if text := said.get(aliases.get(name, name)):
            described["description"] = text


def text() -> str:
    """The file's text as the code has it now."""
    return json.dumps(rubric_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
