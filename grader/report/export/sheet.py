"""A table that a person downloaded from a learning platform: one column is changed, all else comes back as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.errors import OperatorError
from grader.report.tables import harmless

BOM = "\ufeff"
_DELIMITERS = ",;\t"
_AGAIN = "Download it again as CSV, and give it to --sheet as it is"


@dataclass(frozen=True)
class Sheet:
    """A table of text.

    Attributes:
        header: The first row.
        rows: All others, each as long as the header.
        delimiter: Between cells.
        end: Of a line.
        bom: What stands before the first cell: a byte order mark, or nothing.
    """

    header: list[str]
    rows: list[list[str]]
    delimiter: str
    end: str
    bom: str

    def column(self, name: str) -> int | None:
        """Place of the column of that name."""
        names = [title.strip().casefold() for title in self.header]
        return names.index(name.casefold()) if name.casefold() in names else None

    def cell(self, row: Sequence[str], name: str) -> str:
        """What stands in a column of a row; nothing where there is no such column."""
        place = self.column(name)
        return row[place].strip() if place is not None else ""

    def text(self, people: Sequence[str] = ()) -> str:
        """The file. Cells of the named columns, which students may have chosen, cannot be formulas in it."""
        places = {place for name in people if (place := self.column(name)) is not None}
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.delimiter, lineterminator=self.end)
        writer.writerow(self.header)
        writer.writerows([_safe(cell) if i in places else cell for i, cell in enumerate(row)] for row in self.rows)
        return self.bom + out.getvalue()


def _safe(name: str) -> str:
    formula = harmless(name).startswith("'") and not name.startswith("'")
    return f"'{name}" if formula else name


def read_sheet(content: bytes, needed: Mapping[str, str]) -> Sheet:
    """A downloaded table.

    Args:
        content: The file's bytes.
        needed: Columns that must be there, with what they are needed for.

    Raises:
        OperatorError: It is no such table.
    """
    text, bom = _decoded(content)
    end = "\r\n" if "\r\n" in text else "\n"
    first = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if row]
    except csv.Error as error:
        raise OperatorError(f"the downloaded sheet cannot be read as CSV: {error}", _AGAIN) from error
    if not rows:
        raise OperatorError("the downloaded sheet is empty", _AGAIN)
    header, *others = rows
    sheet = Sheet(header, [row + [""] * (len(header) - len(row)) for row in others], delimiter, end, bom)
    missing = [f"'{name}' ({why})" for name, why in needed.items() if sheet.column(name) is None]
    if missing:
        raise OperatorError(f"the downloaded sheet has no column {', '.join(missing)}", _AGAIN)
    return sheet


def _decoded(content: bytes) -> tuple[str, str]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise OperatorError("the downloaded sheet is not UTF-8: a spreadsheet program saved it anew", _AGAIN) from error
    return text.removeprefix(BOM), BOM if text.startswith(BOM) else ""


def number(text: str, decimal: str = ".") -> float | None:
    """The number in a cell; None if there is none."""
    try:
        return float(text.strip().replace(decimal, "."))
    except ValueError:
        return None
