"""The one error boundary: every error becomes one line for the person who can act, and an exit code."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import threading
import traceback
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console

from grader.errors import GraderError

INTERRUPTED = 130
INTERNAL = 70
# Ctrl-C ends within 5 s. What runs in a thread, as the reading of a long PDF does, cannot be asked to stop.
PATIENCE = 4.0

Result = TypeVar("Result")


def run_interruptible(work: Coroutine[object, object, Result]) -> Result:
    """Run to the end, or until Ctrl-C: then what runs gets a few seconds to clear up, and the process ends anyhow."""
    return asyncio.run(_leaving_in_time(work))


async def _leaving_in_time(work: Coroutine[object, object, Result]) -> Result:
    try:
        return await work
    except asyncio.CancelledError:
        last = threading.Timer(PATIENCE, _leave)
        last.daemon = True
        last.start()
        raise


def _leave() -> None:
    # Kernels die with this process: their sandboxes are started so.
    os._exit(interrupted(Console(stderr=True, soft_wrap=True, highlight=False)))


def run_guarded(command: click.Command) -> int:
    """Run a command; returns its exit code and prints no stack trace."""
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    # A job that is cancelled ends as Ctrl-C does: kernels gone, finished work kept.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        code = command.main(prog_name="grader", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Abort:
        return interrupted(console)
    except KeyboardInterrupt:
        return interrupted(console)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except GraderError as error:
        say(console, error.message, error.remedy)
        return error.exit_code
    except Exception as error:  # noqa: BLE001  the boundary
        say(
            console,
            f"the grader itself failed: {type(error).__name__}: {error}",
            f"Please report it with {log_of(error)}",
        )
        return INTERNAL


def interrupted(console: Console) -> int:
    """What Ctrl-C says."""
    say(console, "stopped", "What is finished is in the output folder; the same command goes on from there")
    return INTERRUPTED


def say(console: Console, message: str, remedy: str) -> None:
    """One line: what happened, and what to do."""
    console.print(f"[bold red]error:[/] {escape(message)}" + (f". {escape(remedy)}." if remedy else ""))


def escape(text: str) -> str:
    """Text that rich prints as it is, without a full stop at its end."""
    return text.rstrip(". ").replace("[", "\\[")


def log_of(error: Exception) -> Path:
    """Write the stack trace where it can be sent from; it is not for the screen."""
    handle, name = tempfile.mkstemp(prefix="grader-error-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        traceback.print_exception(error, file=log)
    return Path(name)
