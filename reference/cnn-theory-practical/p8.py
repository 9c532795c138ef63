# question: p8
"""Batch normalisation in a small CNN.

Ioffe and Szegedy (2015), "Batch normalization: accelerating deep network training by reducing internal covariate
shift", arXiv:1502.03167, section 3.2: per channel, between the convolution and its activation. The bias of the
convolution would be taken away again with the mean, so it has none.

    layer        output      parameters
    conv         16@28×28           144 = 16·1·3·3
    batch norm   16@28×28            32 = 2·16 (scale and shift)
    max pool     16@14×14             0
    dense        10              31,370 = 10·(16·14·14 + 1)
"""

import torch
from torch import Tensor, nn

P8_PARAMETERS = 31_546


class NormalisedCNN(nn.Module):
    """N×1×28×28 pictures to N×10 scores."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 16, kernel_size=3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.pool = nn.MaxPool2d(2)
        self.dense = nn.Linear(16 * 14 * 14, classes)

    def forward(self, x: Tensor) -> Tensor:
        maps = self.norm(self.conv(x))
        return self.dense(self.pool(torch.relu(maps)).flatten(1))


model = NormalisedCNN()
assert sum(p.numel() for p in model.parameters()) == P8_PARAMETERS
print(model)
print(tuple(model(torch.rand(4, 1, 28, 28)).shape))
