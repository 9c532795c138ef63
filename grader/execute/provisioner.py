"""A kernel provisioner for jupyter_client: the kernel is a fork of a template, held by its handle (pidfd).

Source: https://jupyter-client.readthedocs.io/en/stable/provisioning.html
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import socket
import struct
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Dict, List, Unicode

LENGTH = struct.Struct("!I")
HANDLE, GO, UP = b"h", b"g", b"u"
FORK_SECONDS = 60


class ForkProvisioner(KernelProvisionerBase):  # type: ignore[misc]  # jupyter_client has no types for traits
    """Has a template fork, puts the fork into its control groups, and says go.

    Attributes:
        control: Path of the template's socket.
        order: What the fork is told.
        groups: Control groups that it joins before it does anything.
    """

    control = Unicode()
    order = Dict()
    groups = List(Unicode())
    handle: int | None = None
    pid: int | None = None

    @property
    def has_process(self) -> bool:
        """Whether there is one, dead or alive."""
        return self.handle is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Write the connection file, which chooses the names of the sockets."""
        self.parent.write_connection_file()
        self.connection_info = self.parent.get_connection_info()
        return dict(await super().pre_launch(cmd=["fork"], **kwargs))

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002  nothing is started
        """Ask for the fork and wait until its sockets are there.

        Raises:
            RuntimeError: The template is gone, or the walls cannot be built.
        """
        await asyncio.to_thread(self._fork, kwargs["stderr"])
        return dict(self.connection_info)

    def _fork(self, log: int) -> None:
        connection = {**self.connection_info, "key": self.connection_info["key"].decode()}
        order = {**self.order, "connection": connection}
        content = json.dumps(order).encode()
        try:
            with socket.socket(socket.AF_UNIX) as caller:
                caller.settimeout(FORK_SECONDS)
                caller.connect(self.control)
                socket.send_fds(caller, [LENGTH.pack(len(content))], [log])
                caller.sendall(content)
                word, handles, _, _ = socket.recv_fds(caller, 1, 1)
                if word == HANDLE and handles:
                    self.handle = handles[0]
                    self.pid = pid_of(self.handle)
                    self._join()
                    caller.sendall(GO)
                    word = caller.recv(1)
        except OSError as error:
            raise RuntimeError(f"the template does not fork: {error}") from error
        if word != UP:
            raise RuntimeError("the fork's walls cannot be built")

    def _join(self) -> None:
        for group in self.groups:
            Path(group, "cgroup.procs").write_text(str(self.pid), encoding="ascii")

    async def poll(self) -> int | None:
        """None while it lives. How a fork ended is its template's knowledge: dead is dead."""
        if self.handle is None:
            return 0
        ended, _, _ = select.select([self.handle], [], [], 0)
        return 1 if ended else None

    async def wait(self) -> int | None:
        """Wait until it is dead."""
        if self.handle is not None:
            loop, ended = asyncio.get_running_loop(), asyncio.Event()
            loop.add_reader(self.handle, ended.set)
            await ended.wait()
            loop.remove_reader(self.handle)
        return 1

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the first process of the run."""
        if self.handle is not None and await self.poll() is None:
            signal.pidfd_send_signal(self.handle, signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002  jupyter_client's signature
        """End the first process, and with it everything in its namespace."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """There is no politer way: nothing in it is wanted."""
        await self.kill(restart)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002
        """Let go of the handle."""
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None


def pid_of(handle: int) -> int:
    """The process number behind a pidfd, as this process counts (proc(5), fdinfo)."""
    for line in Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii").splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise RuntimeError("the fork is gone")
