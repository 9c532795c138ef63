from __future__ import annotations

from grader.cli.doctor import devices, standing
from grader.execute.gpus import Nvml
from grader.execute.walls import System


def test_a_wall_is_a_line_with_its_remedy():
    system = System("/usr/bin/bwrap", sandbox="not permitted", switches=frozenset({("user/max_user_namespaces", 0)}))
    lines = list(standing(system))
    assert [ready for ready, _, _ in lines] == [False, None, None, None, True]
    assert lines[0][2].endswith("not permitted. user namespaces are off: sudo sysctl -w user.max_user_namespaces=15000")


def test_a_gpu_that_the_library_does_not_find_is_said(tmp_path):
    nvml = Nvml()
    nvml.problem = "Driver/library version mismatch"  # as after an upgrade of the driver
    assert devices(nvml, tmp_path) == (True, "device", "cpu")
    (tmp_path / "nvidia0").touch()
    ready, _, words = devices(nvml, tmp_path)
    assert ready is None
    assert "version mismatch; the CPU is used" in words
