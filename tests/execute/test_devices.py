from __future__ import annotations

import pytest

from grader.errors import OperatorError
from grader.execute.devices import choose_device


def test_auto_without_a_gpu_is_the_cpu_and_hides_every_gpu(tmp_path):
    device = choose_device("auto", tmp_path)
    assert (device.name, device.nodes, device.visible) == ("cpu", (), "")


def test_a_gpu_brings_its_own_node_and_the_control_nodes_only(tmp_path):
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "sda"):
        (tmp_path / name).touch()
    device = choose_device("cuda:1", tmp_path)
    assert [node.name for node in device.nodes] == ["nvidia1", "nvidiactl", "nvidia-uvm"]
    assert (device.name, device.visible) == ("cuda:1", "1")
    assert choose_device("auto", tmp_path).name == "cuda:0"
    assert choose_device("cpu", tmp_path).name == "cpu"


@pytest.mark.parametrize("asked", ["cuda", "cuda:3", "gpu", "cuda:x", ""])
def test_what_is_not_there_is_said(asked, tmp_path):
    with pytest.raises(OperatorError, match=r"device|GPU"):
        choose_device(asked, tmp_path)


@pytest.mark.gpu
def test_a_real_gpu_is_found():
    assert choose_device("cuda").name == "cuda:0"
