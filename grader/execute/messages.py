"""What is said to a kernel and heard from it: clients that keep no flood and wait for no silence; an outcome."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from queue import Empty
from types import MappingProxyType
from typing import Any

from jupyter_client.asynchronous import AsyncKernelClient
from nbclient import NotebookClient

from grader.records import LimitHit

STARTUP_SECONDS = 240
MOST_ERROR = 100_000
WANTED = {"status", "execute_input", "stream", "display_data", "execute_result", "update_display_data", "error"}
REPORT_BYTES = 64 * 2**20
MIME = "application/vnd.grader.observation+json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running one piece of code gave.

    Attributes:
        seconds: Wall time seen from outside.
        text: What it printed, up to the output limit.
        error: The kernel's error message (`ename`, `evalue`, `traceback`), or None.
        limit: The bound that ended it, or None.
        report: The probe's message, if it sent one.
        dropped: Bytes of output beyond the limit.
    """

    seconds: float
    text: str = ""
    error: Mapping[str, Any] | None = None
    limit: LimitHit | None = None
    report: object = None
    dropped: int = 0


class BoundedClient(NotebookClient):  # type: ignore[misc]  # nbclient has no types
    """nbclient that keeps at most `room` bytes of output per cell: a flood must not fill the grader's memory."""

    room: int = 2**20
    dropped: int = 0
    reply: Mapping[str, Any] = MappingProxyType({})
    listening: bool = False

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Cut text, and drop what is beyond the limit or nobody asked for."""
        content = msg["content"]
        if msg["msg_type"] not in WANTED:
            return None
        if msg["msg_type"] == "error":
            content["evalue"] = str(content.get("evalue", ""))[:MOST_ERROR]
            content["traceback"] = ["\n".join(map(str, content.get("traceback", ())))[-MOST_ERROR:]]
        elif msg["msg_type"] == "stream":
            text = str(content.get("text", ""))
            content["text"] = text[: max(0, self.room)]
            self._spend(len(text))
        elif msg["msg_type"] in {"display_data", "execute_result", "update_display_data"}:
            size = len(str(content))
            report = self.listening and MIME in content.get("data", {})
            if not report:
                self._spend(size)
            if size > REPORT_BYTES or (not report and self.room < 0):
                return None
        try:
            return super().process_message(msg, cell, cell_index)
        except RecursionError:  # nested deeper than any output is: somebody wants to stop the grader
            return None

    def _spend(self, size: int) -> None:
        self.dropped += min(size, max(0, size - max(0, self.room)))
        self.room -= size


class PromptClient(AsyncKernelClient):  # type: ignore[misc]
    """A client that knows at once when a kernel is ready; jupyter_client's own listens to silence for 0.2 s."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109  jupyter_client's
        """Wait until a request is answered on both channels.

        Args:
            timeout: Seconds.

        Raises:
            RuntimeError: The kernel died, or does not answer in time.
        """
        deadline = time.monotonic() + (timeout or STARTUP_SECONDS)
        while time.monotonic() < deadline:
            request = self.kernel_info()
            with contextlib.suppress(Empty):
                await self.get_shell_msg(timeout=2)
                # Publishing starts a little after: what was said before it heard us is lost, so ask again.
                while (await self.get_iopub_msg(timeout=0.2))["parent_header"].get("msg_id") != request:
                    pass
                return
            if not await self._async_is_alive():
                raise RuntimeError("the kernel died before it answered")
        raise RuntimeError("the kernel does not answer")


def outcome(cell: Any, reply: Mapping[str, Any], seconds: float, limit: LimitHit | None, dropped: int) -> Outcome:
    """Read a cell's outputs. An error counts if either its output or the kernel's reply tells of it."""
    text: list[str] = []
    error: Mapping[str, Any] | None = reply if reply.get("status") == "error" else None
    report: object = None
    for output in cell.outputs:
        data = output.get("data", {})
        if output.output_type == "error":
            error = output
        elif MIME in data:
            report = data[MIME]
        else:
            text.append(str(output.get("text") or data.get("text/plain", "")))
    return Outcome(
        seconds, "\n".join(part.rstrip("\n") for part in text if part.strip("\n")), error, limit, report, dropped
    )
