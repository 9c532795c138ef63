"""Warm kernels: a template process per set of frameworks, in a sandbox of its own, of which each run gets a fork.

The template sees what all runs see, and the folder through which runs get what is theirs alone. A fork sees less: the
order that it is made from lists every file, folder and device of its view (`grader.probe.walls`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grader.errors import OperatorError
from grader.execute.asked import WORK
from grader.execute.cgroup import user_tasks
from grader.execute.layout import Layout
from grader.execute.leftovers import own_prefix
from grader.execute.sandbox import (
    Workplace,
    common,
    environment,
    find_bwrap,
    mounted,
    place_shelves,
    probe_settings,
    system_links,
)
from grader.records import Submission

START_SECONDS = 240
LAID = "-laid"
TEMPLATE_USER = 64_123  # whom a template that root started becomes: nobody that a Linux distribution knows
RESTARTS = 3
# Which families of frameworks a hand-in uses decides which template its kernel is forked from.
FAMILIES = {
    "torch": ("torch", "torchvision"),
    "torchvision": ("torch", "torchvision"),
    "tensorflow": ("tensorflow", "keras"),
    "keras": ("tensorflow", "keras"),
}


class TemplateDiedError(Exception):
    """A template went down and took its forks along: what they ran has to be run again."""


@dataclass
class Template:
    """One running template.

    Attributes:
        process: The sandbox with the template in it.
        folder: Private folder of the grader with all that belongs to it.
    """

    process: asyncio.subprocess.Process
    folder: Path

    @property
    def control(self) -> Path:
        """The socket for orders. It is mounted nowhere: no fork can reach it."""
        return self.folder / "control"

    @property
    def runs(self) -> Path:
        """Where runs have the folders that they share with the grader, for sockets."""
        return self.folder / "runs"

    @property
    def given(self) -> Path:
        """Where runs have what they may read."""
        return self.folder / "given"

    def alive(self) -> bool:
        """Whether forks can be had."""
        return self.process.returncode is None

    async def gone(self) -> bool:
        """Whether it is dead, or dies just now."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self.process.wait()), 1)
        return not self.alive()

    async def end(self) -> None:
        """Kill it and all its forks, and remove its folder."""
        if self.alive():
            self.process.kill()
        await self.process.wait()
        await (await asyncio.create_subprocess_exec("rm", "-rf", "--", str(self.folder))).wait()


@dataclass
class Templates:
    """The templates of a batch, each started when the first hand-in needs it and again when it died.

    Attributes:
        place: What all runs have in common.
        refusal: Why there are none on this machine; runs then have cold kernels.
    """

    place: Workplace
    refusal: str = ""
    running: dict[tuple[str, ...], Template] = field(default_factory=dict)
    starts: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ready(self, preload: tuple[str, ...]) -> Template | None:
        """A template with the frameworks of a hand-in; None if this machine allows none."""
        modules = tuple(dict.fromkeys(module for name in preload for module in FAMILIES.get(name, ())))
        async with self.lock:
            there = self.running.get(modules)
            if there is not None and there.alive():
                return there
            if self.refusal or self.starts > RESTARTS + len(self.running):
                return None
            if there is not None:
                await there.end()
            self.starts += 1
            try:
                self.running[modules] = await start(self.place, modules)
            except OperatorError as error:
                self.refusal = str(error)
                return None
            return self.running[modules]

    async def end(self) -> None:
        """End them all."""
        for template in self.running.values():
            await template.end()
        self.running.clear()


@asynccontextmanager
async def warmed(place: Workplace) -> AsyncIterator[Workplace]:
    """The same place with warm kernels, as long as the context lasts. Without walls there are none to be had."""
    if place.isolation == "none":
        yield place
        return
    templates = Templates(place)
    try:
        yield replace(place, templates=templates)
    finally:
        await templates.end()


