"""The README and all pages beside the code: all that is documented is there, and all that is there is documented."""

import itertools
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import nbformat
import pytest

from grader.cli import cli
from grader.cli.failures import INTERNAL, INTERRUPTED
from grader.errors import GraderError, OperatorError, RubricError, SubmissionError
from grader.report import PAGES

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]*)\)")
OF_THE_PROJECT = re.compile(r"`((?:grader|tests|docs|rubrics|reference|submissions)/[\w./-]*)`")
MOST_BYTES = 300_000
USAGE = 2
# What the README's commands grade: the rubric that they name, with one question.
RUBRIC = """
assignment: cnn-architectures
title: Small
reference: ../reference
questions:
  - id: q1
    title: Sums
    prompt: Compute the sum of the first ten numbers and print it.
    points: 4
    criteria: [{id: runs, title: The code runs, check: runs, points: 4}]
"""


@pytest.fixture(scope="module")
def readme(page):
    return page("README.md")


@pytest.fixture
def folder(tmp_path):
    """Where the README's commands can be typed: a small rubric and two hand-ins under the names that they use."""
    (tmp_path / "rubrics").mkdir()
    (tmp_path / "rubrics" / "cnn-architectures.yaml").write_text(RUBRIC)
    (tmp_path / "reference").mkdir()
    (tmp_path / "reference" / "q1.py").write_text("# question: q1\nprint(sum(range(10)))\n")
    cells = [
        nbformat.v4.new_markdown_cell("## Question 1: Compute the sum of the first ten numbers and print it."),
        nbformat.v4.new_code_cell("print(sum(range(10)))"),
    ]
    for place in ("alice.ipynb", "submitted/alice/homework.ipynb", "submitted/bob/homework.ipynb"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / place)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    return tmp_path


# --- links and names -------------------------------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """The anchors that the headings of a page get."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.casefold()).strip().replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere(pages):
    dead = []
    for page in pages:
        for target in LINK.findall(page.text):
            name, _, anchor = target.partition("#")
            path = (page.path.parent / name).resolve() if name else page.path
            if not path.exists() or (anchor and anchor not in anchors(path)):
                dead.append(f"{page.path.name}: {target}")
    assert not dead


def test_every_page_is_linked_from_the_readme(readme, pages):
    linked = set(LINK.findall(readme.text))
    assert {f"docs/{page.path.name}" for page in pages[1:]} <= linked


def test_files_of_the_project_that_pages_name_exist(pages):
    saved = {step.file for page in pages for step in page.steps()}
    named = {name for page in pages for name in OF_THE_PROJECT.findall(page.prose)} - saved
    assert len(named) > 10
    assert not [name for name in sorted(named) if not (ROOT / name).exists()]


def test_pictures_are_pictures_and_small():
    for path in (ROOT / "docs").glob("*.png"):
        content = path.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) < MOST_BYTES


# --- commands --------------------------------------------------------------------------------------------------------


