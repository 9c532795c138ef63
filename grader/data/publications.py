"""Files that the frameworks publish, with the hashes that they publish for them.

`published.json` is taken from the source text of torchvision 0.29 and Keras 3.15 (a test compares it with what is
installed). torchvision's weight files carry the beginning of their SHA-256 in their names. CIFAR's binary files have no
hash there: what the frameworks check are the pickled ones, which are not read here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grader.data.entry import Kind

_TABLE = Path(__file__).with_name("published.json")
_IN_NAME = re.compile(r"-([0-9a-f]{8,64})\.pth")


@dataclass(frozen=True, slots=True)
class Published:
    """Something that can be fetched by name.

    Attributes:
        name: Its name in rubrics; for weights, the name of the file.
        kind: `data set` or `weights`.
        files: Its files: places to get it from, in order, and its hash (`md5:...`, `sha256:...`, or empty).
        licence: Of its content.
        source: Who publishes it.
    """

    name: str
    kind: Kind
    files: tuple[tuple[tuple[str, ...], str], ...]
    licence: str
    source: str


@cache
def published() -> Mapping[str, Published]:
    """What can be fetched by name."""
    content = json.loads(_TABLE.read_text(encoding="utf-8"))
    return {one["name"]: _published(one) for one in content}


def weights_names() -> tuple[str, ...]:
    """Names of the published weight files."""
    return tuple(name for name, one in published().items() if one.kind == "weights")


def published_hash(name: str) -> str:
    """The hash that is known for a published weight file; empty if there is none."""
    found = _IN_NAME.search(name)
    known = published().get(name)
    return known.files[0][1] if known and known.kind == "weights" else (f"sha256:{found[1]}" if found else "")


def _published(content: Mapping[str, Any]) -> Published:
    files = tuple((tuple(urls), expected) for urls, expected in content["files"])
    return Published(**{**content, "files": files})
