from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError
from grader.ingest import archive, find, ingest
from grader.ingest.archive import Space, unpack


def zipped(file: Path, content: Mapping[str, bytes | str]) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in content.items():
            out.writestr(name, data)
    return file


def tarred(file: Path, content: Mapping[str, bytes]) -> Path:
    with tarfile.open(file, "w:gz" if file.name.endswith("gz") else "w") as out:
        for name, data in content.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
    return file


def unpacked(file: Path, tmp_path: Path) -> dict[str, bytes]:
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    unpack(file, folder)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refusal(file: Path, tmp_path: Path) -> str:
    with pytest.raises(SubmissionError) as error:
        unpacked(file, tmp_path)
    assert error.value.remedy
    assert not list(tmp_path.rglob("evil*"))
    return error.value.message


@pytest.mark.parametrize("name", ["hw.zip", "hw.tar.gz", "hw.tgz", "hw.tar"])
def test_files_and_folders_come_out_without_system_rubbish(tmp_path: Path, name: str) -> None:
    content = {"a/hw.py": b"x = 1", "b.csv": b"1,2", "__MACOSX/._hw.py": b"x", ".DS_Store": b"x", "наука 😀.txt": b"y"}
    file = zipped(tmp_path / name, content) if name.endswith("zip") else tarred(tmp_path / name, content)
    assert unpacked(file, tmp_path) == {"a/hw.py": b"x = 1", "b.csv": b"1,2", "наука 😀.txt": b"y"}


@pytest.mark.parametrize(
    "name", ["../evil.py", "a/../../evil.py", "/evil.py", "C:\\evil.py", "..\\evil.py", "C:evil.py"]
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str, kind: str) -> None:
    make: Any = zipped if kind == "zip" else tarred
    message = refusal(make(tmp_path / f"hw.{kind}", {"ok.py": b"", name: b"x"}), tmp_path)
    assert "absolute" in message or "outside" in message


def test_links_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hw.zip", "w") as out:
        info = zipfile.ZipInfo("evil")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(info, "/etc/passwd")
    assert "link" in refusal(tmp_path / "hw.zip", tmp_path)
    for number, kind in enumerate([tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]):
        with tarfile.open(tmp_path / f"{number}.tar", "w") as tar:
            member = tarfile.TarInfo("evil")
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
        assert "which is not taken" in refusal(tmp_path / f"{number}.tar", tmp_path)


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.tar.gz"])
def test_bombs_are_refused(tmp_path: Path, name: str) -> None:
    content = {f"{n}.bin": bytes(10_000_000) for n in range(6)}
    file = zipped(tmp_path / name, content) if name.endswith("zip") else tarred(tmp_path / name, content)
    assert "bomb" in refusal(file, tmp_path)


def test_too_many_files_and_too_many_bytes_are_refused(tmp_path: Path, monkeypatch: Any) -> None:
    many = zipped(tmp_path / "many.zip", {f"{n}.txt": b"" for n in range(30)})
    monkeypatch.setattr(archive, "MAX_FILES", 20)
    assert "more than 20 files" in refusal(many, tmp_path)
    large = zipped(tmp_path / "large.zip", {"x.bin": bytes(3_000_000)})
    monkeypatch.setattr(archive, "MAX_BYTES", 2_000_000)
    assert "more than 2 MB" in refusal(large, tmp_path)


def test_a_huge_table_of_contents_is_not_read(tmp_path: Path) -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 900_000_000, 0, 0)
    (tmp_path / "hw.zip").write_bytes(b"PK\x03\x04" + bytes(100) + end)
    with pytest.raises(SubmissionError):
        unpacked(tmp_path / "hw.zip", tmp_path)


