# question: p10
"""torchvision's VGG16, with the old spelling of `weights`, shown as the value of the last line."""

from torchvision import models

vgg = models.vgg16(pretrained=False)
print(vgg)