def dry(target: str) -> str:
    """What `make` would do."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", "--always-make", "--dry-run", target],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_two_commands_at_the_top_are_there_and_do_what_they_say(readme):
    assert readme.commands()[:2] == ["make demo", "make test"]
    demo, test = dry("demo"), dry("test")
    assert "-m venv .venv" in demo
    assert re.search(r"pip install .*\[torch,tensorflow,data,streamlit,postgres,dev\]", demo)
    assert "grader grade submissions/cnn-architectures --rubric rubrics/cnn-architectures.yaml" in demo
    assert "-m venv .venv" in test
    assert all(tool in test for tool in ("pytest", "ruff check", "ruff format --check", "mypy", "lint-imports"))


def test_every_command_is_in_the_readme(readme):
    used = {word for command in readme.commands() for word in re.findall(r"\bgrader (\w+)", command)}
    assert used == set(cli.commands)


def test_every_long_option_on_a_page_exists(pages):
    groups = [command.commands.values() for command in cli.commands.values() if isinstance(command, click.Group)]
    every = [*cli.commands.values(), *itertools.chain(*groups)]
    known = {option for command in every for parameter in command.params for option in parameter.opts}
    for page in pages:
        for command in page.commands():
            if "grader" in command and "pip" not in command:
                assert set(re.findall(r" (--\w[\w-]*)", command)) <= known, command
        assert set(re.findall(r"`(--\w[\w-]*)", page.prose)) <= known | {"--clearenv"}, page.path.name


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in cli.commands)])
def test_help_is_there(type_in, tmp_path, arguments):
    assert "Usage: grader" in type_in(" ".join(["grader", *arguments]), tmp_path)


def test_install_names_the_extras_that_exist(readme):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (install,) = [command for command in readme.commands() if "pip install" in command]
    extras = re.search(r"\[(.+)\]", install)
    assert extras
    named = {extra for extra in project["optional-dependencies"] if f"extra `{extra}`" in readme.text}
    assert {*extras[1].split(","), *named, "dev"} == set(project["optional-dependencies"])
    (least,) = re.findall(r"Python ≥ ([\d.]+)", readme.text)
    assert project["requires-python"] == f">={least}"


# --- exit codes ------------------------------------------------------------------------------------------------------


def codes_in_the_readme(text: str) -> dict[int, str]:
    table = text.split("### Exit codes")[1].split("##", maxsplit=1)[0]
    return {int(code): words for code, words in re.findall(r"^\| (\d+) \| (.+) \|$", table, re.MULTILINE)}


def codes_in_help() -> dict[int, str]:
    """However the help is wrapped."""
    text = " ".join((cli.commands["grade"].help or "").split()).split("Exit codes: ")[1]
    found = re.split(r"(?:^| )(\d+) ", text)[1:]
    return {int(code): words.strip() for code, words in zip(found[::2], found[1::2], strict=True)}


def test_exit_codes_are_those_of_the_help_and_of_the_code(readme):
    documented, helped = codes_in_the_readme(readme.text), codes_in_help()
    errors = {kind.exit_code for kind in (GraderError, SubmissionError, RubricError, OperatorError)}
    assert documented.keys() == helped.keys() == {0, USAGE, INTERNAL, INTERRUPTED, *errors}
    for code, words in helped.items():
        assert re.sub(r" \([^)]*\)", "", documented[code]).startswith(words), code


# --- the README, done ------------------------------------------------------------------------------------------------


@pytest.mark.kernel
@pytest.mark.torch  # `grader doctor` is not content without a framework
@pytest.mark.data
def test_the_commands_of_the_readme_give_what_its_table_says(readme, type_in, folder):
    typed = [command for command in readme.commands() if command.startswith(".venv/bin/grader ")]
    assert len(typed) == len(cli.commands)
    for command in sorted(typed, key=lambda command: "inspect" in command):
        type_in(command, folder)
    out = folder / "feedback"
    rows = re.findall(r"^\| (`[^|]+`) \|", readme.text.split("lie:")[1].split("Or from Python")[0], re.MULTILINE)
    promised = [name.replace("<student>", "alice") for row in rows for name in re.findall(r"`([^`]+)`", row)]
    assert len(promised) == 7
    assert f"{PAGES}/alice.html" in promised
    assert not [name for name in promised if not (out / name).exists()]
    assert (out / PAGES / "bob.html").exists()


@pytest.mark.kernel
def test_the_python_of_the_readme_runs(readme, type_in, folder):
    (snippet,) = [step.text for step in readme.steps() if step.language == "python"]
    (folder / "snippet.py").write_text(snippet, encoding="utf-8")
    assert type_in("python snippet.py", folder).split() == ["4.0", "of", "4.0"]


@pytest.mark.kernel
def test_a_hand_in_that_cannot_be_graded_has_a_page_that_says_why(type_in, folder):
    (folder / "submitted" / "bob" / "homework.ipynb").write_text("{broken")
    type_in("grader grade submitted -r rubrics/cnn-architectures.yaml -o out", folder, code=1)
    assert "broken JSON" in (folder / "out" / PAGES / "bob.html").read_text(encoding="utf-8")
    assert (folder / "out" / PAGES / "alice.html").exists()


# --- the map ---------------------------------------------------------------------------------------------------------


def tree(text: str) -> set[str]:
    """The paths in a `tree` block."""
    paths, above = set(), ""
    for line in text.split("```tree\n")[1].split("```", maxsplit=1)[0].splitlines():
        name = line.split()[0]
        paths.add(above + name if line.startswith(" ") else name)
        above = above if line.startswith(" ") else name
    return paths


def test_the_map_shows_every_part_of_the_grader(page):
    shown = {path for path in tree(page("docs/design.md").text) if path.startswith("grader/")} - {"grader/"}
    packages = {f"grader/{path.parent.name}/" for path in (ROOT / "grader").glob("*/__init__.py")}
    modules = {f"grader/{path.name}" for path in (ROOT / "grader").glob("*.py")} - {"grader/__init__.py"}
    assert shown == packages | modules


def test_the_map_gives_the_layers_that_are_enforced(page):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    text = " ".join(page("docs/design.md").text.split())
    said = text.split("Imports go downwards only: ")[1].split(". import-linter")[0]
    single = [layer for layer in layers if "|" not in layer]
    stages = next(place for place, layer in enumerate(layers) if "|" in layer)
    assert re.findall(r"`(\w+)`", said) == [*single[:stages], "storage", *single[stages:], "records", "errors"]
    table = page("docs/design.md").text.split("| stage |")[1].split("## ")[0]
    described = re.findall(r"^\| \[`(\w+)`\]", table, re.MULTILINE)
    assert {*described, "storage"} == set(layers[stages].split(" | "))


def test_the_records_on_the_map_exist(page):
    from grader import records

    table = page("docs/design.md").text.split("## Records")[1].split("## ")[0]
    named = re.findall(r"`([A-Z]\w+)`", table)
    assert len(named) >= 8
    assert not [name for name in named if not hasattr(records, name)]


# --- safety ----------------------------------------------------------------------------------------------------------


def test_every_promise_of_safety_is_held_by_attacks_that_exist(page):
    table = page("docs/safety.md").text.split("| held by |")[1].split("## What is not")[0]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", table, re.MULTILINE)
    assert len(rows) >= 10
    for promise, held_by in rows:
        attacks = [name.removeprefix("tests/attacks/handins/") for name in re.findall(r"`([^`]+)`", held_by)]
        own = [name for name in attacks if not name.startswith("tests/")]
        assert own, promise
        for name in own:
            assert list((ROOT / "tests" / "attacks" / "handins").glob(f"{name}.expected")), f"{promise}: {name}"
