"""Command lines that fetch, as they stand in notebooks."""

import shlex

import pytest

from grader.probe.fetching import addresses, kaggle_address, kaggle_target, target_of

U = "https://e.org/a/x.zip"


@pytest.mark.parametrize(
    ("line", "target"),
    [
        (f"wget {U}", "x.zip"),
        (f"wget -q --no-check-certificate {U} -O /tmp/y.zip", "/tmp/y.zip"),
        (f"wget -qO y.zip {U}", "y.zip"),
        (f"wget -qO- {U}", ""),
        (f"wget -nc -P data {U}", "data/x.zip"),
        (f"wget --directory-prefix=data {U}", "data/x.zip"),
        (f"wget --output-document=y.zip {U}", "y.zip"),
        (f"curl {U}", ""),
        (f"curl -O {U}", "x.zip"),
        (f"curl -LO {U}", "x.zip"),
        (f"curl -L -o y.zip {U}", "y.zip"),
        (f"curl -sSLo y.zip {U}", "y.zip"),
        (f"gdown {U} -O y.zip", "y.zip"),
        ("wget https://e.org/", "index.html"),
    ],
)
def test_where_a_download_is_written(line, target):
    program, *words = shlex.split(line)
    (address,) = addresses(program, words)
    assert target_of(program, words, address) == target


@pytest.mark.parametrize(
    "line", ["gdown 1AbCdEfGhIjKlMnOpQrStUvWxYz012345", "gdown --id 1AbCdEfGhIjKlMnOpQrStUvWxYz012345"]
)
def test_an_id_of_google_drive_is_an_address(line):
    program, *words = shlex.split(line)
    assert addresses(program, words) == ["https://drive.google.com/uc?id=1AbCdEfGhIjKlMnOpQrStUvWxYz012345"]


@pytest.mark.parametrize(
    ("line", "address", "target"),
    [
        ("datasets download -d me/roses", "https://www.kaggle.com/datasets/me/roses", "roses.zip"),
        ("datasets download me/roses -p in --unzip", "https://www.kaggle.com/datasets/me/roses", "in/roses.zip"),
        ("competitions download -c cats", "https://www.kaggle.com/competitions/cats", "cats.zip"),
    ],
)
def test_what_kaggle_fetches(line, address, target):
    words = shlex.split(line)
    assert (kaggle_address(words), kaggle_target(words)) == (address, target)


def test_kaggle_lists_without_fetching():
    assert kaggle_address(["datasets", "list"]) == ""
