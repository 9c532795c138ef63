# question: p4
"""A CNN of one convolutional and one fully connected layer, and a batch of random pictures sent through it.

LeCun et al. (1998), "Gradient-based learning applied to document recognition", section II.A: shared weights find local
features, a dense layer joins them. N×1×28×28 pictures to N×10 scores.

    layer    output     parameters
    conv     8@26×26           80 = 8·(1·3·3 + 1)
    dense    10            54,090 = 10·(8·26·26 + 1)
"""

import torch
from torch import Tensor, nn

P4_PARAMETERS = 54_170


class SmallCNN(nn.Module):
    """N×1×28×28 pictures to N×10 scores."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, kernel_size=3)
        self.dense = nn.Linear(8 * 26 * 26, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.dense(torch.relu(self.conv(x)).flatten(1))


model = SmallCNN()
assert sum(p.numel() for p in model.parameters()) == P4_PARAMETERS

pictures = torch.rand(16, 1, 28, 28)
scores = model(pictures)
print(f"{tuple(pictures.shape)} -> {tuple(scores.shape)}")