def test_a_header_of_impossible_size_is_refused(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 5_000_000_000
    with gzip.open(tmp_path / "hw.tar.gz", "wb") as out:
        out.write(info.tobuf())
        out.write(bytes(1_000_000))
    assert "damaged" in refusal(tmp_path / "hw.tar.gz", tmp_path)


def test_an_encrypted_zip_is_called_so(tmp_path: Path) -> None:
    file = zipped(tmp_path / "hw.zip", {"hw.py": b"x = 1"})
    content = bytearray(file.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    file.write_bytes(content)
    assert "password" in refusal(file, tmp_path)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["x.zip", "x.tar", "x.tar.gz", "x.tgz"]), st.binary(max_size=6))
def test_random_bytes_are_refused_or_empty(tmp_path_factory: Any, content: bytes, name: str, head: bytes) -> None:
    tmp_path = tmp_path_factory.mktemp("random")
    file = tmp_path / name
    file.write_bytes(head + content)
    try:
        assert isinstance(unpacked(file, tmp_path), dict)
    except SubmissionError:
        return


def test_a_folder_of_ours_goes_with_its_owner() -> None:
    space = Space()
    folder = space.folder
    (folder / "x").write_text("x")
    del space
    assert not folder.exists()


def test_a_zipped_hand_in_is_read_with_its_attachments_until_it_is_closed(tmp_path: Path) -> None:
    zipped(tmp_path / "ada.zip", {"hw/q6.py": "x = 1", "hw/q8.py": "y = 2", "hw/data/a.csv": "1"})
    (hand_in,) = find([tmp_path / "ada.zip"])
    got = ingest(hand_in)
    assert (hand_in.student, [c.source for c in got.cells]) == ("ada", ["x = 1", "y = 2"])
    assert got.attachments == ("data/a.csv",)
    assert (Path(got.folder) / "data/a.csv").read_text() == "1"
    hand_in.close()
    assert not Path(got.folder).exists()


def test_a_platforms_zip_of_zips_is_a_class(tmp_path: Path) -> None:
    inner = {n: zipped(tmp_path / f"{n}.zip", {"hw.py": f"x = '{n}'"}).read_bytes() for n in ("ada", "bob")}
    names = {f"{name}_{n}_{n}_hw.zip": data for n, (name, data) in enumerate(inner.items())}
    found = find([zipped(tmp_path / "submissions.zip", names)])
    assert [one.student for one in found] == ["ada", "bob"]
    assert [ingest(one).cells[0].source for one in found] == ["x = 'ada'", "x = 'bob'"]


def test_a_zipped_class_of_folders_is_a_class(tmp_path: Path) -> None:
    file = zipped(tmp_path / "class.zip", {"class/ada/hw.py": "x = 1", "class/bob/hw.py": "y = 2"})
    assert [(one.student, ingest(one).cells[0].source) for one in find([file])] == [("ada", "x = 1"), ("bob", "y = 2")]


def test_ids_of_a_zipped_class_are_the_same_in_every_run(tmp_path: Path) -> None:
    file = zipped(tmp_path / "class.zip", {"a_1_1_hw.py": "x = 1", "a_2_2_hw.py": "y = 2"})
    assert [one.id for one in find([file])] == [one.id for one in find([file])]


def test_any_other_zip_of_zips_is_refused_with_the_reason(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"hw.py": b"x = 1"}).read_bytes()
    (one,) = find([zipped(tmp_path / "outer.zip", {"inner.zip": inner, "inner2.zip": inner})])
    with pytest.raises(SubmissionError, match=r"only another archive \(inner2?.zip\)"):
        ingest(one)


def test_a_damaged_zip_is_that_students_problem_alone(tmp_path: Path) -> None:
    (tmp_path / "ada.zip").write_bytes(b"PK\x03\x04 and then nothing")
    zipped(tmp_path / "bob.zip", {"hw.py": "x = 1"})
    ada, bob = find([tmp_path])
    with pytest.raises(SubmissionError, match="damaged"):
        ingest(ada)
    assert ingest(bob).cells[0].source == "x = 1"
