"""Runs a hand-in question by question: a kernel in a sandbox, driven by nbclient, within limits.

sandbox.py    what a run may see and use: the bubblewrap command
gpus.py       the boundary to NVIDIA's management library
devices.py    CPU or GPU
leases.py     which cores, which memory and which device each run may use
warm.py       templates: processes with the frameworks imported, of which runs get forks
provisioner.py  how jupyter_client gets such a fork
kernel.py     one kernel: start, run a cell within its time, kill
clock.py      time of the cell, the question and the submission
quiet.py      work that goes on after a cell has ended
watchdog.py   memory, processes and files of a running kernel
failures.py   error messages of a kernel -> records; which errors are echoes of which
leftovers.py  what a grader that was killed left behind
walls.py      which walls stand on this machine, for `grader doctor`
key.py        what a run follows from, as a hash
run.py        the cells of each question, then the probe's report, then the next question
"""

from grader.execute.devices import Device, choose_devices, out_of_gpu_memory
from grader.execute.gpus import Nvml
from grader.execute.key import run_key
from grader.execute.leases import Lease, Leases, Machine, shared_out
from grader.execute.leftovers import sweep
from grader.execute.run import execute
from grader.execute.sandbox import Workplace, find_bwrap
from grader.execute.warm import warmed

__all__ = [
    "Device",
    "Lease",
    "Leases",
    "Machine",
    "Nvml",
    "Workplace",
    "choose_devices",
    "execute",
    "find_bwrap",
    "out_of_gpu_memory",
    "run_key",
    "shared_out",
    "sweep",
    "warmed",
]
