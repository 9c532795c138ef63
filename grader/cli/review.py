"""`grader review`: what waits for a person, and what people decide. Every decision is kept; the latest counts."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from grader.cli.options import db_option
from grader.errors import OperatorError
from grader.gradebook import Gradebook, existing_gradebook, waiting
from grader.records import CriterionGrade, Grade, QuestionGrade
from grader.report import print_history, print_reviewed, print_waiting
from grader.rescore import refresh

RUN = click.argument("run_dir", type=click.Path(path_type=Path))
STUDENT = click.argument("student")
by_option = click.option("--by", default="", help="Who decides.  [default: your user name]")
why_option = click.option("--why", default="", help="The reason; the student reads it.")
BACK = "automatic"
CONFIRM = "confirm"
ALL = "all"


@click.group()
def review() -> None:
    """What waits for a person: list it, show it, set points, write to students.

    RUN_DIR is the --out folder of `grader grade`; STUDENT is a name, a part of one, or the name of a page.

    \b
    Examples:
      grader review list grader-out
      grader review show grader-out alice q2
      grader review set grader-out alice q2/text 4.5 --why "no word on pooling"
      grader review note grader-out alice q2 "See chapter 9 on pooling."
      grader review late grader-out alice 30
    """


@review.command(name="list")
@RUN
@click.option("--question", "-q", default="", help="Only this question.")
@db_option
def list_(run_dir: Path, question: str, db: str | None) -> None:
    """Show what waits for a person, question by question.

    \b
    Examples:
      grader review list grader-out
      grader review list grader-out --question q2
    """
    book = existing_gradebook(run_dir, db)
    items = waiting(book.grades(), book.decisions())
    print_waiting(console(), [item for item in items if question in {"", item.question}])


@review.command()
@RUN
@STUDENT
@click.argument("place", default="")
@db_option
def show(run_dir: Path, student: str, place: str, db: str | None) -> None:
    """Show one hand-in, one of its questions (q2) or criteria (q2/text), and all that was decided about it.

    \b
    Examples:
      grader review show grader-out alice
      grader review show grader-out alice q2
    """
    book = existing_gradebook(run_dir, db)
    name = found(book, student)
    grade = next(grade for grade in book.grades() if grade.submission == name)
    question, _ = place_in(grade, place) if place else (None, None)
    print_reviewed(console(), grade, question)
    print_history(console(), [event for event in book.history(name) if is_in(event.place, place)])


@review.command(name="set")
@RUN
@STUDENT
@click.argument("place")
@click.argument("points")
@why_option
@by_option
@db_option
def set_(run_dir: Path, student: str, place: str, points: str, why: str, by: str, db: str | None) -> None:
    """Give a criterion points in place of the check's. A later re-score keeps them, and says where they clash.

    PLACE is a criterion (q2/text; q2 alone where it has only one), or `all` for a hand-in that could not be graded.
    POINTS is a number; `automatic` goes back to what the check gives; `confirm` on a question or criterion says that
    the check is right, also about which cells are the answer.

    \b
    Examples:
      grader review set grader-out alice q2/text 4.5 --why "no word on pooling"
      grader review set grader-out alice q2/text automatic
      grader review set grader-out alice q6 confirm
      grader review set grader-out bob all 25 --why "read on paper"
    """
    book = existing_gradebook(run_dir, db)
    name = found(book, student)
    (grade,) = book.automatic(name)
    if place == ALL:
        book.override_all(grade, whole_points(grade, points), why, by)
    else:
        question, criterion = place_in(grade, place)
        for one in chosen(question, criterion, points):
            book.override(grade, question.id, one, points_of(one, points), why, by)
    say(refresh(run_dir, book, name))


@review.command()
@RUN
@STUDENT
@click.argument("words", nargs=-1, required=True)
@by_option
@db_option
def note(run_dir: Path, student: str, words: tuple[str, ...], by: str, db: str | None) -> None:
    """Write to a student: on the hand-in, or on a question (q2) or criterion (q2/text). "" takes a note back.

    \b
    Examples:
      grader review note grader-out alice "A fine piece of work."
      grader review note grader-out alice q2/text "See chapter 9 on pooling."
    """
    book = existing_gradebook(run_dir, db)
    name = found(book, student)
    if len(words) > 2:
        raise click.UsageError('put the note into quotes: grader review note grader-out alice q2 "See chapter 9."')
    question, criterion = place_in(book.automatic(name)[0], words[0]) if len(words) == 2 else (None, None)
    place = (question.id if question else "", criterion.id if criterion else "")
    book.comment(name, place, words[-1].strip(), by)
    say(refresh(run_dir, book, name))


@review.command()
@RUN
@STUDENT
@click.argument("hours")
@why_option
@by_option
@db_option
def late(run_dir: Path, student: str, hours: str, why: str, by: str, db: str | None) -> None:
    """Say how many hours after the deadline a hand-in came: 0 excuses it. The rubric says what that costs.

    \b
    Examples:
      grader review late grader-out alice 30
      grader review late grader-out alice 0 --why "was ill"
      grader review late grader-out alice automatic
    """
    book = existing_gradebook(run_dir, db)
    name = found(book, student)
    if book.policy() is None:
        click.echo("The rubric of the last run does not say what being late costs: this counts when it does.")
    book.delay(name, None if hours == BACK else number(hours, 100_000), why, by)
    say(refresh(run_dir, book, name))


# --- what was typed ---------------------------------------------------------------------------------------------------


def found(book: Gradebook, student: str) -> str:
    """Id of the hand-in of a student.

    Raises:
        OperatorError: There is none, or more than one.
    """
    students = book.students()
    if student in students:
        return student
    wanted = student.casefold()
    same = [name for name, shown in students.items() if shown.casefold() == wanted]
    near = same or [name for name, shown in students.items() if wanted in f"{name} {shown}".casefold()]
    if len(near) == 1:
        return near[0]
    if not near:
        raise OperatorError(f"no hand-in of '{student}' in {book.folder}", "See 'grader review list' for the names")
    raise OperatorError(f"'{student}' may be {', '.join(near[:6])}", "Give the whole name")


def place_in(grade: Grade, place: str) -> tuple[QuestionGrade, CriterionGrade | None]:
    """A question and, where it is named or the only one, a criterion of it.

    Raises:
        OperatorError: The hand-in has no such place.
    """
    name, _, part = place.partition("/")
    question = next((q for q in grade.questions if q.id == name), None)
    if question is None:
        known = ", ".join(q.id for q in grade.questions)
        remedy = f"There are: {known}" if known else f"It could not be graded: give '{ALL}' of it points, or a note"
        raise OperatorError(f"there is no question '{name}'", remedy)
    criterion = next((c for c in question.criteria if c.id == part), None)
    if part and criterion is None:
        known = ", ".join(f"{name}/{c.id}" for c in question.criteria)
        raise OperatorError(f"there is no criterion '{place}'", f"There are: {known}")
    return question, criterion


def is_in(inner: str, outer: str) -> bool:
    """Whether a place is another one, or lies in it."""
    return not outer or inner == outer or inner.startswith(f"{outer}/")


def chosen(question: QuestionGrade, criterion: CriterionGrade | None, points: str) -> tuple[CriterionGrade, ...]:
    """The criteria that are to be set.

    Raises:
        OperatorError: Points were given to a question of several criteria, or a check that gave none is confirmed.
    """
    criteria = (criterion,) if criterion else question.criteria
    if len(criteria) > 1 and points not in {BACK, CONFIRM}:
        known = ", ".join(f"{question.id}/{c.id}" for c in criteria)
        raise OperatorError(f"{question.id} has several criteria", f"Set one of them: {known}")
    unscored = [c.id for c in criteria if c.verdict.share is None]
    if points == CONFIRM and unscored:
        raise OperatorError(f"there is nothing to confirm: {', '.join(unscored)} got no points", "Set them to a number")
    return criteria


def whole_points(grade: Grade, points: str) -> float | None:
    """The points that were typed for a whole hand-in.

    Raises:
        OperatorError: It was graded by its criteria.
    """
    if points == BACK:
        return None
    if not grade.problem:
        raise OperatorError(f"{grade.submission} was graded", "Set its criteria one by one")
    return number(points, grade.max_points)


def points_of(criterion: CriterionGrade, points: str) -> float | None:
    """The points that were typed; None goes back to the check's."""
    if points == BACK:
        return None
    return criterion.points if points == CONFIRM else number(points, criterion.max_points)


def number(text: str, most: float) -> float:
    """A number from 0 to `most`."""
    try:
        value = float(text.replace(",", "."))
    except ValueError as error:
        raise click.UsageError(f"'{text}' is no number, and not '{BACK}'") from error
    if not 0 <= value <= most:
        raise click.UsageError(f"{value:g} is not between 0 and {most:g}")
    return value


def console() -> Console:
    """For tables: as wide as the terminal, and wide enough in a log."""
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(highlight=False, width=140)


def say(grade: Grade) -> None:
    """What the hand-in has now."""
    waits = f", {grade.unscored_points:g} points wait" if grade.unscored_points else ""
    late_ = f" ({grade.lateness.words})" if grade.lateness else ""
    click.echo(
        f"{grade.submission}: {grade.points:g} of {grade.max_points:g} points{waits}{late_}; pages are up to date"
    )
