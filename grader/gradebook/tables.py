"""The gradebook's tables. Rows are only ever added: what counts is the latest one, what was before can be shown.

batches    one per output folder: the hand-ins of one class to one assignment
runs       each `grade` and `rescore`, with the rubric's hash and what being late cost then
traces     what was observed, by hash; the content stays in the traces folder
grades     what the checks gave, one row per hand-in and run
overrides  points that a person gave; without points: taken back
comments   what a person wrote to a student; without text: taken back
delays     by how much a hand-in was late, as a person said it; without hours: taken back
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, Index, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

# Names for constraints, without which Alembic could not change them later.
# Source: https://alembic.sqlalchemy.org/en/latest/naming.html
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
_HASH = String(64)
_NAME = String(200)


class UtcTime(TypeDecorator[datetime]):
    """A point in time; SQLite keeps no time zone, so all are UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """As UTC."""
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(naming_convention=_NAMES)


class Batch(Base):
    """One output folder of `grader grade`; the file `gradebook.id` in it holds its id."""

    __tablename__ = "batches"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    folder: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcTime)


class Run(Base):
    """One `grade` or `rescore`. `late` is the rubric's late policy with the deadline that counted, as JSON."""

    __tablename__ = "runs"

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(ForeignKey("batches.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    assignment: Mapped[str] = mapped_column(_NAME)
    rubric: Mapped[str] = mapped_column(Text)
    rubric_hash: Mapped[str] = mapped_column(_HASH)
    late: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[str] = mapped_column(String(50))
    by: Mapped[str] = mapped_column(_NAME)
    at: Mapped[datetime] = mapped_column(UtcTime)


class TraceRow(Base):
    """A trace by the SHA-256 of its JSON. `digest` is that of the hand-in's content."""

    __tablename__ = "traces"

    hash: Mapped[str] = mapped_column(_HASH, primary_key=True)
    batch: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    submission: Mapped[str] = mapped_column(_NAME, primary_key=True)
    digest: Mapped[str] = mapped_column(_HASH)
    profile: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcTime)


class GradeRow(Base):
    """What the checks gave one hand-in in one run.

    `criteria` has points by `question/criterion` (null: unscored), for whoever reads this with SQL; `content` is the
    whole `Grade` as JSON of the format `schema`, compressed by zlib. `trace` is null where there is no trace.
    """

    __tablename__ = "grades"
    __table_args__ = (Index(None, "submission", "run"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run: Mapped[int] = mapped_column(ForeignKey("runs.id"), index=True)
    submission: Mapped[str] = mapped_column(_NAME)
    student: Mapped[str] = mapped_column(Text)
    trace: Mapped[str | None] = mapped_column(_HASH)
    points: Mapped[float]
    max_points: Mapped[float]
    unscored_points: Mapped[float]
    problem: Mapped[str] = mapped_column(Text)
    criteria: Mapped[dict[str, Any]] = mapped_column(JSON)
    schema: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcTime)


class _Decided:
    """What every decision of a person has: about which hand-in, who and when."""

    id: Mapped[int] = mapped_column(primary_key=True)
    batch: Mapped[str] = mapped_column(ForeignKey("batches.id"))
    submission: Mapped[str] = mapped_column(_NAME)
    by: Mapped[str] = mapped_column(_NAME)
    at: Mapped[datetime] = mapped_column(UtcTime)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Index, ...]:  # noqa: N805  a class, as SQLAlchemy calls it
        """What counts is looked up by hand-in."""
        return (Index(None, "batch", "submission"),)


class OverrideRow(_Decided, Base):
    """Points that a person gave a criterion, with what the check gave then and the hand-in that the person saw."""

    __tablename__ = "overrides"

    question: Mapped[str] = mapped_column(_NAME)
    criterion: Mapped[str] = mapped_column(_NAME)
    points: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text)
    automatic: Mapped[float | None]
    max_points: Mapped[float]
    digest: Mapped[str] = mapped_column(_HASH)


class CommentRow(_Decided, Base):
    """A comment on a hand-in, on a question (`criterion` is empty), or on a criterion."""

    __tablename__ = "comments"

    question: Mapped[str] = mapped_column(_NAME)
    criterion: Mapped[str] = mapped_column(_NAME)
    text: Mapped[str] = mapped_column(Text)


class DelayRow(_Decided, Base):
    """Hours after the deadline as a person said it: 0 for a hand-in that is excused."""

    __tablename__ = "delays"

    hours: Mapped[float | None]
    reason: Mapped[str] = mapped_column(Text)
