"""What the readers of documents find, before it becomes cells: blocks in reading order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from grader.ingest.code import parses
from grader.ingest.mend import mended
from grader.ingest.tags import head_tag
from grader.records import Cell, CellKind, Note

MAX_SAVED_TEXT = 20_000
MAX_BLOCKS = 4_000


@dataclass(frozen=True, slots=True)
class Block:
    """A run of lines of one kind.

    Attributes:
        kind: Code, markdown or raw.
        text: With the indentation that was found.
        saved_text: What the document shows as printed by this code.
        execution_count: From the prompt, if there is one.
        pictures: Pictures in it, or printed by it.
    """

    kind: CellKind
    text: str
    saved_text: str = ""
    execution_count: int | None = None
    pictures: int = 0


def cells_of(blocks: Iterable[Block], origin: str, damage: str = "") -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    """Cells of blocks, with the code mended.

    Args:
        blocks: In reading order; blank ones are left out.
        origin: Name of the file.
        damage: What could have damaged code (`the PDF`), so that code which does not parse is not the student's fault;
            empty for formats that keep text as it is.
    """
    filled = [block for block in islice(blocks, MAX_BLOCKS + 1) if block.text.strip() or block.pictures]
    names = frozenset(name for block in filled if block.kind == "code" for name in words(block.text))
    cells: list[Cell] = []
    notes: list[Note] = []
    if len(filled) > MAX_BLOCKS:
        notes.append(Note("truncated", f"Only the first {MAX_BLOCKS} blocks of {origin} were read.", origin))
    for index, block in enumerate(filled[:MAX_BLOCKS]):
        cell = Cell(
            index=index,
            kind=block.kind,
            source=block.text,
            execution_count=block.execution_count,
            saved_text=block.saved_text[:MAX_SAVED_TEXT],
            question=head_tag(block.text),
            origin=origin,
            pictures=block.pictures,
        )
        if cell.kind == "code":
            cell, repairs = _mended(cell, names, damage)
            notes += [Note("repair", f"Cell {index}: {what}.", origin, cell=index) for what in repairs]
            if cell.damaged:
                lost = f"The code was damaged in {damage} and does not parse: please hand in the notebook or script."
                notes.append(Note("damaged", lost, origin, cell=index))
        cells.append(cell)
    return tuple(cells), tuple(notes)


def words(text: str) -> frozenset[str]:
    """All names in a text."""
    return frozenset("".join(c if c == "_" or c.isalnum() else " " for c in text).split())


def joined(blocks: Sequence[Block]) -> list[Block]:
    """Blocks, with neighbouring code blocks that only a page parted put together: those that alone do not parse."""
    result: list[Block] = []
    for block in blocks:
        last = result[-1] if result else None
        if last and last.kind == block.kind == "code" and not last.saved_text and _belongs_to(last.text, block.text):
            result[-1] = replace(last, text=f"{last.text}\n{block.text}", saved_text=block.saved_text)
        else:
            result.append(block)
    return result


def _belongs_to(first: str, second: str) -> bool:
    return second.startswith((" ", "\t")) or not (parses(first) and parses(second))


def _mended(cell: Cell, names: frozenset[str], damage: str) -> tuple[Cell, tuple[str, ...]]:
    source, repairs = mended(cell.source, names)
    damaged = damage if damage and not parses(source) else ""
    return replace(cell, source=source, damaged=damaged), repairs
