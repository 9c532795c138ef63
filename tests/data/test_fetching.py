import importlib.util
import re
import struct
from pathlib import Path

import numpy as np
import pytest

from grader.data import Added, check, fetch, fetch_url, prepare, prepare_files, prepare_weights, published, remove
from grader.data.download import Manners
from grader.data.publications import Published, published_hash
from grader.errors import OperatorError

SHORT = Manners(seconds=2, attempts=2, pause=0.01)
MINE = {"licence": "CC0", "source": "the test's own server"}


def quiet(name: str):
    return lambda done, total: None


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">2xBB{array.ndim}I", 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def publish(monkeypatch):
    """Puts an entry into the table of what is published."""

    def publish(one: Published) -> None:
        monkeypatch.setattr("grader.data.fetching.published", lambda: {one.name: one})

    return publish


@pytest.fixture
def small_mnist(site, publish):
    """A data set in four files, whose first mirror has none of them."""
    x, y = np.arange(40 * 16, dtype=np.uint8).reshape(40, 4, 4), (np.arange(40) % 2).astype(np.uint8)
    names = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
    for name, array in zip(names, (x, y, x, y), strict=True):
        site.content[f"/mnist/{name}"] = idx(array)
    files = tuple(((f"{site.url}/gone/{name}", f"{site.url}/mnist/{name}"), "") for name in names)
    publish(Published("kmnist", "data set", files, "CC BY-SA 4.0", "the test's own server"))


def test_a_data_set_in_several_files_from_the_second_mirror(site, tmp_path, small_mnist):
    fetch("kmnist", quiet, tmp_path, SHORT)
    (served,) = prepare(["kmnist"], tmp_path)
    assert (served.stand_in, len(served.labels), served.source) == ("", 20, "the test's own server")
    assert served.classes == ("0", "1")  # two classes are not the ten of Kuzushiji-MNIST
    assert len(site.asked) == 8
    assert list(check(tmp_path)) == []


def test_files_that_were_fetched_before_a_failure_are_not_fetched_again(site, tmp_path, small_mnist):
    labels = site.content.pop("/mnist/t10k-labels-idx1-ubyte")
    with pytest.raises(OperatorError, match="404"):
        fetch("kmnist", quiet, tmp_path, SHORT)
    site.content["/mnist/t10k-labels-idx1-ubyte"], site.asked[:] = labels, []
    fetch("kmnist", quiet, tmp_path, SHORT)
    assert [path for path, _ in site.asked] == ["/gone/t10k-labels-idx1-ubyte", "/mnist/t10k-labels-idx1-ubyte"]


def test_half_a_download_is_found_and_goes_on(site, tmp_path):
    site.breaks = [300_000, 0, 0]
    about = Added("archive", "file", **MINE)
    with pytest.raises(OperatorError, match=r"0\.3 MB are kept"):
        fetch_url(f"{site.url}/file.bin", about, "", quiet, tmp_path, SHORT)
    (finding,) = check(tmp_path)
    assert (finding.name, finding.message) == ("archive", "half a download (0.3 MB of file.bin)")
    site.breaks, site.asked = [], []
    fetch_url(f"{site.url}/file.bin", about, "", quiet, tmp_path, SHORT)
    assert site.asked == [("/file.bin", "bytes=300000-")]
    (served,) = prepare_files({"a.bin": "archive"}, tmp_path)
    assert served.source.read_bytes() == site.content["/file.bin"]
    assert list(check(tmp_path)) == []


def test_half_a_download_can_be_removed(site, tmp_path):
    site.breaks = [300_000, 0, 0]
    with pytest.raises(OperatorError):
        fetch_url(f"{site.url}/file.bin", Added("archive", "file", **MINE), "", quiet, tmp_path, SHORT)
    remove("archive", tmp_path)
    assert list(check(tmp_path)) == []


def test_a_web_page_in_place_of_weights_is_not_kept(site, tmp_path):
    site.content["/mine.pth"] = b"<!DOCTYPE html><title>Sign in</title>"
    with pytest.raises(OperatorError, match=r"is not a \.pth file. It may be half a download or a web page"):
        fetch_url(f"{site.url}/mine.pth", Added("mine.pth", "weights", **MINE), "", quiet, tmp_path, SHORT)
    site.content["/mine.pth"] = b"PK\x03\x04 weights"
    fetch_url(f"{site.url}/mine.pth", Added("mine.pth", "weights", **MINE), "", quiet, tmp_path, SHORT)
    assert prepare_weights(["mine.pth"], tmp_path)["mine.pth"].read_bytes() == b"PK\x03\x04 weights"


def test_a_name_that_nobody_publishes(tmp_path):
    with pytest.raises(OperatorError, match="'imagenet' is not published anywhere that is known here"):
        fetch("imagenet", quiet, tmp_path)


def test_the_table_is_complete_in_itself():
    table = published()
    assert {name for name, one in table.items() if one.kind == "data set"} == {
        "mnist", "fashion_mnist", "kmnist", "cifar10", "cifar100", "svhn",
    }  # fmt: skip
    for one in table.values():
        assert all(url.startswith(("https://", "http://")) for urls, _ in one.files for url in urls)
        assert all(re.fullmatch(r"|(md5|sha256):[0-9a-f]{8,64}", expected) for _, expected in one.files), one
    assert published_hash("vgg16-397923af.pth") == "sha256:397923af"
    assert published_hash("my-0123456789.pth") == "sha256:0123456789"
    assert published_hash("my.pth") == ""


@pytest.mark.torch
@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("package", "kinds"), [("torchvision", ("datasets", "models")), ("keras", ("src/applications",))]
)
def test_addresses_and_hashes_are_those_of_the_installed_packages(package, kinds):
    root = Path(importlib.util.find_spec(package).origin).parent
    text = "".join(path.read_text() for kind in kinds for path in (root / kind).glob("*.py"))
    rows = [
        one
        for one in published().values()
        if package in one.source or (package, one.kind) == ("torchvision", "data set")
    ]
    assert len(rows) > 60
    for one in rows:
        for urls, expected in one.files:
            assert expected.partition(":")[2] in text, one
            last = urls[0].rsplit("/", 1)[1]
            assert package == "keras" or "binary" in last or last in text, one
