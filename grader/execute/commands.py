"""Paths in shell lines (`!unzip x.zip -d data`): what they read, write and fetch. Nothing is run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from grader.execute.uses import How
from grader.probe.fetching import addresses, kaggle_address, kaggle_target, option, target_of

SEPARATOR = re.compile(r"&&|\|\||;|\n|(?<!\|)\|(?!\|)")
# What a command does with its plain arguments.
VERBS: dict[str, How] = {
    "cat": "file",
    "cd": "enter",
    "du": "listing",
    "find": "listing",
    "head": "file",
    "ls": "loose",
    "md5sum": "file",
    "tail": "file",
    "touch": "write",
    "tree": "listing",
    "wc": "file",
}
# Options that take a value, which is no path.
WITH_VALUE = re.compile(r"-(?:n|name|type|maxdepth|mindepth|iname|size|x|X|H|I)")

Found = tuple[How, str, str]


def uses_in(script: str) -> Iterator[Found]:
    """Uses of paths in a shell script: how, path, and what `Use.into` holds. `cd` holds for what follows it."""
    for command in SEPARATOR.split(script):
        try:
            words = shlex.split(command, comments=True)
        except ValueError:
            continue
        while words and (words[0] in {"sudo", "time", "!", "nohup", "{"} or re.match(r"\w+=", words[0])):
            del words[0]
        if words:
            yield from _of_command(PurePosixPath(words[0]).name, words[1:])


def _of_command(program: str, words: Sequence[str]) -> Iterator[Found]:
    plain, redirected = _plain(words)
    yield from (("write", word, "") for word in redirected)
    if program in {"wget", "curl", "gdown"}:
        yield from _downloads(program, words)
    elif program == "kaggle":
        yield from _kaggle(words)
    elif program in {"unzip", "7z", "tar"}:
        yield from _unpacks(program, words, plain)
    elif program == "mkdir":
        yield from (("make" if "-p" in words else "make-new", word, "") for word in plain)
    elif program in {"cp", "mv", "ln"}:
        yield from (("loose", word, "") for word in plain[:-1])
        yield from (("write", word, "") for word in plain[1:][-1:])
    elif program in VERBS:
        yield from ((VERBS[program], word, "") for word in plain)


def _plain(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Arguments that are no options, and where output is redirected to."""
    plain: list[str] = []
    redirected: list[str] = []
    skip = False
    for i, word in enumerate(words):
        before = words[i - 1] if i else ""
        if re.fullmatch(r"\d?>>?", before):
            redirected.append(word)
        elif not skip and not word.startswith("-") and not re.match(r"\d?>|<|&", word):
            plain.append(word)
        skip = bool(WITH_VALUE.fullmatch(word))
    return plain, [word for word in redirected if word not in {"/dev/null", "&1"}]


def _downloads(program: str, words: Sequence[str]) -> Iterator[Found]:
    for address in addresses(program, words):
        if target := target_of(program, words, address):
            yield "fetch", target, address


def _kaggle(words: Sequence[str]) -> Iterator[Found]:
    if address := kaggle_address(words):
        target = kaggle_target(words)
        yield "fetch", target, address
        if "--unzip" in words:
            yield "extract", target, str(PurePosixPath(target).parent)


def _unpacks(program: str, words: Sequence[str], plain: Sequence[str]) -> Iterator[Found]:
    if program == "7z":
        folder = next((word[2:] for word in words if word.startswith("-o")), ".")
        yield from (("extract", word, folder) for word in plain[1:2])
    elif program == "unzip":
        folder = option(words, "-d") or "."
        yield from (("extract", word, folder) for word in plain[:1])
    elif words and "x" in words[0]:
        folder = option(words, "-C") or "."
        yield from (("extract", word, folder) for word in plain if ".t" in word)
