"""`docs/self-check.md` and `docs/ci.md`, done as they say; the workflow files as far as they can run here."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from grader.cli import cli


@pytest.mark.kernel
def test_a_student_edition_from_packing_to_checking(page, tmp_path):
    page("docs/self-check.md").follow(tmp_path)


@pytest.mark.kernel
def test_the_steps_of_ci(page, tmp_path):
    page("docs/ci.md").follow(tmp_path)
    out = {path.name for path in (tmp_path / "grader-ci").iterdir()}
    rows = page("docs/ci.md").text.split("| in `--out`")[1].split("\n\n")[0]
    assert {name.rstrip("/") for name in re.findall(r"^\| `([\w./-]+)`", rows, re.MULTILINE)} == out
    assert (tmp_path / "autograder.zip").exists()


@pytest.fixture
def checkout(page, tmp_path):
    """A fresh clone of a repository that holds what the page says, and where its programs are found."""
    origin = tmp_path / "origin"
    for step in page("docs/ci.md").steps():
        if step.file:
            (origin / step.file).parent.mkdir(parents=True, exist_ok=True)
            (origin / step.file).write_text(step.text, encoding="utf-8")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "homework"]):
        subprocess.run([*git, *command], cwd=origin, check=True)
    subprocess.run(["git", "clone", "-q", str(origin), str(tmp_path / "checkout")], check=True)
    return tmp_path / "checkout"


def ran(step: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A step as a runner runs it: bash, stopping at the first error."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False, timeout=300
    )


def github(folder: Path) -> dict:
    return yaml.safe_load((folder / ".github" / "workflows" / "check.yml").read_text())


def gitlab(folder: Path) -> dict:
    return yaml.safe_load((folder / ".gitlab-ci.yml").read_text())


def test_the_workflow_files_are_of_their_form(checkout):
    # YAML 1.1 reads the key `on` as true; GitHub does not.
    workflow = github(checkout)
    assert workflow[True] == ["push"]
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["check"]["steps"]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    assert all("${{" not in step.get("run", "") for step in steps), "an expression in a script can inject code"
    job = gitlab(checkout)["check"]
    assert job["artifacts"]["reports"]["junit"] in [f"{path}junit.xml" for path in job["artifacts"]["paths"]]


@pytest.mark.kernel
@pytest.mark.parametrize("server", ["github", "gitlab"])
def test_the_steps_run_in_a_fresh_checkout(checkout, server, monkeypatch):
    if server == "github":
        steps = [step["run"] for step in github(checkout)["jobs"]["check"]["steps"] if "run" in step]
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(checkout / "step-summary.md"))
    else:
        steps = gitlab(checkout)["check"]["script"]
    install, check = steps
    assert re.fullmatch(r'python -m pip install "\$GRADER"', install), "not run here: the grader is installed"
    done = ran(check, checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (checkout / "grader-ci" / "junit.xml").exists()
    assert (checkout / "step-summary.md").exists() == (server == "github")


@pytest.mark.parametrize(("name", "page_name"), [("check", "docs/self-check.md"), ("ci", "docs/ci.md")])
def test_exit_codes_are_those_of_the_help(page, name, page_name):
    told = " ".join((cli.commands[name].help or "").split()).split("Exit codes: ")[1]
    parts = re.split(r"(?:^| )(\d+) ", told)[1:]
    helped = {code: words.strip() for code, words in zip(parts[::2], parts[1::2], strict=True)}
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", page(page_name).text, re.MULTILINE)
    assert rows
    assert {code: words.replace("`", "") for code, words in rows}.items() <= helped.items()
