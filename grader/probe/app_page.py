"""What stands on the page of a Streamlit app in the test harness, and how a picture is given to it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MOST_OPTIONS = 8  # of a menu
LONGEST = 500  # characters of one text
# What elements of the harness call that which a person reads.
READ = ("label", "value", "body", "delta", "text")
# What a person presses says nothing about the picture, and an error is told apart.
SILENT = frozenset({"file_uploader", "button", "camera_input", "exception"})
FORMATS = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "bmp": "BMP", "webp": "WEBP"}


def texts(page: Any) -> list[str]:
    """What can be read on the page, element by element, in its order."""
    return [text for root in (page.main, page.sidebar) for element in leaves(root) for text in read(element)]


def leaves(node: Any) -> Iterator[Any]:
    """The elements in a block: columns, tabs and containers are opened."""
    children = getattr(node, "children", None)
    if children is None:
        yield node
        return
    for child in children.values():
        yield from leaves(child)


def read(element: Any) -> Iterator[str]:
    """What can be read on an element; parts of one belong together, as the label and the value of a metric do."""
    if element.type in SILENT:
        return
    if element.type == "image":
        yield from (caption[:LONGEST] for caption in _part(element, "captions") or () if caption)
        return
    parts = [str(part) for name in READ if (part := _part(element, name)) not in (None, "")]
    text = " ".join(dict.fromkeys(parts))[:LONGEST]
    if text:
        yield f"{text} %" if element.type == "progress" else text


def _part(element: Any, name: str) -> Any:
    try:
        part: Any = getattr(element, name, None)
    except Exception:  # not every element has what its class names
        return None
    return part.to_string() if hasattr(part, "to_string") else part  # a data frame


def open_uploader(page: Any) -> None:
    """Where the page asks for no file, choose from its menus what makes it ask."""
    for number, menu in enumerate([*page.radio, *page.selectbox]):
        for option in menu.options[:MOST_OPTIONS]:
            if page.file_uploader:
                return
            [*page.radio, *page.selectbox][number].set_value(option)
            page.run()


def upload(page: Any, picture: Path) -> None:
    """Give a picture to each uploader of the page, in a format that it takes."""
    for uploader in page.file_uploader:
        taken = [kind.lower().lstrip(".") for kind in uploader.allowed_type]
        suffix = picture.suffix.lower().lstrip(".")
        content, name = picture.read_bytes(), picture.name
        other = next((kind for kind in taken if kind in FORMATS), None)
        if taken and suffix not in taken and other:
            content, name, suffix = converted(content, FORMATS[other]), f"{picture.stem}.{other}", other
        uploader.set_value((name, content, f"image/{FORMATS.get(suffix, suffix).lower()}"))


def converted(content: bytes, form: str) -> bytes:
    """The same picture in another format."""
    from PIL import Image

    stream = io.BytesIO()
    Image.open(io.BytesIO(content)).save(stream, form)
    return stream.getvalue()


def error_on(page: Any, script: Path) -> tuple[str, str] | None:
    """Type and message, with the line in the app, of the first error on the page; None if there is none."""
    if not page.exception:
        return None
    shown = page.exception[0].proto
    trace = "\n".join(shown.stack_trace)
    lines = re.findall(rf'File "{re.escape(str(script))}", line (\d+)', trace)
    where = f"line {lines[-1]}: " if lines else ""
    kind = str(shown.type).rpartition(".")[2]
    return kind, f"{where}{kind}: {shown.message}"
