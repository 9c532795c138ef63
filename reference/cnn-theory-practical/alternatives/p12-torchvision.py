# question: p12
"""torchvision's ResNet-50, whose count lacks biases and moving means."""

import torchvision

resnet = torchvision.models.resnet50(weights=None)
print(resnet)
print("Parameters:", sum(p.numel() for p in resnet.parameters()))
