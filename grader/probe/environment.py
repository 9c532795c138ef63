"""What a notebook expects around it and what is not here: a keyboard, a network, Google Colab, a debugger, packages.

Each is answered in a way that neither hangs nor ends the kernel, and each is noted. Nothing here is evidence.
"""

from __future__ import annotations

import builtins
import getpass
import sys
from typing import Any

import wrapt
from IPython.core.getipython import get_ipython

from grader.probe import colab, hubs, rounds, shell, web
from grader.probe.offers import MissingFinder
from grader.probe.recorder import Recorder

INPUTS = 1000  # per question: a loop that waits for the right word must end
INPUT_NOTES = 5


# Modules of Python 2: no package of this name is lacking, the code is old.
class Keyboard:
    """Answers `input` and `getpass` with an empty line at once.

    Attributes:
        recorder: Where it is noted.
        asked: How often it was asked in this question.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.asked = 0

    def answer(self, prompt: object = "", *_: Any, **__: Any) -> str:
        """An empty line, as long as the code does not ask for ever.

        Raises:
            EOFError: It was asked 1,000 times in one question.
        """
        self.asked += 1
        if self.asked > INPUTS:
            raise EOFError(f"nobody is at the keyboard: the code asked {INPUTS} times")
        print(prompt)  # noqa: T201
        if self.asked <= INPUT_NOTES:
            message = f"the code asked {str(prompt)[:200]!r} and got an empty line: nobody is at the keyboard"
            self.recorder.note("input", message, "input")
        return ""


_keyboards: list[Keyboard] = []


def install(recorder: Recorder) -> None:
    """Put everything in place. Called once, when the kernel's shell exists."""
    keyboard = Keyboard(recorder)
    _keyboards[:] = [keyboard]
    builtins.input = keyboard.answer
    getpass.getpass = keyboard.answer
    ipython = get_ipython()
    if ipython is not None:
        shell.attach(ipython, recorder)
        ipython.ast_transformers.append(rounds.install(recorder))
        _keep_alive(ipython, recorder)
        _answer_for(getattr(ipython, "kernel", None), keyboard)
    _ignore_debuggers(recorder)
    wrapt.register_post_import_hook(lambda module: _close_browser(module, recorder), "webbrowser")
    web.install(recorder)
    colab.install(recorder)
    hubs.install(recorder)
    sys.meta_path.append(MissingFinder(recorder))


def begin(recorder: Recorder) -> None:  # noqa: ARG001  every watcher has this shape
    """Count the inputs anew."""
    for keyboard in _keyboards:
        keyboard.asked = 0


def observe(recorder: Recorder, plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:  # noqa: ARG001
    """Nothing: everything here is a note."""
    return {}


def _answer_for(kernel: Any, keyboard: Keyboard) -> None:
    """Replace the methods of ipykernel, which binds `input` to them before each cell."""
    if kernel is not None:
        kernel.raw_input = keyboard.answer
        kernel.getpass = keyboard.answer


def _keep_alive(ipython: Any, recorder: Recorder) -> None:
    """`exit()` and `quit()` of a notebook would end the kernel, and with it the other answers."""

    def ask_exit() -> None:
        recorder.note("command", "exit() or quit() ended the cell; the kernel goes on", "exit")
        raise SystemExit("exit() ended the cell")

    ipython.ask_exit = ask_exit


def _ignore_debuggers(recorder: Recorder) -> None:
    def ignore(*_: Any, **__: Any) -> None:
        recorder.note("command", "a breakpoint was passed: nobody is there to debug", "breakpoint")

    def hook(module: Any) -> None:
        module.set_trace = ignore
        module.Pdb.set_trace = ignore

    sys.breakpointhook = ignore
    for name in ("pdb", "IPython.core.debugger"):
        wrapt.register_post_import_hook(hook, name)


def _close_browser(module: Any, recorder: Recorder) -> None:
    def ignore(url: str = "", *_: Any, **__: Any) -> bool:
        recorder.note("command", f"no browser was opened for {str(url)[:200]}", "webbrowser")
        return False

    module.open = module.open_new = module.open_new_tab = ignore
