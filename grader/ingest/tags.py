"""The question that a cell itself names: `# question: q6` at its head, or nbgrader's `grade_id`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

TAG = re.compile(r"(?:#+|<!--)\s*question\s*:\s*([A-Za-z][\w-]*)\s*(?:-->)?\s*", re.IGNORECASE)
NAMED_LIKE_A_QUESTION = re.compile(r"[a-z]\d{1,2}", re.IGNORECASE)


def head_tag(source: str) -> str | None:
    """The question in the first comment lines of a cell, e.g. `q6` for `# question: q6`."""
    for line in source.lstrip().splitlines():
        if match := TAG.fullmatch(line.strip()):
            return match[1]
        if line.strip() and not line.startswith(("#", "%%", "<!--")):
            return None
    return None


def metadata_tag(metadata: Mapping[str, object]) -> str | None:
    """The `grade_id` that nbgrader gave a cell. Source: nbgrader's cell metadata, schema 3."""
    nbgrader = metadata.get("nbgrader")
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, Mapping) else None
    return grade_id if isinstance(grade_id, str) and grade_id else None


def file_tag(file: Path) -> str | None:
    """The question after which a file is named: `q6` for `Q6.py`, nothing for `lenet.py`."""
    return file.stem.lower() if NAMED_LIKE_A_QUESTION.fullmatch(file.stem) else None
