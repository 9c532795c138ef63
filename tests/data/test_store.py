import subprocess
import sys
from pathlib import Path

import pytest

from grader.data.store import ensure, store_folder
from grader.errors import OperatorError


def write_word(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "word.txt").write_text("word")


def refuse(folder: Path) -> None:
    raise AssertionError("built although it was there")


def test_is_built_once(tmp_path):
    folder = ensure("word-1", write_word, tmp_path)
    assert (folder / "inner" / "word.txt").read_text() == "word"
    assert ensure("word-1", refuse, tmp_path) == folder


def test_an_intact_entry_of_a_read_only_store_is_used(tmp_path):
    folder = ensure("word-1", write_word, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    ensure("word-1", refuse, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    assert folder.parent == tmp_path


@pytest.mark.parametrize("damage", ["changed", "deleted", "added", "no manifest", "broken manifest", "a file instead"])
def test_a_damaged_entry_is_built_again(tmp_path, damage):
    folder = ensure("word-1", write_word, tmp_path)
    word = folder / "inner" / "word.txt"
    match damage:
        case "changed":
            word.write_text("other")
        case "deleted":
            word.unlink()
        case "added":
            (folder / "inner" / "labels.txt").write_text("1 2 3")
        case "no manifest":
            (folder / "manifest.json").unlink()
        case "broken manifest":
            (folder / "manifest.json").write_text("{")
        case "a file instead":
            folder.rename(tmp_path / "aside")
            folder.write_text("a file")
    assert ensure("word-1", write_word, tmp_path) == folder
    assert word.read_text() == "word"
    assert sorted(path.name for path in (folder / "inner").iterdir()) == ["word.txt"]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_failed_build_leaves_nothing(tmp_path):
    def half(folder: Path) -> None:
        write_word(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure("word-1", half, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_loser_of_a_race_uses_what_the_winner_made(tmp_path):
    def late(folder: Path) -> None:
        ensure("word-1", write_word, tmp_path)  # another process finishes while this one builds
        write_word(folder)

    folder = ensure("word-1", late, tmp_path)
    assert (folder / "inner" / "word.txt").read_text() == "word"
    assert list(tmp_path.iterdir()) == [folder]


def test_several_processes_at_once(tmp_path):
    code = (
        "import sys; from pathlib import Path; from grader.data import prepare\n"
        "(served,) = prepare(['cifar10'], Path(sys.argv[1])); print(served.folder, len(served.labels))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    outputs = [process.communicate(timeout=120)[0] for process in processes]
    assert outputs == [f"{tmp_path}/cifar10-1/served 600\n"] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["cifar10-1"]


def test_a_store_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OperatorError, match=r"cannot be written: Not a directory.*GRADER_DATA"):
        ensure("word-1", write_word, tmp_path / "file" / "store")


def test_a_full_disk_leaves_nothing(tmp_path):
    # The limit on the size of a file gives the same OSError from the same write calls as a full disk.
    code = (
        "import resource, sys; from pathlib import Path; from grader.data import prepare; from grader.errors import *\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: prepare(['cifar10'], Path(sys.argv[1]))\n"
        "except OperatorError as error: print('operator:', error)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.startswith(f"operator: the data store {tmp_path} cannot be written")
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_chosen_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADER_DATA", str(tmp_path))
    assert store_folder() == tmp_path
    monkeypatch.delenv("GRADER_DATA")
    assert store_folder().parts[-2:] == ("grader", "data")
