"""The gradebook of one output folder: what the checks gave, what people decided, who and when."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Select, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from grader.errors import OperatorError
from grader.gradebook.decided import DecidedRows, decisions_of, history_of
from grader.gradebook.effective import NOTHING, WHOLE, Decisions, Place, automatic, effective
from grader.gradebook.opening import batch_id, engine_for, in_words, writing
from grader.gradebook.stored import Entry, entry, storable, unpacked
from grader.gradebook.tables import Base, Batch, CommentRow, DelayRow, GradeRow, OverrideRow, Run, TraceRow
from grader.records import CriterionGrade, Event, Grade
from grader.rubric import LatePolicy, Rubric

_LONGEST_NAME = 200


def open_gradebook(folder: Path, url: str | None = None) -> Gradebook:
    """The gradebook of an output folder; makes it where there is none.

    Args:
        folder: The `--out` folder of a batch.
        url: `postgresql://...` or `sqlite:///...`; None for `gradebook.db` in the folder.

    Raises:
        OperatorError: The database cannot be reached, read or written.
    """
    batch = batch_id(folder)
    return Gradebook(engine_for(folder, url), batch, folder)


def existing_gradebook(folder: Path, url: str | None = None) -> Gradebook:
    """The gradebook of a folder in which something was graded.

    Raises:
        OperatorError: Nothing was, or the database cannot be reached or read.
    """
    book = open_gradebook(folder, url) if (folder / "traces").is_dir() else None
    if book is None or not book.students():
        raise OperatorError(
            f"{folder} has no grades in its gradebook",
            "Give the --out folder of an earlier 'grader grade' and its --db; 'grader rescore' enters older runs",
        )
    return book


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A `grade` or `rescore` that is going on.

    Attributes:
        book: Where its grades go.
        id: Of its row.
        policy: What being late costs.
    """

    book: Gradebook
    id: int
    policy: LatePolicy | None

    def record(self, grade: Grade, trace: str | None) -> Grade:
        """Enter what the checks gave one hand-in, with the hash of its trace. Returns the grade that counts.

        Raises:
            OperatorError: The database cannot be written.
        """
        self.book.add(self.id, [entry(grade, trace)])
        decisions = self.book.decisions(grade.submission)
        return effective(grade, decisions.get(grade.submission, NOTHING), self.policy)


