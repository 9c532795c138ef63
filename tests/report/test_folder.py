import errno
import os
import stat
from pathlib import Path

import pytest

from grader.errors import OperatorError
from grader.report import write_class, write_submission
from grader.report.folder import write_text


def test_every_submission_gets_a_page_and_the_class_three_files(samples: dict, tmp_path: Path) -> None:
    grades = [sample.grade for sample in samples.values()]
    pages = [write_submission(s.grade, s.trace, s.blobs, tmp_path / "feedback") for s in samples.values()]
    assert [page.name for page in pages] == [f"{grade.submission}.html" for grade in grades]
    files = write_class(grades, tmp_path)
    assert [file.name for file in files] == ["index.html", "grades.csv", "grades.json"]
    assert all(file.stat().st_size > 100 for file in (*pages, *files))


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "page.html"
    write_text(path, "old")
    before = path.stat().st_ino
    write_text(path, "new\n")
    assert path.read_bytes() == b"new\n"
    assert path.stat().st_ino != before
    assert list(path.parent.iterdir()) == [path]
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask


def test_a_full_disk_is_one_line_with_a_remedy_and_leaves_the_old_file(tmp_path: Path) -> None:
    # /dev/full cannot be a folder, so the size limit of this process stands in: the kernel refuses the write.
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    path = tmp_path / "page.html"
    write_text(path, "old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OperatorError) as caught:
            write_text(path, "x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.__cause__.errno == errno.EFBIG
    assert "space" in caught.value.remedy
    assert "\n" not in str(caught.value)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_one_is_an_operators_error(samples: dict, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OperatorError, match=r"Cannot write .*out.*--out"):
        write_class([samples["good"].grade], tmp_path / "out")


def test_a_read_only_place_is_an_operators_error(samples: dict) -> None:
    with pytest.raises(OperatorError, match="--out"):
        write_submission(samples["good"].grade, None, {}, Path("/proc/feedback"))
