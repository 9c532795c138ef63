"""Drawn pictures in place of chest X-rays, laid out like the set that everybody uses.

Folders as in Kermany et al. (2018), "Identifying medical diagnoses and treatable diseases by image-based deep
learning", Cell 172(5): `chest_xray/{train,val,test}/{NORMAL,PNEUMONIA}/*.jpeg`, grey, more PNEUMONIA than NORMAL. The
pictures show a bright chest with two dark lungs, ribs and a spine; PNEUMONIA has bright, soft clouds in the lungs. They
show whether a network learns and an application works, and nothing about medicine.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader.data.entry import needs

SIZE = 96
COUNTS = {"train": (60, 90), "val": (12, 18), "test": (12, 18)}  # NORMAL, PNEUMONIA
CLASSES = ("NORMAL", "PNEUMONIA")
SEED = 2018

Floats = NDArray[np.float64]
Rng = np.random.Generator


def draw_folder(folder: Path) -> None:
    """Draw the whole folder `chest_xray`, the same each time."""
    image, rng = needs("PIL.Image"), np.random.default_rng(SEED)
    for part, counts in COUNTS.items():
        for kind, (name, count) in enumerate(zip(CLASSES, counts, strict=True)):
            place = folder / "chest_xray" / part / name
            place.mkdir(parents=True)
            for number in range(count):
                image.fromarray(picture(kind == 1, rng)).save(place / f"{name.lower()}-{number:03}.jpeg", quality=90)


def picture(clouded: bool, rng: Rng) -> NDArray[np.uint8]:
    """One picture, (96, 96), with values from 0 to 255."""
    y, x = np.mgrid[-1 : 1 : SIZE * 1j, -1 : 1 : SIZE * 1j] + rng.uniform(-0.06, 0.06, (2, 1, 1))
    chest: Floats = _blob(x, y, 0.0, 0.1, 0.95, 1.1, 12)
    lungs = sum(_blob(x, y, side * 0.42, 0.0, rng.uniform(0.27, 0.34), rng.uniform(0.58, 0.7), 10) for side in (-1, 1))
    ribs = 0.08 * np.cos(rng.uniform(16, 20) * (y + 0.35 * x**2) + rng.uniform(0, 6)) * lungs
    spine = 0.2 * np.exp(-((x / 0.09) ** 2))
    density: Floats = 0.75 * chest - 0.55 * lungs + ribs + spine * chest
    if clouded:
        density = density + lungs * sum(_cloud(x, y, rng) for _ in range(rng.integers(3, 6)))
    density = density * rng.uniform(0.9, 1.1) + rng.normal(0, 0.03, density.shape)
    bright: Floats = (density - density.min()) / (density.max() - density.min())
    return np.rint(255 * bright).astype(np.uint8)


def _blob(x: Floats, y: Floats, cx: float, cy: float, width: float, height: float, edge: float) -> Floats:
    """An ellipse with a soft edge: 1 inside, 0 outside."""
    inside: Floats = 1 / (1 + np.exp(edge * (((x - cx) / width) ** 2 + ((y - cy) / height) ** 2 - 1)))
    return inside


def _cloud(x: Floats, y: Floats, rng: Rng) -> Floats:
    """A soft opacity somewhere in one of the lungs."""
    cx, cy, size = rng.choice([-1, 1]) * rng.uniform(0.3, 0.5), rng.uniform(-0.3, 0.45), rng.uniform(0.12, 0.25)
    cloud: Floats = rng.uniform(0.25, 0.45) * np.exp(-(((x - cx) / size) ** 2) - ((y - cy) / size) ** 2)
    return cloud
