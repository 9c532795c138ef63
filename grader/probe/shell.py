"""Answers shell lines of notebooks that need a network, or that would never end; runs all others.

    !pip install torch==1.8          answered by what is installed
    !wget http://example.org/x.zip   a copy of what the instructor serves; else the error of no network, and said
    !ls                              run

The lines come from `!`, `%pip`, `%conda`, `%sx`, `%%bash`, `os.system` and `subprocess`. A command that is answered is
replaced in its script by a `printf` of the answer, so that what stands around it (`cd x && wget ... && ls`) runs as it
stands.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from IPython.utils import process
from IPython.utils.text import LSString, SList

from grader.probe import web
from grader.probe.fetching import addresses, kaggle_address, kaggle_target, target_of
from grader.probe.offers import offered
from grader.probe.recorder import Recorder

DOWNLOADS = frozenset({"wget", "curl", "aria2c", "gdown", "kaggle", "gsutil", "hf", "huggingface-cli", "scp", "rsync"})
NETWORK = DOWNLOADS | {"apt", "apt-get", "add-apt-repository", "brew", "npm", "npx", "ngrok", "ping", "ssh"}
# As GNU Wget 1.21 and curl 7.88 say it, with their exit codes.
UNRESOLVED = {
    "wget": ("wget: unable to resolve host address '{}'", 4),
    "curl": ("curl: (6) Could not resolve host: {}", 6),
}
GIT_NETWORK = frozenset({"clone", "fetch", "lfs", "pull", "push", "submodule"})
SERVERS = frozenset({"streamlit run", "flask run", "jupyter lab", "jupyter notebook", "tensorboard", "uvicorn"})
INSTALLERS = frozenset({"pip", "pip2", "pip3", "conda", "mamba", "micromamba"})
WITH_VALUE = frozenset(
    {"-c", "-f", "-i", "-n", "-r", "-t", "--channel", "--extra-index-url", "--find-links", "--index-url"}
    | {"--requirement", "--target"}
)
MAGICS = ("pip", "conda", "mamba", "micromamba", "uv")

QUOTED_OR_SEPARATOR = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|(&&|\|\||;|\n)""", re.DOTALL)
PIPE = re.compile(r"(?<!\|)\|(?!\|)")
URL = re.compile(r"""(?:https?|ftp|git|ssh|s3|gs)://[^\s'"]+|git@[^\s'"]+""")
REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(.*)")


