"""Pages of the documentation as what can be run: files to save and commands to type."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A file to save, or a command to type with lines that it must print."""

    language: str
    file: str
    text: str
    printed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page of Markdown."""

    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """Without fenced blocks."""
        return FENCED.sub("", self.text)

    def steps(self) -> Iterator[Step]:
        """Fenced blocks in order; the commands of a console block one by one."""
        for block in FENCED.finditer(self.text):
            language, file = block["language"], block["file"] or ""
            if language == "console":
                yield from commands(block["text"])
            else:
                yield Step(language, file, block["text"])

    def commands(self) -> list[str]:
        return [step.text for step in self.steps() if step.language == "console"]

    def follow(self, folder: Path) -> None:
        """Save the files and run the commands, in the page's order."""
        for step in self.steps():
            if step.file:
                path = folder / step.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(step.text, encoding="utf-8")
            elif step.language == "console":
                shown = typed(step.text, folder)
                missing = [line for line in step.printed if line not in shown]
                assert not missing, f"$ {step.text}\n{shown}\ndoes not print {missing}"


def commands(block: str) -> Iterator[Step]:
    """`$ command  # comment` lines, each with the lines that follow it."""
    for part in block.split("$ ")[1:]:
        command, *printed = part.strip().splitlines()
        yield Step("console", "", re.split(r"\s+# ", command)[0], tuple(printed))


def typed(command: str, folder: Path, code: int = 0) -> str:
    """What a command prints, typed in a folder, with this environment's programs first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "120"}
    result = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=500
    )
    assert result.returncode == code, f"$ {command}\n{result.stdout}{result.stderr}"
    return result.stdout + result.stderr


@pytest.fixture(scope="session")
def page() -> Callable[[str], Page]:
    """The page at a path of the project."""
    return lambda path: Page(ROOT / path)


@pytest.fixture(scope="session")
def pages() -> tuple[Page, ...]:
    """The README and all pages of `docs/`."""
    return (Page(ROOT / "README.md"), *(Page(path) for path in sorted((ROOT / "docs").glob("*.md"))))


@pytest.fixture(scope="session")
def type_in() -> Callable[..., str]:
    """Runs a command in a folder."""
    return typed
