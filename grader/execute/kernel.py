"""One kernel: start it, run cells within their time, read what they print, kill it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import nbformat
import psutil
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import DeadKernelError

from grader.errors import OperatorError
from grader.execute.cgroup import bounded, make_groups, remove_groups
from grader.execute.layout import Layout
from grader.execute.leftovers import own_prefix
from grader.execute.messages import STARTUP_SECONDS, BoundedClient, Outcome, PromptClient, outcome
from grader.execute.sandbox import Workplace, environment, kernel_command
from grader.execute.warm import Template, TemplateDiedError, fork_of
from grader.execute.watchdog import grouped, sample, watch
from grader.records import LimitHit, Submission

INTERRUPT_SECONDS = 5.0
UNKNOWN = LimitHit("kernel", 0, 0, "")


class OneKernelSpec(KernelSpecManager):  # type: ignore[misc]  # jupyter_client's traits have no types
    """A kernel that is installed nowhere: its command is made for this run."""

    command: Sequence[str] = ()
    metadata: Mapping[str, Any] = MappingProxyType({})

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The same kernel whatever name is asked for."""
        return KernelSpec(
            argv=list(self.command),
            metadata=dict(self.metadata),
            display_name=kernel_name,
            language="python",
            interrupt_mode="message",
        )


@dataclass
class Kernel:
    """A running kernel. Use it as an asynchronous context manager.

    Attributes:
        place: Where it runs and within which bounds.
        submission: Whose code it runs.
        preload: Frameworks to import before the student's code.
        layout: What is laid out for its code.
        limit: The bound for which the watchdog killed it, or None.
        groups: Its control groups, where they may be made.
        template: Of which it is a fork; None for a cold kernel.
        killed: Whether we ended it.
        killing: Held while it is being ended.
        folder: What it shares with the grader: its sockets.
    """

    place: Workplace
    submission: Submission
    preload: tuple[str, ...] = ()
    layout: Layout = field(default_factory=Layout)
    limit: LimitHit | None = None
    groups: tuple[Path, ...] = ()
    template: Template | None = None
    killed: bool = False
    killing: asyncio.Lock = field(default_factory=asyncio.Lock)
    folder: Path = field(init=False)

    async def __aenter__(self) -> Kernel:
        """Start the kernel and the watchdog over it.

        Raises:
            OperatorError: The kernel does not come up.
        """
        if self.place.templates is not None:
            self.template = await self.place.templates.ready(self.preload)
        self.folder = Path(tempfile.mkdtemp(prefix=own_prefix(), dir=self.template.runs if self.template else None))
        sandboxed = self.place.isolation == "bwrap"
        self.groups = make_groups(self.folder.name, self.place.limits) if sandboxed else ()
        self.manager = AsyncKernelManager(
            kernel_spec_manager=await asyncio.to_thread(self._spec),
            client_factory=PromptClient,
            **transport(self.folder),
            connection_file=str(self.folder / "connection.json"),
        )
        self.client = BoundedClient(nbformat.v4.new_notebook(), km=self.manager, startup_timeout=STARTUP_SECONDS)
        self.client.iopub_timeout = 60
        self.client.allow_errors = True
        self.client.on_cell_executed = self._heard
        try:
            await self._start()
        except BaseException:
            await self.__aexit__()
            raise
        self.watchdog = asyncio.create_task(
            watch(self.pid, self.place.limits, self.writable, self.groups, self._over_limit)
        )
        return self

    def _spec(self) -> OneKernelSpec:
        """How it is started: as a fork of a template, or by a command of its own."""
        specs = OneKernelSpec()
        what = (self.place, self.submission, self.folder, self.preload, self.layout)
        if self.template is not None:
            specs.metadata = fork_of(self.template, self.groups, *what)
        elif self.place.isolation == "bwrap":
            specs.command = bounded(kernel_command(*what), self.groups, self.place.limits, self.place.cores)
        else:
            specs.command = kernel_command(*what)
        return specs

    async def _start(self) -> None:
        work = self.folder
        if self.place.isolation == "none":
            work = self.folder / "work"
            work.mkdir()
        quiet = subprocess.DEVNULL
        log = os.open(self._start_log, os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            await self.manager.start_kernel(
                env=dict(environment(self.place, self.folder)), cwd=str(work), stdin=quiet, stdout=quiet, stderr=log
            )
            await self.client.async_start_new_kernel_client()
        except RuntimeError as error:
            await self._check_template()
            written = self._start_log.read_text("utf-8", "replace").strip().splitlines()[-1:] or [str(error)]
            raise OperatorError(
                f"the kernel does not start: {written[0][:300]}", "Try 'grader grade' with one small notebook"
            ) from error
        finally:
            os.close(log)

    @property
    def pid(self) -> int:
        """Root of its processes, as the host counts them."""
        return int(self.manager.provisioner.pid)

    @property
    def _start_log(self) -> Path:
        """What the kernel says before its own output channels are up."""
        return self.folder.with_name(self.folder.name + "-start.log")

    async def __aexit__(self, *_: object) -> None:
        """Kill the kernel and remove its folders. A polite shutdown would only cost time: nothing in it is wanted."""
        if hasattr(self, "watchdog"):
            self.watchdog.cancel()
        await self._kill()
        if self.client.kc is not None:
            self.client.kc.stop_channels()
        await self.manager.cleanup_resources()
        beside = self.folder.with_name(self.folder.name + "-static")
        given = self.template.given.glob(self.folder.name + "*") if self.template else ()
        await remove_folders((self.folder, beside, *given))
        self._start_log.unlink(missing_ok=True)
        await remove_groups(self.groups)

    @property
    def writable(self) -> tuple[Path, ...]:
        """The few paths on the host's disk that it can write to."""
        return (self.folder, self._start_log) if self.place.isolation == "bwrap" else ()

    async def _check_template(self) -> None:
        """A kernel that is gone may have gone down with its template.

        Raises:
            TemplateDiedError: It has.
        """
        if self.template is not None and await self.template.gone():
            raise TemplateDiedError

    async def _kill(self) -> None:
        """End every process of the run: bubblewrap dies, and with it the namespace that holds all the others."""
        self.killed = True
        async with self.killing:  # the watchdog and the clock may both want it
            provisioner = self.manager.provisioner
            if provisioner is not None and provisioner.has_process:
                await provisioner.kill()
                await provisioner.wait()

    async def alive(self) -> bool:
        """Whether code can still be run in it.

        Raises:
            TemplateDiedError: It went down with its template.
        """
        if self.limit is not None:
            return False
        alive = bool(await self.manager.is_alive())
        if not alive and not self.killed:
            await self._check_template()
        return alive

    def _heard(self, execute_reply: Mapping[str, Any], **_: object) -> None:
        self.client.reply = execute_reply["content"]

    async def run(self, source: str, seconds: float, *, report: bool = False) -> Outcome:
        """Run code as a cell, for at most `seconds`.

        A cell that takes longer is interrupted; if it does not give up then, the kernel is killed. What the kernel
        says about its end is checked by a second request: code that only announces its end keeps that one waiting.

        Args:
            source: The code.
            seconds: Its time.
            report: Whether a message of the probe is expected.
        """
        self.client.listening = report
        self.client.reply = MappingProxyType({})
        cell = nbformat.v4.new_code_cell(source)
        self.client.nb.cells = [cell]
        self.client.room = int(self.place.limits.output_mb * 2**20)
        self.client.dropped = 0
        started = time.monotonic()
        task = asyncio.create_task(self._execute(cell))
        try:
            limit = await self._await(task, seconds, started)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        return outcome(cell, self.client.reply, time.monotonic() - started, limit, self.client.dropped)

    async def _execute(self, cell: Any) -> None:
        await self.client.async_execute_cell(cell, 0, store_history=True)
        reply = self.client.reply
        await self.client.async_execute_cell(nbformat.v4.new_code_cell("pass"), 0, store_history=False)
        self.client.reply = reply

    async def _await(self, task: asyncio.Task[Any], seconds: float, started: float) -> LimitHit | None:
        """Wait for a cell; returns the bound that ended it, or None."""
        late = False
        if not await self._finished(task, seconds):
            late = True
            await self.manager.interrupt_kernel()
            if not await self._finished(task, INTERRUPT_SECONDS):
                await self._kill()
                await self._finished(task, INTERRUPT_SECONDS)
        if late:
            return LimitHit("time", round(time.monotonic() - started, 1), seconds, "s")
        if await self.alive() and (passed := self._passed()):
            await self._over_limit(passed)  # here, and not in the middle of the next question, which did nothing
        if not await self.alive():
            return self.limit or (grouped(self.groups, self.place.limits) if self.groups else None) or UNKNOWN
        return None

    def _passed(self) -> LimitHit | None:
        """The bound that the run has passed since the watchdog last looked."""
        try:
            return sample(psutil.Process(self.pid), self.place.limits, self.writable, self.groups)
        except psutil.NoSuchProcess:
            return None

    @staticmethod
    async def _finished(task: asyncio.Task[Any], seconds: float) -> bool:
        with contextlib.suppress(DeadKernelError):
            done, _ = await asyncio.wait({task}, timeout=seconds)
            for finished in done:
                finished.result()
            return bool(done)
        return True

    async def _over_limit(self, limit: LimitHit) -> None:
        self.limit = limit
        await self._kill()


def transport(folder: Path) -> dict[str, str]:
    """How the kernel is spoken to: by sockets in its folder, as there is no network in the sandbox."""
    if sys.platform == "win32":  # without a sandbox, and without such sockets
        return {"transport": "tcp", "ip": "127.0.0.1"}
    return {"transport": "ipc", "ip": str(folder / "socket")}


async def remove_folders(folders: Sequence[Path]) -> None:
    """Remove the folders of a kernel. By `rm` where there is one: a hand-in can nest deeper than Python recurses."""
    if sys.platform == "win32":
        for folder in folders:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return
    await (await asyncio.create_subprocess_exec("rm", "-rf", "--", *map(str, folders))).wait()