async def start(place: Workplace, modules: tuple[str, ...]) -> Template:
    """Start a template and wait until it has imported everything.

    Raises:
        OperatorError: It does not start here, or is not fit to be forked.
    """
    if os.geteuid() == 0:
        for source in (*(source for source, _ in place_shelves(place)), *stocked(place)):
            await asyncio.to_thread(open_to_all, source)
    folder = Path(tempfile.mkdtemp(prefix=own_prefix()))
    for name in ("runs", "given"):
        (folder / name).mkdir()
        (folder / name).chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener, (folder / "log").open("wb") as log:
        listener.bind(str(folder / "control"))
        listener.listen(64)
        command = [*template_command(place, folder), str(listener.fileno()), str(template_user()), *modules]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            pass_fds=(listener.fileno(),),
        )
    template = Template(process, folder)
    try:
        problem = await refusal(template)
    except BaseException:
        await template.end()
        raise
    if problem:
        await template.end()
        raise OperatorError(f"no kernel can be kept warm here: {problem}", "See 'grader doctor'")
    return template


async def refusal(template: Template) -> str:
    """Wait for a template's one line; what keeps it from being forked, or nothing."""
    output = template.process.stdout
    try:
        line = await asyncio.wait_for(output.readline() if output else asyncio.sleep(0, b""), START_SECONDS)
        return str(json.loads(line)["refused"])
    except (TimeoutError, ValueError, KeyError):
        said = (template.folder / "log").read_text("utf-8", "replace").strip().splitlines()[-1:]
        return said[0][:300] if said else "it says nothing"


def template_user() -> int:
    """Whom the template has to become; 0 for nobody else."""
    return TEMPLATE_USER if os.geteuid() == 0 else 0


def template_command(place: Workplace, folder: Path) -> list[str]:
    """The sandbox of a template, and the template in it.

    Started by root it needs no user namespace: it gives up being root itself, so that the user namespaces of its forks
    lead to a user who owns nothing, and not back to root.
    """
    if os.geteuid() == 0:
        walls = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
        walls += ["--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETUID"]
        walls += ["--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP", "--dir", "/proc"]
    else:
        walls = ["--unshare-all", "--proc", "/proc"]
    walls += ["--die-with-parent", "--new-session", "--clearenv", "--hostname", "template", "--dev", "/dev"]
    walls += ["--perms", "1777", "--tmpfs", "/tmp", "--dir", WORK]  # noqa: S108
    shared = [*common(place, folder / "system"), *place_shelves(place)]
    for parent in parents([*(target for _, target in shared), str(folder / "runs"), "/stock/0"]):
        walls += ["--dir", parent]  # bubblewrap would make it, and root's alone
    for source, target in shared:
        walls += ["--ro-bind", str(source), target]
    for number, source in enumerate(stocked(place)):
        walls += ["--ro-bind", str(source), f"/stock/{number}"]
    walls += ["--bind", str(folder / "runs"), str(folder / "runs"), "--ro-bind", str(folder / "given"), "/given"]
    for node in sorted(Path("/dev").glob("nvidia*")):  # a fork gets those of its lease alone
        if not node.is_dir():
            walls += ["--dev-bind", str(node), str(node)]
    walls += [*system_links(), "--chdir", WORK]
    for name, value in environment(place, folder / "runs").items():
        walls += ["--setenv", name, value]
    return [find_bwrap(), *walls, "--", sys.executable, "-m", "grader.probe.template"]


def parents(targets: Iterable[str]) -> list[str]:
    """The folders in which mounts are made, the outer ones first."""
    return sorted({str(parent) for target in targets for parent in Path(target).parents} - {"/", "/tmp"})  # noqa: S108


def stocked(place: Workplace) -> list[Path]:
    """Everything that answers for paths in student code; which of it a run needs its own code decides."""
    substitutes = [*place.stock.paths, *place.stock.urls, *place.stock.kinds.values()]
    return list(dict.fromkeys([*(one.source for one in substitutes), *(file.source for file in place.files)]))


