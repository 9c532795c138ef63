"""Opens the gradebook: an SQLite file in the output folder, or any database by URL. Brings its tables up to date."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from grader.errors import OperatorError

FILE = "gradebook.db"
ID_FILE = "gradebook.id"
HEAD = "0001"
PATIENCE = 30  # seconds that a writer waits for another one
_CONNECT_SECONDS = 10
_MIGRATION_LOCK = 5_205_101  # any number that no other program takes for the same advisory lock
_FORMS = "Give sqlite:///file.db or postgresql://user@host/database"


def engine_for(folder: Path, url: str | None) -> Engine:
    """The database of an output folder, reachable and with the newest tables.

    Args:
        folder: Output folder, which holds the SQLite file where no URL is given.
        url: `sqlite:///file.db` or `postgresql://user:password@host/database`.

    Raises:
        OperatorError: It cannot be reached or written, or a newer grader made it.
    """
    address = _address(url) if url else URL.create("sqlite", database=str(folder / FILE))
    with in_words(address):
        engine = _engine(address)
        _up_to_date(engine)
    return engine


def batch_id(folder: Path) -> str:
    """What names an output folder in its gradebook; a new one gets a name, which moves with it.

    Raises:
        OperatorError: The folder cannot be written.
    """
    file = folder / ID_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("x", encoding="ascii") as new:
                new.write(secrets.token_hex(16))
        except FileExistsError:
            pass
        return file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"{file} cannot be used: {error}", "Choose a folder that you may write to") from error


@contextmanager
def in_words(address: URL) -> Iterator[None]:
    """Whatever a database says, said to whoever runs the grader.

    Raises:
        OperatorError: In place of any error of the database or its driver.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, ImportError) as error:
        what, remedy = _said(error)
        raise OperatorError(f"the gradebook {_name(address)} {what}", remedy) from error


def _said(error: Exception) -> tuple[str, str]:
    if isinstance(error, ImportError):
        return "needs a driver", "Install it: pip install 'dl-homework-grader[postgres]'"
    reason = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
    for sign, what, remedy in _KNOWN:
        if sign in reason.casefold():
            return what, remedy
    return f"does not work: {reason[:300]}", "Check the URL after --db, and the database itself"


_KNOWN = (
    ("locked", f"is in use: another grader has kept it locked for {PATIENCE} seconds", "Try again when that is done"),
    ("full", "cannot be written: the disk is full", "Free space, then run the same command again"),
    ("no space left", "cannot be written: the disk is full", "Free space, then run the same command again"),
    ("readonly", "cannot be written", "Change its permissions, or give another one with --db"),
    ("read-only", "cannot be written", "Change its permissions, or give another one with --db"),
    ("unable to open", "cannot be opened", "Check that its folder is there and yours to write"),
    ("not a database", "is no gradebook, or damaged", "Move it away, or restore it from a backup"),
    ("malformed", "is damaged", "Restore it from a backup"),
    (
        "can't locate revision",
        "was made by a newer grader",
        "Update this one: pip install --upgrade dl-homework-grader",
    ),
)


def _name(address: URL) -> str:
    return str(address.database) if address.drivername == "sqlite" else address.render_as_string(hide_password=True)


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise OperatorError("the URL of the gradebook cannot be read", _FORMS) from error
    if address.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return address.set(drivername="postgresql+psycopg")
    if address.drivername != "sqlite" or not address.database:
        raise OperatorError(f"no gradebook can be kept in '{address.drivername}'", _FORMS)
    return address


def _engine(address: URL) -> Engine:
    # No pool: a batch writes a few times a minute, and no connection may live on into a forked process.
    if address.drivername != "sqlite":
        return create_engine(address, poolclass=NullPool, connect_args={"connect_timeout": _CONNECT_SECONDS})
    engine = create_engine(address, poolclass=NullPool, connect_args={"timeout": PATIENCE})
    event.listen(engine, "connect", _plain_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def _plain_sqlite(connection: sqlite3.Connection, _: object) -> None:
    """The driver's own idea of transactions off. Source: SQLAlchemy's notes on the pysqlite dialect."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    """A writer takes its turn at once: two that both read first would be told `locked` without any waiting."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def writing(engine: Engine) -> Engine:
    """The same database for those who write."""
    return engine.execution_options(writes=True)


def _up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    with writing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        if _revision(connection) != HEAD:
            migrate(connection, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return str(revision) if revision else None


def migrate(connection: Connection, revision: str) -> None:
    """Bring the tables to a version, inside of the connection's transaction.

    Raises:
        OperatorError: The database is of a version that this grader does not know.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(resources.files("grader.gradebook") / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        what, remedy = _said(error)
        raise OperatorError(f"the gradebook {_name(connection.engine.url)} {what}", remedy) from error
