"""Bridges: old code on today's libraries. Each is one entry of the table, noted when used, and can be switched off.

Not a compatibility layer for everything: what hand-ins needed.

    bridge.py        what a bridge is; `install`
    keras_names.py   modules and names that have moved
    keras_calls.py   arguments, methods and results that have changed
    keras_files.py   names of files that models are saved under
    torch_calls.py   arguments and methods that have changed
    summary.py       `torchsummary` and `torchinfo`, which are not installed
"""

from __future__ import annotations

from grader.probe.bridges import bridge, keras_calls, keras_files, keras_names, summary, torch_calls
from grader.probe.bridges.bridge import Bridge
from grader.probe.recorder import Recorder

BRIDGES: dict[str, Bridge] = {
    each.name: each
    for module in (keras_names, keras_calls, keras_files, torch_calls, summary)
    for each in module.BRIDGES
}


def install(recorder: Recorder) -> None:
    """Set all bridges that the rubric does not switch off. To be called after the watchers, before student code.

    What the bridges change goes around what the watchers changed: those see today's spelling.
    """
    off = set(recorder.settings.bridges_off)
    bridge.install(recorder, [each for name, each in BRIDGES.items() if name not in off])