@dataclass(frozen=True, slots=True)
class Gradebook:
    """The rows of one batch in a database. Every method raises `OperatorError` where the database fails.

    Attributes:
        engine: The database.
        batch: Id of the batch.
        folder: Its output folder.
    """

    engine: Engine
    batch: str
    folder: Path

    # --- what the checks gave ---

    def begin(self, kind: str, rubric: Rubric) -> OpenRun:
        """Note that a run begins. Its late policy counts from now on."""
        policy = self.policy_of(rubric)
        row = _signed(
            batch=self.batch,
            kind=kind,
            assignment=rubric.assignment[:_LONGEST_NAME],
            rubric=storable(str(rubric.path)),
            rubric_hash=rubric.hash,
            late=policy.model_dump(mode="json") if policy else None,
            version=version("dl-homework-grader"),
        )
        with self._writing() as session:
            folder = storable(str(self.folder.resolve()))
            session.execute(self._once(Batch), {"id": self.batch, "folder": folder, "at": row["at"]})
            run = session.execute(insert(Run).values(row).returning(Run.id)).scalar_one()
        return OpenRun(self, run, policy)

    def add(self, run: int, entries: Sequence[Entry]) -> None:
        """Enter what the checks gave: all or, where that fails, nothing."""
        at = datetime.now(UTC)
        traces = [self._trace_row(one, at) for one in entries if one.trace]
        with self._writing() as session:
            if traces:
                session.execute(self._once(TraceRow), traces)
            session.execute(insert(GradeRow), [{**one.row, "run": run, "at": at} for one in entries])

    def automatic(self, submission: str = "") -> tuple[Grade, ...]:
        """What the checks gave last, of one hand-in or of all, in the order of their names."""
        query = select(GradeRow.content).where(GradeRow.id.in_(self._latest(submission)))
        with self._reading() as session:
            contents = session.scalars(query.order_by(GradeRow.submission)).all()
        return tuple(map(unpacked, contents))

    def students(self) -> Mapping[str, str]:
        """Name of the student by id of the submission."""
        query = select(GradeRow.submission, GradeRow.student).where(GradeRow.id.in_(self._latest()))
        with self._reading() as session:
            return dict(session.execute(query.order_by(GradeRow.submission)).all())

    def policy(self) -> LatePolicy | None:
        """What being late costs, as of the last run."""
        query = select(Run.late).where(Run.batch == self.batch).order_by(Run.id.desc()).limit(1)
        with self._reading() as session:
            late = session.scalar(query)
        return LatePolicy.model_validate(late) if late else None

    def policy_of(self, rubric: Rubric) -> LatePolicy | None:
        """What being late costs by a rubric; without a deadline of its own, that of the last run counts."""
        policy, last = rubric.late, self.policy()
        return policy.model_copy(update={"due": last.due}) if policy and not policy.due and last else policy

    def _trace_row(self, one: Entry, at: datetime) -> dict[str, Any]:
        names = {"hash": one.trace, "batch": self.batch, "submission": one.row["submission"]}
        return {**names, "digest": one.digest, "profile": one.profile, "at": at}

    def _latest(self, submission: str = "") -> Select[int]:
        newest = select(func.max(GradeRow.id)).join(Run, Run.id == GradeRow.run).where(Run.batch == self.batch)
        return (newest.where(GradeRow.submission == submission) if submission else newest).group_by(GradeRow.submission)

    # --- what people decide ---

    def override(
        self, grade: Grade, question: str, criterion: CriterionGrade, points: float | None, why: str, by: str
    ) -> None:
        """Set a criterion's points, or take that back with None.

        Args:
            grade: What the checks gave the hand-in.
            question: Id of the question.
            criterion: What the check gave.
            points: From 0 to the criterion's points.
            why: The reason, which the student reads.
            by: Who decides.
        """
        place, gave = (question, criterion.id), automatic(criterion)
        self._enter(
            OverrideRow, by, **_override(grade, place, points, why), automatic=gave, max_points=criterion.max_points
        )

    def override_all(self, grade: Grade, points: float | None, why: str, by: str) -> None:
        """Give points to a hand-in that could not be graded, or take that back with None."""
        self._enter(
            OverrideRow, by, **_override(grade, WHOLE, points, why), automatic=None, max_points=grade.max_points
        )

    def comment(self, submission: str, place: Place, text: str, by: str) -> None:
        """Write to the student about a criterion, a question or the whole hand-in; no text takes that back."""
        question, criterion = place
        self._enter(CommentRow, by, submission=submission, question=question, criterion=criterion, text=storable(text))

    def delay(self, submission: str, hours: float | None, why: str, by: str) -> None:
        """Say by how many hours a hand-in was late: 0 excuses it, None takes it back."""
        self._enter(DelayRow, by, submission=submission, hours=hours, reason=storable(why))

    def decisions(self, submission: str = "") -> Mapping[str, Decisions]:
        """What people decided, of one hand-in or of all, by submission."""
        with self._reading() as session:
            return decisions_of(self._decided(session, submission))

    def history(self, submission: str) -> tuple[Event, ...]:
        """All that was ever graded or decided of one hand-in, the oldest first."""
        query = select(GradeRow, Run).join(Run, Run.id == GradeRow.run)
        query = query.where(Run.batch == self.batch, GradeRow.submission == submission).order_by(GradeRow.id)
        with self._reading() as session:
            return history_of(session.execute(query).all(), self._decided(session, submission))

    def _enter(self, table: type[Base], by: str, **values: object) -> None:
        with self._writing() as session:
            session.execute(insert(table).values(_signed(by, batch=self.batch, **values)))

    def _decided(self, session: Session, submission: str) -> DecidedRows:
        def rows(table: Any) -> Any:
            query = select(table).where(table.batch == self.batch).order_by(table.id)
            return session.scalars(query.where(table.submission == submission) if submission else query).all()

        return DecidedRows(rows(OverrideRow), rows(CommentRow), rows(DelayRow))

    # --- what counts ---

    def grades(self) -> tuple[Grade, ...]:
        """The grades that count, in the order of the submissions' names."""
        decisions, policy = self.decisions(), self.policy()
        return tuple(effective(g, decisions.get(g.submission, NOTHING), policy) for g in self.automatic())

    # --- the database ---

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with in_words(self.engine.url), Session(self.engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with in_words(self.engine.url), Session(writing(self.engine)) as session, session.begin():
            yield session

    def _once(self, table: type[Base]) -> Any:
        """An `INSERT` that leaves rows alone that are there already."""
        dialect = sqlite if self.engine.dialect.name == "sqlite" else postgresql
        return dialect.insert(table).on_conflict_do_nothing()


def _override(grade: Grade, place: Place, points: float | None, why: str) -> dict[str, Any]:
    question, criterion = place
    names = {"submission": grade.submission, "question": question, "criterion": criterion, "digest": grade.digest}
    return {**names, "points": points, "reason": storable(why)}


def _signed(by: str = "", **values: object) -> dict[str, Any]:
    """A row with who and when."""
    return {**values, "by": storable(by or whoever())[:_LONGEST_NAME], "at": datetime.now(UTC)}


def whoever() -> str:
    """The name of the person at this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container without that user
        return "unknown"
