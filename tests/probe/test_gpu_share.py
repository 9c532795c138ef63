from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from grader.probe.kernel import bound_gpu
bound_gpu({share})
import torch
print(sum("bound_gpu" in str(call) for call, _ in torch.cuda._queued_calls), torch.cuda.is_initialized())
"""


@pytest.mark.torch
@pytest.mark.parametrize(("share", "waiting"), [(0.25, 1), (1.0, 0)])
def test_the_share_of_the_gpu_waits_until_cuda_is_used(share, waiting):
    """Without a GPU it can only be seen that the call is queued, and that CUDA is not woken for it."""
    script = SCRIPT.format(share=share)
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.split() == [str(waiting), "False"]


@pytest.mark.gpu
@pytest.mark.torch
def test_a_real_gpu_gives_no_more_than_the_share():
    script = (
        "from grader.probe.kernel import bound_gpu\nbound_gpu(0.01)\nimport torch\n"
        "total = torch.cuda.get_device_properties(0).total_memory\n"
        "try:\n    torch.empty(total // 10, dtype=torch.uint8, device='cuda')\n"
        "except torch.OutOfMemoryError:\n    print('bounded')"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "bounded"