def attach(shell: Any, recorder: Recorder) -> None:
    """Put the answers in front of an IPython shell's own way to run commands."""
    # Offline, pip would try again for a minute, and git would ask for a password.
    os.environ.update({"PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "GIT_TERMINAL_PROMPT": "0"})

    def system(command: str) -> None:
        script = _without_input(rewrite(shell.var_expand(command, depth=1), recorder))
        shell.user_ns["_exit_code"] = process.system(script)  # type: ignore[attr-defined]

    def getoutput(command: str, split: bool = True, depth: int = 0) -> Any:
        script = _without_input(rewrite(shell.var_expand(command, depth=depth + 1), recorder))
        output = process.getoutput(script)  # type: ignore[attr-defined]
        return SList(output.splitlines()) if split else LSString(output)

    shell.system = shell.system_piped = shell.system_raw = system
    shell.getoutput = getoutput
    for name in MAGICS:
        shell.register_magic_function(lambda line, name=name: system(f"{name} {line}"), "line", name)
    for name in ("bash", "sh"):
        _wrap_cell_magic(shell, name, recorder)
    _watch_processes(recorder)


def _watch_processes(recorder: Recorder) -> None:
    """The same answers for `os.system` and `subprocess`."""
    system, start = os.system, subprocess.Popen.__init__

    def init(process: Any, args: Any, *rest: Any, **options: Any) -> None:
        start(process, _checked(args, recorder, script=bool(options.get("shell"))), *rest, **options)

    os.system = lambda command: system(rewrite(os.fsdecode(command), recorder))
    subprocess.Popen.__init__ = init  # type: ignore[assignment, method-assign]


def _checked(args: Any, recorder: Recorder, *, script: bool) -> Any:
    """What to start instead of a command; the command itself where nothing is to be answered."""
    try:
        if script:
            return rewrite(os.fsdecode(args), recorder)
        command = shlex.join(map(os.fsdecode, [args] if isinstance(args, str | bytes | os.PathLike) else args))
    except TypeError:
        return args
    answer = rewrite(command, recorder)
    return args if answer == command else ["sh", "-c", answer]


def _wrap_cell_magic(shell: Any, name: str, recorder: Recorder) -> None:
    original = shell.find_cell_magic(name)
    if original:
        shell.register_magic_function(lambda line, cell: original(line, rewrite(cell, recorder)), "cell", name)


def _without_input(script: str) -> str:
    """A command that asks a question must not wait for an answer."""
    return f"{{ {script}\n}} </dev/null" if script.strip() else ""


def rewrite(script: str, recorder: Recorder) -> str:
    """The script with an answer in place of each command that cannot be run here; notes each."""
    return "".join(_replaced(command, recorder) + separator for command, separator in _commands(script))


def _commands(script: str) -> Iterator[tuple[str, str]]:
    """Commands (pipelines count as one) with the separator that follows each."""
    start = 0
    for match in QUOTED_OR_SEPARATOR.finditer(script):
        if match[1]:
            yield script[start : match.start()], match[1]
            start = match.end()
    yield script[start:], ""


def _replaced(command: str, recorder: Recorder) -> str:
    parts = PIPE.split(command)
    fetched = [_fetched(_words(part), part, recorder) for part in parts]
    if any(fetched):
        return " | ".join(new or old for new, old in zip(fetched, parts, strict=True))
    for part in parts:
        words = _words(part)
        answer = _answer(words, command.strip(), recorder)
        if answer:
            return f" printf '%s\\n' {shlex.quote(answer)} " + _as_offline(words, part)
    return command


def _as_offline(words: list[str], command: str) -> str:
    """What `wget` and `curl` do where no name can be resolved: their own words, and their own exit code."""
    address = URL.search(command)
    if not words or words[0] not in UNRESOLVED or not address:
        return ""
    said, code = UNRESOLVED[words[0]]
    host = shlex.quote(said.format(urlsplit(address[0]).hostname or ""))
    return f"&& {{ printf '%s\\n' {host} >&2; ( exit {code} ); }} "


def _fetched(words: list[str], command: str, recorder: Recorder) -> str:
    """A download of what the instructor serves, as a copy; nothing for anything else."""
    program = words[0] if words else ""
    if program == "kaggle":
        asked = {address: kaggle_target(words) for address in [kaggle_address(words)] if address}
    elif program in {"wget", "curl", "gdown"}:
        asked = {address: target_of(program, words, address) for address in addresses(program, words)}
    else:
        return ""
    found = {address: web.found(recorder, address) for address in asked}
    copies = [
        _copy(path, asked[address], unpack=program == "kaggle" and "--unzip" in words)
        for address, path in found.items()
        if path is not None and web.served(recorder, address)
    ]
    redirect = re.search(r"\s\d?>.*$", command)
    return f" {{ {'; '.join(copies)}; }}{redirect[0] if redirect else ''} " if copies else ""


def _copy(path: Path, target: str, *, unpack: bool) -> str:
    if not target:
        return f"cat {shlex.quote(str(path))}"
    folder, name = shlex.quote(str(Path(target).parent)), shlex.quote(target)
    copied = f"mkdir -p {folder} && cp --no-preserve=mode {shlex.quote(str(path))} {name} && echo {name} saved"
    return f"{copied} && python -m zipfile -e {name} {folder}" if unpack else copied


def _words(command: str) -> list[str]:
    """The words of a command without what only goes before or after it: `sudo`, `X=1`, `> /dev/null`."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        return []
    while words and (words[0] in {"sudo", "time", "nohup", "!", "uv"} or re.match(r"-|\w+=", words[0])):
        del words[0]
    if words and re.fullmatch(r"python[\d.]*", Path(words[0]).name) and words[1:3] == ["-m", "pip"]:
        del words[:2]
    redirect = next((i for i, word in enumerate(words) if re.match(r"\d?>|&", word)), len(words))
    return [Path(words[0]).name, *words[1:redirect]] if words else []


def _answer(words: list[str], command: str, recorder: Recorder) -> str:
    """What to say instead of running a command; nothing if it can be run."""
    program = words[0] if words else ""
    verb = next((word for word in words[1:] if not word.startswith("-")), "")
    if program in INSTALLERS and verb == "install":
        return _install(words[words.index(verb) + 1 :], command, recorder)
    if program in INSTALLERS and verb in {"uninstall", "remove", "create", "update", "download"}:
        return _refuse(command, "the environment is fixed", recorder)
    if program in NETWORK or (program == "git" and verb in GIT_NETWORK):
        url = URL.search(command)
        if url or program in DOWNLOADS:
            subject = url[0] if url else command
            recorder.note("missing", f"there is no network, so {subject[:300]} was not fetched", subject)
        return _refuse(command, "there is no network", recorder)
    if not SERVERS.isdisjoint({program, f"{program} {verb}"}):
        return _refuse(command, "a server has no end", recorder)
    if command.endswith("&"):
        return _refuse(command, "nothing is run in the background", recorder)
    return ""


def _refuse(command: str, why: str, recorder: Recorder) -> str:
    recorder.note("command", f"{why}: `{command[:300]}` was not run", command)
    return f"[grader] {why}: `{command[:300]}` was not run"


def _install(arguments: list[str], command: str, recorder: Recorder) -> str:
    """Say of each package which version is here, or that it is not."""
    recorder.note("command", f"`{command[:300]}` was answered by what is installed", command)
    said = [_package(requirement, recorder) for requirement in _requirements(arguments)]
    return "\n".join(f"[grader] {line}" for line in said) or f"[grader] `{command[:300]}` was not run"


def _requirements(arguments: list[str]) -> Iterator[str]:
    value = False
    for argument in arguments:
        if not value and not argument.startswith("-"):
            yield argument
        value = argument in WITH_VALUE


def _package(requirement: str, recorder: Recorder) -> str:
    url = URL.search(requirement)
    parts = REQUIREMENT.fullmatch(requirement)
    name, wanted = (requirement, "") if url or not parts else (parts[1], parts[2])
    version = "" if url else installed(name)
    if not version and any(map(offered, (name.replace("-", "_"), name.replace("-", "")))):
        message = f"the package {name} is not installed here: a stand-in is given where it is imported"
        recorder.note("substitution", message, name)
        return message
    if not version:
        recorder.note("missing", f"the grading environment has no package {name[:300]}, and no network to get it", name)
        return f"{name} is not installed here, and there is no network to get it"
    return f"{name} {version} is installed" + (f" ({name}{wanted} was asked for)" if wanted else "")


def installed(name: str) -> str:
    """Version of a package that is installed, also under its names for machines without a GPU or a screen."""
    plain = re.sub(r"[-_](gpu|cpu|headless)$", "", name)
    for candidate in (name, plain, f"{plain}-cpu", f"{plain}-headless"):
        try:
            return importlib.metadata.version(candidate)
        except (importlib.metadata.PackageNotFoundError, ValueError):
            continue
    return ""
