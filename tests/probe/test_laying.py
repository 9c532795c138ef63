"""Laying out: what stands there stays, what is laid is the student's own."""

import zipfile

import pytest

from grader.probe.laying import lay


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "1.png").write_bytes(b"one")
    (folder / "2.png").write_bytes(b"two")
    return folder


def test_a_copy_joins_what_is_there_and_may_be_written(source, tmp_path):
    target = tmp_path / "work" / "data"
    target.mkdir(parents=True)
    (target / "2.png").write_bytes(b"mine")
    source.joinpath("a").chmod(0o555)
    lay("copy", source, target)
    (target / "a" / "new.png").write_bytes(b"new")
    assert (target / "2.png").read_bytes() == b"mine"
    assert (target / "a" / "1.png").read_bytes() == b"one"
    source.joinpath("a").chmod(0o755)


def test_a_link_has_folders_of_its_own(source, tmp_path):
    lay("link", source, tmp_path / "data")
    assert (tmp_path / "data" / "a" / "1.png").readlink() == source / "a" / "1.png"
    assert not (tmp_path / "data" / "a").is_symlink()


def test_a_folder_is_packed_without_its_own_name(source, tmp_path):
    lay("pack", source, tmp_path / "D:\\x" / "data.zip")
    with zipfile.ZipFile(tmp_path / "D:\\x" / "data.zip") as file:
        assert sorted(file.namelist()) == ["2.png", "a/1.png"]


def test_what_cannot_be_laid_is_left_out(source, tmp_path):
    (tmp_path / "file").write_text("mine")
    lay("copy", source, tmp_path / "file" / "data")
    lay("make", source, tmp_path / "file" / "data")
    assert (tmp_path / "file").read_text() == "mine"
