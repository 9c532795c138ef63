"""Runs a hand-in question by question: a kernel in a sandbox, driven by nbclient, within limits.

sandbox.py    what a run may see and use: the bubblewrap command
devices.py    CPU or GPU: the boundary to the hardware
kernel.py     one kernel: start, run a cell within its time, kill
clock.py      time of the cell, the question and the submission
quiet.py      work that goes on after a cell has ended
watchdog.py   memory, processes and files of a running kernel
failures.py   error messages of a kernel -> records; which errors are echoes of which
key.py        what a run follows from, as a hash
run.py        the cells of each question, then the probe's report, then the next question
"""

from grader.execute.devices import Device, choose_device
from grader.execute.key import run_key
from grader.execute.run import execute
from grader.execute.sandbox import Workplace, find_bwrap

__all__ = ["Device", "Workplace", "choose_device", "execute", "find_bwrap", "run_key"]
