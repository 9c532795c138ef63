"""What was found out about a rubric -> a table for people, readable on a screen and in a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.verify.outcome import Outcome, Tally, Verified
from grader.verify.seeds import Spread

MOST_WORDS = 600
HOW = (
    "full_credit: the lowest run less the distance to the highest. no_credit: a third of the way from guessing to it.",
    "at_most of a time ratio: twice the slowest run by the fastest, at least 3; no_credit three times that.",
    "cell_seconds: four times the slowest run, at least 60. Note in the rubric which runs its numbers come from.",
)
STYLES = {
    "right": "green",
    "caught": "green",
    "missed": "bold red",
    "wrongly punished": "bold red",
    "not graded": "red",
}


def print_verified(console: Console, verified: Verified) -> None:
    """Print the table, then what is not as it should be, with what the verdicts said, then the sums."""
    console.print(Text(f"\n{verified.rubric.title}, profile {verified.profile}", style="bold"))
    console.print(criteria_table(verified))
    for outcome in verified.bad:
        console.print(Text(words(outcome), style=STYLES[outcome.result]))
        if outcome.case.about:
            console.print(Text(f"    {outcome.case.about}", style="italic"))
        for reason in outcome.reasons:
            console.print(Text(f"    - {_short(reason)}"))
    for sentence in sentences(verified):
        console.print(Text(sentence))


def criteria_table(verified: Verified) -> Table:
    """One row per criterion that a machine judges."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("Criterion", no_wrap=True)
    table.add_column("Check", no_wrap=True)
    for column in ("Caught", "Missed", "Wrongly\npunished", "Trivial\ncaught"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    asked = {outcome.question for outcome in verified.outcomes}
    for (question, criterion), tally in verified.tallies.items():
        if question in asked or not verified.left_out:
            table.add_row(f"{question}/{criterion}", *_row(tally), _remark((question, criterion), tally, verified))
    return table


def _row(tally: Tally) -> tuple[str | Text, ...]:
    trivial = f"{tally.trivial - tally.trivial_missed}/{tally.trivial}" if tally.trivial else "-"
    return (
        tally.check,
        str(tally.caught or "-"),
        _bad(tally.missed),
        _bad(tally.punished),
        Text(trivial, style=STYLES["missed"] if tally.trivial_missed else ""),
    )


def _bad(count: int) -> Text:
    return Text(str(count), style="bold red") if count else Text("-")


def _remark(place: tuple[str, str], tally: Tally, verified: Verified) -> str:
    untested = "untested" if place in verified.untested else ""
    waits = "left to a person" if tally.waits else ""
    return "; ".join(filter(None, [untested, waits]))


def words(outcome: Outcome) -> str:
    """One line: case, result, points, and which criteria did it."""
    done = outcome.caught if outcome.case.kind == "mutant" else ()
    by = [*done, *outcome.missed, *outcome.punished]
    several = f" {outcome.question}" if len(outcome.case.questions) > 1 else ""
    named = f" ({', '.join(by)})" if by else ""
    return f"{outcome.case.title}{several}: {outcome.result}{named}, {outcome.points:g} points"


def _short(text: str) -> str:
    return text if len(text) <= MOST_WORDS else f"{text[:MOST_WORDS]}…"


def sentences(verified: Verified) -> Iterator[str]:
    """The sums, and what is not tested at all."""
    right = verified.count("right", kinds=["reference", "alternative"])
    rights = verified.count("right", "wrongly punished", "not graded", kinds=["reference", "alternative"])
    yield f"Right answers: {right} of {rights} keep every point; {rights - right} wrongly punished"
    for kind, name in (("mutant", "Mutants:      "), ("trivial", "Trivial:      ")):
        caught = verified.count("caught", kinds=[kind])
        total = verified.count("caught", "missed", "not graded", kinds=[kind])
        yield f"{name} {caught} of {total} caught{_share(caught, total)}; {total - caught} missed"
    if verified.untested:
        yield f"Untested:      no mutant tests {_list([f'{q}/{c}' for q, c in verified.untested])}"
    if verified.unanswered:
        yield f"No reference:  nothing answers {_list(verified.unanswered)}"
    if verified.left_out:
        yield f"Left out:      {len(verified.left_out)} cases, by --only"
    kept = f", {verified.kept} runs kept from an earlier time (--fresh runs all)" if verified.kept else ""
    yield f"Time:          {verified.seconds:.0f} s{kept}"


def _share(caught: int, total: int) -> str:
    return f" ({100 * caught / total:.0f} %)" if total else ""


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)


def print_spreads(console: Console, title: str, found: Sequence[Spread]) -> None:
    """Print what was measured with several seeds, and what follows from it for the rubric."""
    console.print(Text(f"\n{title}: what the reference gives with other seeds", style="bold"))
    for spread in found:
        console.print(Text(f"{'/'.join(filter(None, [spread.question, spread.criterion]))}  {spread.words}"))
        now = f"   (now {_keys(spread.now)})" if spread.now else ""
        console.print(Text(f"    propose {_keys(spread.proposed)}{now}"))
    for line in HOW:
        console.print(Text(line))


def _keys(values: Mapping[str, float]) -> str:
    return ", ".join(f"{key}: {value:g}" for key, value in values.items())
