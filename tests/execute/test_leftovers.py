from __future__ import annotations

import os
import subprocess

from grader.execute.leftovers import own_prefix, sweep


def test_what_a_dead_grader_left_is_removed_and_nothing_else(tmp_path):
    with subprocess.Popen(["true"]) as gone:
        pass
    dead = own_prefix().replace(f"-{os.getpid()}-", f"-{gone.pid}-")
    for name in (dead + "abc", dead + "abc-static", own_prefix() + "abc", "grader-1-1-abc", "grader-demo", "other"):
        (tmp_path / "tmp" / name / "deep").mkdir(parents=True)
        (tmp_path / "groups" / name).mkdir(parents=True)
    (tmp_path / "membership").write_text("0::/groups\n")
    removed = sweep(tmp_path / "tmp", tmp_path, tmp_path / "membership")
    assert sorted(path.name for path in removed) == [dead + "abc"] * 2 + [dead + "abc-static"] * 2
    kept = {own_prefix() + "abc", "grader-1-1-abc", "grader-demo", "other"}
    assert {path.name for path in (tmp_path / "tmp").iterdir()} == kept
    assert {path.name for path in (tmp_path / "groups").iterdir()} >= kept
