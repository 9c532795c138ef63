"""What a new scoring changed: for a screen, and every line of it as CSV."""

from __future__ import annotations

import csv
import io

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.records import Change, Difference, Move, Points
from grader.report import wording
from grader.report.clean import one_line
from grader.report.tables import harmless

MOST_ROWS = 20


def difference_csv(difference: Difference) -> str:
    """One row per hand-in and criterion whose points changed; an empty cell stands for unscored."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "student", "total_before", "total_after", "criterion", "before", "after"])
    for move in difference.moves:
        whose = [harmless(move.submission), harmless(move.student), _cell(move.before), _cell(move.after)]
        for change in move.changes or (Change("", "", None, None),):
            writer.writerow([*whose, harmless(change.place), _cell(change.before), _cell(change.after)])
    return text.getvalue()


def print_difference(console: Console, difference: Difference, file: str) -> None:
    """Who moved and by which criterion: the class first, then those who moved most, then overrides that clash."""
    if not difference.compared:
        console.print("No earlier grades in the gradebook: nothing to compare.", soft_wrap=True)
        return
    moved, all_of_them = len(difference.moves), wording.count(difference.compared, "hand-in")
    console.print(Text(f"Moved:        {moved:,} of {all_of_them}{_ways(difference)}"), soft_wrap=True)
    if moved:
        console.print(_criteria(difference))
        console.print(_people(difference))
        console.print(Text(f"Every change: {file}"), soft_wrap=True)
    for student, place, what in difference.clashes[:MOST_ROWS]:
        console.print(Text(f"Override kept, but it clashes: {one_line(student, 40)} {place}: {what}"), soft_wrap=True)
    if len(difference.clashes) > MOST_ROWS:
        console.print(f"and {len(difference.clashes) - MOST_ROWS} more clashes: see grader review list", soft_wrap=True)


def _ways(difference: Difference) -> str:
    up = sum(move.by > 0 for move in difference.moves)
    down = sum(move.by < 0 for move in difference.moves)
    return f" ({up:,} up, {down:,} down)" if up or down else ""


def _criteria(difference: Difference) -> Table:
    table = _table("By criterion", "Hand-ins", "Mean change")
    for place, changes in list(difference.by_criterion.items())[:MOST_ROWS]:
        mean = sum((c.after or 0) - (c.before or 0) for c in changes) / len(changes)
        table.add_row(Text(place), f"{len(changes):,}", _signed(mean))
    return table


def _people(difference: Difference) -> Table:
    table = _table("By hand-in", "Before", "After", "Change")
    table.add_column("Because of", overflow="fold")
    for move in sorted(difference.moves, key=lambda move: -abs(move.by))[:MOST_ROWS]:
        table.add_row(
            Text(one_line(move.student, 40)), _words(move.before), _words(move.after), _signed(move.by), _why(move)
        )
    if len(difference.moves) > MOST_ROWS:
        table.add_row(f"and {len(difference.moves) - MOST_ROWS:,} more", "", "", "", Text())
    return table


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column(first, overflow="fold", max_width=40)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _why(move: Move) -> Text:
    parts = [f"{c.place} {_words(c.before)} → {_words(c.after)}" for c in move.changes]
    return Text(one_line(", ".join(parts), 160))


def _words(points: Points) -> str:
    return "none" if points is None else wording.points(points)


def _signed(points: float) -> str:
    return f"{'+' if points > 0 else ''}{wording.points(points)}"


def _cell(points: Points) -> float | str:
    return "" if points is None else round(points, 4)