def open_to_all(source: Path) -> None:
    """Let others read what is served: the template of a grader that root started is another user.

    Only what is missing is changed, and only in the store's served parts and in copies of hand-ins.
    """
    for path in (source, *source.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o777
            wanted = mode | (0o555 if path.is_dir() else 0o444)
            if mode != wanted:
                path.chmod(wanted)


def give(template: Template, place: Workplace, submission: Submission, layout: Layout, name: str) -> None:
    """Lay where a run can read them: a hand-in's own files, and what was made for it (a picture in another format)."""
    own, laid = template.given / name, template.given / (name + LAID)
    for attachment in submission.attachments:
        copy(Path(submission.folder) / attachment, own / attachment)
    for number, source in enumerate(mounted(layout)):
        if not on_shelf(place, source):
            copy(source, laid / str(number))
    for folder in (own, laid):
        if folder.exists():
            open_to_all(folder)


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def order(
    template: Template,
    place: Workplace,
    submission: Submission,
    run_folder: Path,
    preload: tuple[str, ...],
    layout: Layout,
) -> dict[str, Any]:
    """All that a fork is told; the arguments are those of `fork_of`."""
    disk = int(place.limits.disk_mb * 2**20)
    return {
        "settings": probe_settings(place, submission, preload, layout),
        "environment": dict(environment(place, run_folder)),
        "cores": list(place.cores),
        "view": {
            "binds": [
                *(
                    (target, target)
                    for _, target in (*common_targets(place, template.folder / "system"), *place_shelves(place))
                ),
                *own_binds(place, submission, run_folder, layout),
            ],
            "links": list(links()),
            "memory": [(f"/{top}", disk) for top in layout.tops] + [("/tmp", disk), (WORK, disk)],  # noqa: S108
            "shared_memory": disk,
            "nodes": [str(node) for node in place.device.nodes],
            "work": WORK,
            "host": "grader",
            "bounds": {"processes": user_tasks(place.limits), "niceness": 10},
        },
    }


def common_targets(place: Workplace, folder: Path) -> Iterator[tuple[Path, str]]:
    """What all runs see of the system. Masks lie over files of it already: they come along with what they lie in."""
    targets: list[str] = []
    for source, target in common(place, folder):
        if not any(Path(target).is_relative_to(other) for other in targets):
            targets.append(target)
            yield source, target


def own_binds(place: Workplace, submission: Submission, run_folder: Path, layout: Layout) -> Iterator[tuple[str, str]]:
    """What this run alone sees: sources in the template's view, and places in its own."""
    yield str(run_folder), str(run_folder)
    if submission.attachments:
        yield f"/given/{run_folder.name}", "/submission"
    for number, source in enumerate(mounted(layout)):
        shelf = on_shelf(place, source)
        yield shelf or f"/given/{run_folder.name}{LAID}/{number}", f"/data/paths/{number}"


def on_shelf(place: Workplace, source: Path) -> str:
    """Where the template sees something of the store; nothing if it does not."""
    for number, one in enumerate(stocked(place)):
        if source.is_relative_to(one):
            return str(Path(f"/stock/{number}") / source.relative_to(one))
    return ""


def links() -> Iterator[tuple[str, str]]:
    """`/bin`, `/lib` and so on, where they are links."""
    arguments = system_links()
    for index, argument in enumerate(arguments):
        if argument == "--symlink":
            yield arguments[index + 1], arguments[index + 2]


def fork_of(
    template: Template,
    groups: tuple[Path, ...],
    place: Workplace,
    submission: Submission,
    run_folder: Path,
    preload: tuple[str, ...],
    layout: Layout,
) -> dict[str, Any]:
    """Prepare a fork; returns what makes jupyter_client have it: the part of a kernel spec that names the provisioner.

    Args:
        template: Of which it is one.
        groups: Control groups that it joins.
        place: Where it runs.
        submission: Whose files lie beside it.
        run_folder: Folder of this run, shared with the kernel for its sockets.
        preload: Frameworks to import before the student's code.
        layout: What is laid out for its code.
    """
    give(template, place, submission, layout, run_folder.name)
    if os.geteuid() == 0:
        os.chown(run_folder, TEMPLATE_USER, TEMPLATE_USER)
    config = {
        "control": str(template.control),
        "order": order(template, place, submission, run_folder, preload, layout),
        "groups": [str(group) for group in groups],
    }
    return {"kernel_provisioner": {"provisioner_name": "grader-fork", "config": config}}
