"""`.html` becomes cells: exports of nbconvert (classic, lab, basic), and other pages by their `pre` elements.

Source of the class names: nbconvert's templates `classic` (`div.cell`, `div.input_area`) and `lab` (`div.jp-Cell`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from grader.errors import SubmissionError
from grader.ingest.blocks import Block, cells_of
from grader.ingest.code import is_code, parses
from grader.ingest.plain import text_blocks
from grader.ingest.reading import MEGABYTE, read_text
from grader.records import Cell, CellKind, Note

MAX_BYTES = 100 * MEGABYTE
MAX_MARKUP = 6 * MEGABYTE
MAX_DEPTH = 100
DATA = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=\s]*")
CELL = "div.jp-Cell, div.cell.code_cell, div.cell.text_cell, div.cell.border-box-sizing"
INPUT = "div.jp-InputArea-editor pre, div.jp-Editor pre, div.input_area pre, div.inner_cell pre"
TEXT = "div.jp-RenderedMarkdown, div.jp-MarkdownOutput, div.text_cell_render, div.rendered_html"
OUTPUT = "div.jp-OutputArea-output pre, div.output_subarea pre, div.output_area pre"
PICTURES = "div.jp-OutputArea img, div.output img, div.jp-OutputArea svg, div.output svg"
PROMPT = re.compile(r"\[\s*(\d{1,9})\s*\]")
SKIPPED = frozenset({"script", "style", "head", "title", "meta", "link", "nav", "footer", "button", "noscript", "svg"})
HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
PARAGRAPHS = frozenset({"p", "div", "section", "article", "li", "ul", "ol", "tr", "table", "blockquote", "br", "hr"})
BOLD = frozenset({"b", "strong"})


def read_webpage(file: Path, origin: str) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    """The cells of a page.

    Raises:
        SubmissionError: Too large, binary, or no page.
    """
    text, notes = read_text(file, MAX_BYTES)
    markup = DATA.sub("data:", text)
    if len(markup) > MAX_MARKUP:
        raise SubmissionError(
            f"{file.name} has {len(markup) / MEGABYTE:.0f} MB without its pictures; at most "
            f"{MAX_MARKUP / MEGABYTE:.0f} MB can be read",
            "Hand in the notebook (.ipynb) itself",
        )
    page = BeautifulSoup(markup, "lxml")
    cells, repairs = cells_of(page_blocks(page), origin)
    return cells, notes + repairs


def page_blocks(page: BeautifulSoup) -> Iterator[Block]:
    """The blocks of a page: the cells of an exported notebook, else what stands in its body."""
    cells = [cell for cell in page.select(CELL) if not cell.find_parent("div", class_=["jp-Cell", "cell"])]
    if cells:
        for cell in cells:
            yield _notebook_cell(cell)
    else:
        yield from _body_blocks(page.body or page)


def _notebook_cell(cell: Tag) -> Block:
    classes = cell.get_attribute_list("class")
    rendered = cell.select_one(TEXT)
    if rendered is not None and "jp-CodeCell" not in classes and "code_cell" not in classes:
        return Block("markdown", markdown_of(rendered), pictures=len(rendered.select("img")))
    source = cell.select_one(INPUT)
    text = "" if source is None else source.get_text().strip("\n")
    prompt = PROMPT.search(_text(cell.select_one("div.jp-InputPrompt, div.prompt")))
    printed = "\n".join(output.get_text().strip("\n") for output in cell.select(OUTPUT))
    kind: CellKind = "raw" if "jp-RawCell" in classes else "code"
    count = int(prompt[1]) if prompt else None
    return Block(kind, text, printed, count, len(cell.select(PICTURES)))


def _text(tag: Tag | None) -> str:
    return "" if tag is None else tag.get_text(" ")


def _body_blocks(body: Tag) -> Iterator[Block]:
    """The text of a page parted at its `pre` elements."""
    marker = "\x00{}\x00"
    codes = [pre for pre in body.find_all("pre") if pre.find_parent("pre") is None]
    texts = [pre.get_text().strip("\n") for pre in codes]
    languages = [" ".join(_classes(pre)).lower() for pre in codes]
    for number, pre in enumerate(codes):
        pre.replace_with(NavigableString(f"\n\n{marker.format(number)}\n\n"))
    parts = re.split(r"\x00(\d+)\x00", markdown_of(body))
    for place, part in enumerate(parts):
        if place % 2:
            yield _preformatted(texts[int(part)], languages[int(part)])
        else:
            yield from text_blocks(part.split("\n"))


def _classes(pre: Tag) -> Iterator[str]:
    for tag in (pre, pre.parent, pre.find("code")):
        if isinstance(tag, Tag):
            yield from (str(name) for name in tag.get_attribute_list("class") if name)


def _preformatted(text: str, language: str) -> Block:
    code = "python" in language or (any(map(is_code, text.split("\n"))) and parses(text))
    return Block("code" if code else "markdown", text)


def markdown_of(tag: Tag) -> str:
    """The text of an element with headings, lists, bold letters and code written as Markdown."""
    lines = "".join(_markdown(tag, MAX_DEPTH)).replace("\u00b6", "").split("\n")
    kept = (line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")


def _markdown(tag: Tag, depth: int) -> Iterator[str]:
    item = _first_number(tag)
    for child in tag.children:
        if isinstance(child, PreformattedString):  # comments, CDATA and their like are no text
            continue
        if isinstance(child, NavigableString):
            yield re.sub(r"[ \t\r\n]+", " ", child) if child.strip() and "\x00" not in child else _blank(child)
        elif isinstance(child, Tag) and child.name not in SKIPPED:
            yield from _element(child, depth - 1, item) if depth else [child.get_text(" ")]
            item += child.name == "li" and item > 0


def _blank(child: str) -> str:
    return child if "\x00" in child else " " if child else ""


def _first_number(tag: Tag) -> int:
    """Number of the first item of a numbered list; 0 for everything else."""
    start = str(tag.get("start", "1"))
    return 0 if tag.name != "ol" else int(start) if start.isdecimal() and len(start) < 6 else 1


def _element(tag: Tag, depth: int, item: int) -> Iterator[str]:
    if tag.name == "pre":
        yield f"\n\n```\n{tag.get_text().strip(chr(10))}\n```\n\n"
        return
    inner = "".join(_markdown(tag, depth))
    if tag.name in HEADINGS:
        yield f"\n\n{HEADINGS[tag.name]}{' '.join(inner.split())}\n\n"
    elif tag.name in BOLD and inner.strip() and "\n" not in inner:
        yield f"**{inner.strip()}** "
    elif tag.name in ("td", "th"):
        yield f"{inner.strip()} | "
    elif tag.name == "li":
        yield f"\n{f'{item}.' if item else '-'} {inner.strip()}\n"
    elif tag.name == "p":
        yield f"\n\n{inner.strip()}\n\n"
    else:
        yield f"\n{inner}\n" if tag.name in PARAGRAPHS else inner
