# question: p1
"""PyTorch's own convolution, which turns nothing round either, inside a function of two tensors."""

import torch
import torch.nn.functional as F


def my_conv(x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x[None, None], w[None, None]).squeeze()


torch.manual_seed(1)
x, w = torch.rand(5, 5), torch.rand(3, 3)
feature_map = my_conv(x, w)
print(feature_map)
