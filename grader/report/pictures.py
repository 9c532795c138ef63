"""The figures of a page: PNG as they were handed in, and smaller where there are so many that a page would burst."""

from __future__ import annotations

import base64
import io
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup
from PIL import Image

from grader.records import CriterionGrade, FigureShown, Grade

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
LARGEST_PICTURE = 2_000_000  # bytes
MOST_PIXELS = 16_000_000  # a small file may hold a picture that fills a reader's memory
PICTURES_OF_A_PAGE = 3_300_000  # bytes before base64 makes 4 of 3: the page stays under 5 MB
# Ever smaller and coarser: width in pixels and quality of WebP. Lines and letters of a plot stay readable in the first.
STEPS = ((1000, 75), (800, 60), (640, 50), (480, 40))


@dataclass(frozen=True)
class Picture:
    """A picture to put into a page: a data URI, its size in pixels, its number there, and whether it was reduced."""

    uri: str
    width: int
    height: int
    number: int
    reduced: bool = False

    @property
    def place(self) -> Markup:
        """What stands for its URI while templates are at work, which copy all they print several times.

        No other text has a NUL: `clean` takes it out of all that is printed.
        """
        return Markup(f"\0{self.number}\0")  # noqa: S704


@dataclass(frozen=True)
class _File:
    content: bytes
    width: int
    height: int
    kind: str = "png"


def pictures(grade: Grade, blobs: Mapping[str, bytes]) -> dict[str, Picture]:
    """The pictures of a page by blob name, in the order of the page. What is no PNG is left out.

    Where all together are too large, each has its fair part of the room: small ones stay as they are and leave the rest
    of their part to the large ones, which are reduced until they fit.
    """
    files = {name: file for name in _shown(grade) if (file := _png(blobs.get(name, b"")))}
    fitted = _fitted(files, PICTURES_OF_A_PAGE)
    kept = [name for name in files if name in fitted]
    return {name: _picture(fitted[name], number) for number, name in enumerate(kept, 1)}


def in_place(page: str, shown: Iterable[Picture]) -> str:
    """The page with the URIs of its pictures where their places are."""
    uris = {str(picture.number): picture.uri for picture in shown}
    parts = page.split("\0")
    parts[1::2] = [uris[number] for number in parts[1::2]]
    return "".join(parts)


def _fitted(files: Mapping[str, _File], room: int) -> dict[str, _File]:
    fitted: dict[str, _File] = {}
    smallest_first = sorted(files, key=lambda name: len(files[name].content))
    for index, name in enumerate(smallest_first):
        file = _reduced(files[name], room // (len(files) - index))
        if file is not None:
            fitted[name] = file
            room -= len(file.content)
    return fitted


def _reduced(file: _File, room: int) -> _File | None:
    """The picture in at most so many bytes; None where that is not possible, or where it is damaged."""
    if len(file.content) <= room:
        return file
    try:
        with Image.open(io.BytesIO(file.content), formats=["PNG"]) as opened:
            image = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # what Pillow raises for a damaged PNG
        return None
    for width, quality in STEPS:
        image.thumbnail((width, 4 * width))
        target = io.BytesIO()
        image.save(target, "WEBP", quality=quality)
        if target.tell() <= room:
            return _File(target.getvalue(), image.width, image.height, "webp")
    return None


def _shown(grade: Grade) -> Iterator[str]:
    """Blob names in the order of the page; each once."""
    criteria = (c for question in grade.questions for c in question.criteria if c.public)
    return iter(dict.fromkeys(exhibit.png for exhibit in _figures(criteria)))


def _figures(criteria: Iterable[CriterionGrade]) -> Iterator[FigureShown]:
    for criterion in criteria:
        yield from (exhibit for exhibit in criterion.verdict.exhibits if isinstance(exhibit, FigureShown))


def _png(content: bytes) -> _File | None:
    """A PNG with the size that its first chunk says; None for what is not one or is too large.

    Source: https://www.w3.org/TR/png-3/#11IHDR.
    """
    if len(content) > LARGEST_PICTURE or content[:8] != PNG_MAGIC or content[12:16] != b"IHDR" or len(content) < 33:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return _File(content, width, height) if 0 < width * height <= MOST_PIXELS else None


def _picture(file: _File, number: int) -> Picture:
    # base64 has no character that means anything in HTML, so it needs no escaping and may be longer than other text.
    uri = f"data:image/{file.kind};base64,{base64.b64encode(file.content).decode()}"
    return Picture(uri, file.width, file.height, number, reduced=file.kind != "png")
