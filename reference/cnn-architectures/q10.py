# question: q10
"""Chest X-rays in three classes with little data: the networks of the proposal, as far as they go without the pictures.

ResNet-50: He, Zhang, Ren, Sun (2015), "Deep residual learning for image recognition", arXiv:1512.03385, table 1.
DenseNet-121: Huang, Liu, van der Maaten, Weinberger (2016), "Densely connected convolutional networks",
arXiv:1608.06993, table 1; CheXNet (Rajpurkar et al. 2017, arXiv:1711.05225) reads chest X-rays with it.

    network        base, frozen at first    features    head for three classes
    ResNet-50                 23,508,032       2,048    6,147 = 3·(2,048 + 1)
    DenseNet-121               6,953,856       1,024    3,075 = 3·(1,024 + 1)
"""

import torch
from torch import Tensor, nn
from torchvision import models, transforms

CLASSES = ("normal", "pneumonia", "covid-19")
BASE_PARAMETERS = {"resnet50": 23_508_032, "densenet121": 6_953_856}
HEAD_PARAMETERS = {"resnet50": 6_147, "densenet121": 3_075}
PICTURES = (400, 400, 80)  # how many there may be of each class

# What happens to pictures in a clinic, too: a tilt, a shift, another exposure. No mirroring: the heart lies left.
AUGMENT = transforms.Compose(
    [
        transforms.RandomAffine(degrees=7, translate=(0.05, 0.05), scale=(0.95, 1.05)),
        transforms.ColorJitter(brightness=0.2, contrast=0.2),
    ]
)


def xray_classifier(name: str, classes: int = len(CLASSES)) -> nn.Module:
    """N×3×H×W pictures (grey ones repeated three times) to N×3 logits: a pretrained base, frozen, with a new head."""
    model = models.get_model(name, weights="IMAGENET1K_V1")
    model.requires_grad_(False)
    if name == "resnet50":
        model.fc = nn.Linear(model.fc.in_features, classes)
    else:
        model.classifier = nn.Linear(model.classifier.in_features, classes)
    return model


def weights_of_classes(pictures: tuple[int, ...]) -> Tensor:
    """Weights for the loss that give every class the same say, with a mean of 1 over the pictures."""
    counts = torch.tensor(pictures, dtype=torch.float32)
    return counts.sum() / (len(counts) * counts)


def recall_of_classes(truth: Tensor, answers: Tensor, classes: int = len(CLASSES)) -> Tensor:
    """Of the pictures of each class, the share that is found: a missed COVID-19 case is the expensive mistake."""
    return torch.stack([(answers[truth == c] == c).float().mean() for c in range(classes)])


def grad_cam(model: nn.Module, layer: nn.Module, picture: Tensor) -> Tensor:
    """Where the network looks: an h×w map from 0 to 1 over a 1×3×H×W picture, for the class that it chose.

    Selvaraju et al. (2017), "Grad-CAM: visual explanations from deep networks via gradient-based localization",
    arXiv:1610.02391, equations 1 and 2.
    """
    kept: list[Tensor] = []
    hook = layer.register_forward_hook(lambda _layer, _inputs, maps: kept.append(maps))
    scores = model(picture.requires_grad_(True))
    hook.remove()
    (maps,) = kept
    (gradients,) = torch.autograd.grad(scores.max(), maps)
    importance = gradients.mean(dim=(2, 3), keepdim=True)
    heat = torch.relu((importance * maps).sum(dim=1))[0].detach()
    return heat / heat.max().clamp(min=1e-12)


batch = torch.rand(4, 3, 64, 64)  # in place of pictures: only shapes can be shown here
for name, base_parameters in BASE_PARAMETERS.items():
    network = xray_classifier(name).eval()
    free = sum(p.numel() for p in network.parameters() if p.requires_grad)
    assert sum(p.numel() for p in network.parameters()) - free == base_parameters
    assert free == HEAD_PARAMETERS[name]
    print(f"{name}: {tuple(network(AUGMENT(batch)).shape)} logits for {len(batch)} pictures, {free:,} weights to train")

heat_map = grad_cam(network, network.features, batch[:1])
loss_of = nn.CrossEntropyLoss(weight=weights_of_classes(PICTURES))
print(f"weights of the classes in the loss: {[round(w, 2) for w in loss_of.weight.tolist()]}")

# %% [markdown]
# **Approach.** DenseNet-121 (or ResNet-50), pretrained on ImageNet, better still on public chest X-rays: from a few
# hundred pictures, 3,075 free weights can be learned; then the last block is unfrozen with a low rate. Patients never
# stand on both sides of a split. The loss weighs the rare class up, augmentation stays within what a clinic does, and
# what counts is recall and F1 of each class, not accuracy. Grad-CAM shows a radiologist where the network looked, and
# shows us when it reads the marks of a hospital instead of lungs.
#
# **Deployment.** The network with its preprocessing is one versioned model behind an API next to the PACS; it proposes,
# a radiologist decides, and uncertain cases come first. Shadow mode before roll-out. Inputs and scores are watched for
# drift, corrections of radiologists go into the next training. Pictures are de-identified (GDPR, HIPAA), and it is a
# medical device: it needs its approval.
