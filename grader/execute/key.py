"""The key of a run: two runs with the same key would show the same, so one of them is enough."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import json
import os
import platform
from functools import cache
from pathlib import Path

from grader.data import digest_of
from grader.execute.sandbox import Workplace
from grader.records import Environment, Segmentation, Submission

# What hand-ins import: another version of one of these may give another result.
PACKAGES = (
    *("torch", "torchvision", "tensorflow-cpu", "tensorflow", "keras", "numpy", "matplotlib", "ipykernel"),
    *("scipy", "pandas", "scikit-learn", "scikit-image", "pillow", "mlxtend"),
)
# The parts of the grader that decide what a trace holds.
OWN = ("probe", "execute", "observe")


def run_key(submission: Submission, segmentation: Segmentation, plan_hash: str, place: Workplace) -> str:
    """SHA-256 of all that a run follows from: what is run, what is asked, on what, within which bounds.

    Names, places and prose of the hand-in are not in it, and neither are thresholds, points and texts of the rubric.

    Args:
        submission: The hand-in.
        segmentation: Which cells answer which question.
        plan_hash: Hash of what the rubric has run.
        place: Where it would run.
    """
    content = {
        "content": submission.digest,
        "cells": [(answer.question, answer.cells) for answer in segmentation.answers],
        "shared": segmentation.shared,
        "plan": plan_hash,
        "profile": place.profile,
        "limits": place.limits.model_dump(mode="json"),
        "threads": place.threads,
        "seeds": (place.seed, place.input_seed),
        "data": served(place),
        "environment": {
            **dataclasses.asdict(environment_of(place)),
            "seed": 0,
            "data": 0,
            "device": place.device.model,
        },
        "grader": own_digest(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def served(place: Workplace) -> list[tuple[str, str]]:
    """What is served, by name, with the hash of its content."""
    stock = place.stock
    substitutes = [*stock.paths, *stock.urls, *stock.kinds.values()]
    return [
        *((data.name, data.digest) for data in place.data),
        *((file.target, digest_of(file.source)) for file in place.files),
        *((one.pattern, digest_of(one.source)) for one in substitutes),
        *((name, digest_of(path)) for name, path in sorted(place.weights.items())),
    ]


def environment_of(place: Workplace) -> Environment:
    """What a run in this place runs on."""
    gpu = place.device.gpu
    return Environment(
        python=platform.python_version(),
        packages=packages(),
        device=place.device.name,
        isolation=place.isolation,
        cores=os.cpu_count() or 1,
        processor=processor(),
        gpu=gpu.name if gpu else "",
        driver=gpu.driver if gpu else "",
        seed=place.input_seed,
        data=dict(reversed(served(place))),  # data sets last: their names count
    )


@cache
def packages() -> dict[str, str]:
    """Versions of the packages that are installed, of those that hand-ins use."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@cache
def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Name of the processor: times that were taken on another one cannot be compared."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


@cache
def own_digest() -> str:
    """Hash of the code that runs and observes: another version of it may see more."""
    root = Path(__file__).parents[1]
    content = hashlib.sha256()
    for path in sorted(path for part in OWN for path in (root / part).rglob("*.py")):
        content.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return content.hexdigest()
