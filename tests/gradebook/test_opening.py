"""Databases as they are found: empty, of an older version, of a newer one, locked, full, damaged, out of reach."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, text

from grader.errors import OperatorError
from grader.gradebook import entry, open_gradebook, opening
from grader.gradebook.opening import HEAD, engine_for, migrate, writing
from grader.gradebook.tables import Base

VERSIONS = Path(__file__).parent / "versions"


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(opening.__file__).with_name("migrations")))
    return ScriptDirectory.from_config(config)


def test_the_code_knows_the_newest_version():
    assert scripts().get_current_head() == HEAD


def test_migrations_give_the_tables_of_the_code(url, tmp_path):
    with engine_for(tmp_path, url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_every_version_has_a_gradebook_to_come_from():
    assert {path.stem for path in VERSIONS.glob("*.sql")} == {script.revision for script in scripts().walk_revisions()}


@pytest.mark.parametrize("version", sorted(path.stem for path in VERSIONS.glob("*.sql")))
def test_a_gradebook_of_each_version_is_read_with_all_that_is_in_it(tmp_path, version):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / opening.ID_FILE).write_text("b" * 32)
    with sqlite3.connect(folder / opening.FILE) as connection:
        connection.executescript((VERSIONS / f"{version}.sql").read_text(encoding="utf-8"))
    connection.close()
    book = open_gradebook(folder)
    (grade,) = book.grades()
    assert (grade.student, grade.points, grade.questions[1].criteria[0].override.by) == ("Ada", 6.3, "eve")
    assert grade.comment.text == "Well done, Ada"
    assert [event.what.split(":")[0] for event in book.history("ada")] == [
        "grade",
        "set to 5 of 6 (check",
        "comment",
        "late by 3 hours",
    ]


@pytest.mark.postgres
def test_each_step_can_be_made_on_postgresql(postgres, tmp_path):
    engine = opening._engine(opening._address(postgres()))
    for script in reversed(list(scripts().walk_revisions())):
        with writing(engine).begin() as connection:
            migrate(connection, script.revision)
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == script.revision


OPEN = """
import sys
from pathlib import Path
from grader.gradebook import open_gradebook
open_gradebook(Path(sys.argv[1]), sys.argv[2])
"""


def test_several_graders_may_open_a_new_gradebook_at_once(url, tmp_path):
    arguments = [sys.executable, "-c", OPEN, str(tmp_path), url]
    started = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    errors = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0] * 4, errors


# --- what goes wrong -------------------------------------------------------------------------------------------------


def said(folder: Path, url: str | None = None) -> str:
    with pytest.raises(OperatorError) as caught:
        open_gradebook(folder, url)
    assert caught.value.remedy
    return caught.value.message


def test_a_newer_gradebook_is_left_alone(url, tmp_path):
    with engine_for(tmp_path, url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "was made by a newer grader" in said(tmp_path, url)


@pytest.mark.parametrize(
    "content", [b"no database at all, but a long text" * 100, b"SQLite format 3\x00" + b"x" * 5000]
)
def test_a_file_that_is_no_gradebook(tmp_path, content):
    (tmp_path / opening.FILE).write_bytes(content)
    assert "is no gradebook, or damaged" in said(tmp_path)
    assert (tmp_path / opening.FILE).read_bytes() == content


def test_one_that_another_keeps_locked(tmp_path, monkeypatch, rubric):
    monkeypatch.setattr(opening, "PATIENCE", 0.2)
    book = open_gradebook(tmp_path)
    with sqlite3.connect(tmp_path / opening.FILE, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OperatorError, match="is in use: another grader"):
            book.begin("grade", rubric)
        other.execute("ROLLBACK")
    other.close()
    assert book.begin("grade", rubric).id == 1


def test_a_full_disk_takes_nothing_half(tmp_path, rubric, graded):
    book = open_gradebook(tmp_path)
    run = book.begin("grade", rubric)
    pages = (tmp_path / opening.FILE).stat().st_size // 4096
    # SQLite itself says `database or disk is full` beyond a number of pages, as on a disk without space.
    event.listen(book.engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(OperatorError, match="the disk is full"):
        book.add(run.id, [entry(graded(f"s{number}"), None) for number in range(200)])
    assert book.students() == {}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("grades.db", "cannot be read"),
        ("mysql://me@here/grades", "no gradebook can be kept in 'mysql'"),
        ("sqlite:////nowhere/at/all/grades.db", "cannot be opened"),
    ],
)
def test_urls_that_lead_nowhere(tmp_path, url, message):
    assert message in said(tmp_path, url)


@pytest.mark.postgres
def test_a_server_that_is_not_there_and_no_password_in_the_message(tmp_path):
    message = said(tmp_path, f"postgresql://me:secret@/grades?host={tmp_path}")
    assert "does not work" in message
    assert "secret" not in message


def test_a_driver_that_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(OperatorError, match=r"dl-homework-grader\[postgres\]") as caught:
        open_gradebook(tmp_path, "postgresql://me@here/grades")
    assert "needs a driver" in caught.value.message


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "out").write_text("a file")
    assert "cannot be used" in said(tmp_path / "out")
