"""The template: imports the frameworks once, and then becomes a kernel, again and again, by forking.

    python -m grader.probe.template LISTENER USER MODULE...

It runs in a sandbox of its own. For each run the grader connects and sends what `Order` holds, with the file that takes
early messages. The answer is a handle (pidfd) of the first process of the run. The grader puts it into its control
groups and says go; then the walls are built, the kernel starts, and `up` tells that it listens.

    template ── fork ──> usher: leaves the namespaces ── fork ──> first process: walls ── fork ──> kernel

Student code never runs in the template itself. Neither CUDA nor TensorFlow's runtime may be alive in it: both have
threads and device handles that do not survive a fork.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import struct
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from grader.probe import walls
from grader.probe.kernel import preload, start

# What a first cell would import late: it is cheaper here, once.
USUAL = (
    *("IPython.core.debugger", "IPython.core.completerlib", "IPython.core.pylabtools", "jedi", "matplotlib_inline"),
    *("matplotlib.pyplot", "matplotlib_inline.backend_inline", "pandas", "PIL.Image", "threadpoolctl"),
)
LENGTH = struct.Struct("!I")
MOST_ORDER = 16 * 2**20
HANDLE, GO, UP, FAILED = b"h", b"g", b"u", b"f"


def main(listener: int, user: int, modules: list[str]) -> None:
    """Import, say that it is ready, and fork for everybody who asks.

    Args:
        listener: Number of the open socket on which orders come.
        user: Who to be, if root started this; 0 to stay who one is.
        modules: Frameworks in the order in which they must be imported.
    """
    if user:
        walls.become(user)
    for module in (*modules, *USUAL):
        preload(module)
    tell(refusal=unfit())
    gc.collect()
    gc.freeze()  # the collector must not touch, and so copy, what all forks share
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # ushers need no funeral
    with socket.socket(fileno=listener) as orders:
        while True:
            caller, _ = orders.accept()
            with caller:
                serve(orders, caller)


def tell(refusal: str) -> None:
    """Say once, on standard output, that forks can be had, or why not."""
    print(json.dumps({"refused": refusal}), flush=True)  # noqa: T201
    if refusal:
        sys.exit(1)


def unfit() -> str:
    """Why this process must not be forked; nothing if it may."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        return "CUDA is initialised"
    context = sys.modules.get("tensorflow.python.eager.context")
    alive = context.context_safe() if context is not None else None
    if alive is not None and alive._initialized:
        return "TensorFlow's runtime is initialised"
    return ""


def serve(orders: socket.socket, caller: socket.socket) -> None:
    """Read one order and fork for it. A caller that hangs up, or sends nonsense, costs nothing but its own order."""
    try:
        order, log = read_order(caller)
    except (OSError, ValueError):
        return
    if os.fork() == 0:
        orders.close()
        guarded(usher, order, log, caller)
    os.close(log)


def read_order(caller: socket.socket) -> tuple[dict[str, Any], int]:
    """An order, and the open file that takes early messages.

    Raises:
        ValueError: It is not one.
    """
    head, files, _, _ = socket.recv_fds(caller, LENGTH.size, 1)
    if len(head) != LENGTH.size or len(files) != 1:
        raise ValueError("an order starts with its length and one open file")
    (length,) = LENGTH.unpack(head)
    if length > MOST_ORDER:
        raise ValueError("an order of that size is none")
    with caller.makefile("rb") as stream:
        content: dict[str, Any] = json.loads(stream.read(length))
    return content, files[0]


def guarded(step: Any, order: dict[str, Any], log: int, caller: socket.socket) -> NoReturn:
    """Do something in a fork, and end it whatever happens: it must never return into the template's loop."""
    code = 1
    try:
        code = step(order, log, caller)
    except BaseException:
        with contextlib.suppress(OSError):
            os.write(log, traceback.format_exc().encode())
            caller.sendall(FAILED)
    finally:
        os._exit(code)


def usher(order: dict[str, Any], log: int, caller: socket.socket) -> int:
    """Leave the namespaces, fork the first process of the new ones, and hand its handle to the caller."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    walls.separate()
    first = os.fork()
    if first == 0:
        guarded(first_process, order, log, caller)
    handle = os.pidfd_open(first)
    socket.send_fds(caller, [HANDLE], [handle])
    return 0


def first_process(order: dict[str, Any], log: int, caller: socket.socket) -> int:
    """Wait until the grader has its hand on this process, build the walls, and start the kernel behind them."""
    if caller.recv(1) != GO:
        return 1
    walls.enclose(order["view"])
    child = os.fork()
    if child == 0:
        guarded(kernel, order, log, caller)
    walls.hide()
    caller.close()
    rewire(log)
    return walls.reap(child)


def rewire(log: int) -> None:
    """Standard input and output lead nowhere, errors to the file for early messages; nothing else is open."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number, file in ((0, nowhere), (1, nowhere), (2, log)):
        os.dup2(file, number)
    os.close(nowhere)
    os.close(log)


def kernel(order: dict[str, Any], log: int, caller: socket.socket) -> int:
    """Be the kernel: what a fresh `python -m grader.probe.kernel` would be, but for the imports."""
    rewire(log)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.sched_setaffinity(0, order["cores"] or os.sched_getaffinity(0))
    connection = Path("/tmp/connection.json")  # noqa: S108  its own
    connection.write_text(json.dumps(order["connection"]), encoding="utf-8")

    def up() -> None:
        caller.sendall(UP)
        caller.close()

    start(order["settings"], str(connection), up)
    return 0


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
