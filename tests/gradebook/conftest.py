"""A small class, and databases: SQLite files and a real PostgreSQL server that the tests start themselves."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.gradebook import Gradebook, open_gradebook
from grader.records import Answer, CriterionGrade, Grade, QuestionGrade, Verdict, WrittenAnswer
from grader.rubric import Rubric, load_rubric

RUBRIC = """
assignment: tiny
title: A tiny assignment
questions:
  - id: q1
    title: Sums
    points: 4
    criteria: [{id: runs, title: The code runs, check: runs, points: 4}]
  - id: q2
    title: Words
    points: 6
    criteria: [{id: text, title: The explanation, check: written, points: 6}]
"""


def _graded(
    name: str = "ada", runs: float | None = 0.5, text: float | None = None, *, confidence: float = 1.0, **values: object
) -> Grade:
    """What the checks gave: shares of q1/runs (4 points) and of q2/text (6 points); None is unscored."""
    questions = tuple(
        QuestionGrade(
            question,
            title,
            points,
            (share or 0) * points,
            "passed",
            None,
            Answer(question, (1, 2), confidence=confidence),
            (CriterionGrade(criterion, title, criterion, points, (share or 0) * points, True, verdict),),
        )
        for question, criterion, title, points, share, verdict in (
            ("q1", "runs", "Sums", 4.0, runs, Verdict(runs, "2 of 4 cells ran", "Look at cell 3.")),
            ("q2", "text", "Words", 6.0, text, Verdict(text, "Waits.", exhibits=(WrittenAnswer("Adding", ("sum",)),))),
        )
    )
    grade = Grade(
        submission=name,
        student=name.title(),
        file=f"{name}.ipynb",
        assignment="tiny",
        title="A tiny assignment",
        rubric_hash="r" * 64,
        profile="quick",
        points=sum(question.points for question in questions),
        max_points=10.0,
        questions=questions,
        digest=f"digest of {name}",
    )
    return replace(grade, **values)  # type: ignore[arg-type]


@pytest.fixture
def graded() -> Callable[..., Grade]:
    """Makes what the checks gave one hand-in of the small class."""
    return _graded


@pytest.fixture
def rubric(tmp_path: Path) -> Rubric:
    path = tmp_path / "tiny.yaml"
    path.write_text(RUBRIC)
    return load_rubric(path)


# --- databases -------------------------------------------------------------------------------------------------------


def postgres_bin() -> Path:
    """Where Debian keeps the server's programs. CI must have them; on another machine their tests are left out."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    path = found[-1] if found else shutil.which("initdb")
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no PostgreSQL server: apt install postgresql")
    return Path(path).parent


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes an empty database on a server of our own and gives its URL. The server listens on a socket file only."""
    programs = postgres_bin()
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a short path: sockets allow 107 bytes
    # The server refuses to run as root.
    someone = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid} if os.getuid() == 0 else {}
    if someone:
        shutil.chown(folder, "nobody")

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120, **someone
        )

    try:
        call("initdb", "-D", f"{folder}/data", "-U", "grader", "--auth=trust", "--no-sync", "--encoding=UTF8")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        call("pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:

            def database() -> str:
                name = f"grader_{uuid.uuid4().hex[:12]}"
                call("createdb", "-h", str(folder), "-U", "grader", name)
                return f"postgresql://grader@/{name}?host={folder}"

            yield database
        finally:
            call("pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'grades.db'}"
    return request.getfixturevalue("postgres")()


@pytest.fixture
def book(url: str, tmp_path: Path) -> Gradebook:
    return open_gradebook(tmp_path / "out", url)
