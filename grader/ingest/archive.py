"""Unpacks `.zip`, `.tar` and `.tar.gz` into a folder of ours, within bounds, and nowhere else."""

from __future__ import annotations

import gzip
import shutil
import stat
import struct
import tarfile
import tempfile
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from grader.errors import SubmissionError
from grader.ingest.reading import MEGABYTE

ARCHIVES = frozenset({".zip", ".tar", ".tgz", ".tar.gz"})
MAX_FILES = 5_000
MAX_BYTES = 1_000 * MEGABYTE
# Honest text packs up to some 50 times, a bomb a thousand times. Small files may do as they like.
MAX_RATIO = 200
FREE_BYTES = 20 * MEGABYTE
MAX_NAME_BYTES = 240
MAX_DIRECTORY = 500 * MAX_FILES
TAIL = 70_000
CHUNK = 1 << 20
MAX_READ = 1 << 24
AGAIN = "Pack the folder again, with nothing in it but your own files, or hand in the notebook itself"
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RuntimeError)


class Space:
    """A folder of ours. It is removed with `close`, or with the object, at the latest when the program ends."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="grader-handin-"))
        self.close = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


@dataclass
class _Room:
    """What may still be unpacked."""

    archive: Path
    packed: int
    files: int = 0
    size: int = 0

    def take_file(self) -> None:
        self.files += 1
        if self.files > MAX_FILES:
            raise _refusal(self.archive, f"holds more than {MAX_FILES} files")

    def take(self, size: int) -> None:
        self.size += size
        if self.size > MAX_BYTES:
            raise _refusal(self.archive, f"holds more than {MAX_BYTES // MEGABYTE} MB")
        if self.size > FREE_BYTES + MAX_RATIO * self.packed:
            raise _refusal(self.archive, f"unpacks to more than {MAX_RATIO} times its size, like a bomb")


def is_archive(file: Path) -> bool:
    """Whether a file is called like an archive that can be unpacked."""
    return suffix_of(file) in ARCHIVES


def suffix_of(file: Path) -> str:
    """The last suffix in lower case; `.tar.gz` counts as one."""
    name = file.name.lower()
    return ".tar.gz" if name.endswith(".tar.gz") else file.suffix.lower()


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks an archive into an empty folder: regular files and folders only, as plain files of ours.

    Raises:
        SubmissionError: It is damaged, encrypted, a bomb, or wants to write or link outside of the folder.
    """
    try:
        room = _Room(archive, max(1, archive.stat().st_size))
        for name, stream in _members(archive, room):
            _write(name, stream, folder, room)
    except DAMAGED as error:
        raise _refusal(archive, f"cannot be unpacked: {_reason(error)}") from error
    except NotImplementedError as error:  # a compression that Python does not know
        raise _refusal(archive, "is packed in a way that cannot be read here") from error


def _reason(error: Exception) -> str:
    if "password" in str(error) or "encrypted" in str(error):
        return "it is protected by a password"
    if isinstance(error, OSError) and error.strerror and not isinstance(error, tarfile.TarError):
        return error.strerror
    return "it is damaged or not complete"


def _refusal(archive: Path, what: str) -> SubmissionError:
    return SubmissionError(f"{archive.name} {what}", AGAIN)


def _members(archive: Path, room: _Room) -> Iterator[tuple[str, IO[bytes]]]:
    if zipfile.is_zipfile(archive):
        return _zip_members(archive, room)
    return _tar_members(archive, room)


def _directory_bytes(archive: Path) -> int:
    """Size of a ZIP's table of contents, which Python would read whole. Source: PKWARE's APPNOTE, 4.3.14 and 4.3.16."""
    with archive.open("rb") as stream:
        stream.seek(max(0, archive.stat().st_size - TAIL))
        tail = stream.read(TAIL)
    large, end = tail.rfind(b"PK\x06\x06"), tail.rfind(b"PK\x05\x06")
    if large >= 0 and len(tail) >= large + 48:
        return int(struct.unpack_from("<Q", tail, large + 40)[0])
    return int(struct.unpack_from("<I", tail, end + 12)[0]) if 0 <= end <= len(tail) - 16 else 0


def _zip_members(archive: Path, room: _Room) -> Iterator[tuple[str, IO[bytes]]]:
    if _directory_bytes(archive) > MAX_DIRECTORY:
        raise _refusal(archive, f"holds more than {MAX_FILES} files")
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            room.take_file()
            mode = info.external_attr >> 16
            if stat.S_ISLNK(mode):
                raise _refusal(archive, f"holds the link {info.filename[:100]!r}, and links are not followed")
            if not info.is_dir():
                with opened.open(info) as stream:
                    yield _name(info), stream


def _name(info: zipfile.ZipInfo) -> str:
    """Names that do not say that they are UTF-8 mostly are: macOS and some platforms forget to say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return info.filename


class _BoundedGzip(gzip.GzipFile):
    """A header of a tar may claim any size, and Python would read all of it at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0 or size > MAX_READ:
            raise tarfile.ReadError("a header of impossible size")
        return super().read(size)


def _tar_members(archive: Path, room: _Room) -> Iterator[tuple[str, IO[bytes]]]:
    packed = suffix_of(archive) != ".tar"
    source = _BoundedGzip(archive, "rb") if packed else archive.open("rb")
    with source, tarfile.open(fileobj=source, mode="r:") as opened:
        for member in opened:
            room.take_file()
            if member.isdir():
                continue
            if not member.isreg():
                kind = "link" if member.islnk() or member.issym() else "special file"
                raise _refusal(archive, f"holds the {kind} {member.name[:100]!r}, which is not taken")
            stream = opened.extractfile(member)
            if stream is not None:
                yield member.name, stream


def _write(name: str, stream: IO[bytes], folder: Path, room: _Room) -> None:
    target = folder.joinpath(*_safe_parts(name, room.archive))
    if _is_system_rubbish(target.relative_to(folder)):
        return
    if target.exists():
        raise _refusal(room.archive, f"holds {name[:100]!r} twice")
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") as out:
        while chunk := stream.read(CHUNK):
            room.take(len(chunk))
            out.write(chunk)


def _safe_parts(name: str, archive: Path) -> tuple[str, ...]:
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or name[1:2] == ":":
        raise _refusal(archive, f"holds the absolute name {name[:100]!r}")
    if ".." in path.parts:
        raise _refusal(archive, f"holds {name[:100]!r}, which would lie outside of it")
    if not path.parts or "\0" in name:
        raise _refusal(archive, "holds a file without a name")
    return tuple(_shortened(part) for part in path.parts)


def _shortened(part: str) -> str:
    """A name that every file system takes; the suffix stays."""
    if len(part.encode("utf-8", "surrogateescape")) <= MAX_NAME_BYTES:
        return part
    suffix = PurePosixPath(part).suffix[:10]
    return part[: MAX_NAME_BYTES // 4 - len(suffix)] + suffix


def _is_system_rubbish(path: Path) -> bool:
    return "__MACOSX" in path.parts or path.name in {".DS_Store", "Thumbs.db", "desktop.ini"}
