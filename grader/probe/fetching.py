"""What the command lines of `wget`, `curl`, `gdown` and `kaggle` fetch, and where they write it. Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from urllib.parse import urlsplit

KAGGLE = "https://www.kaggle.com/"
DRIVE = "https://drive.google.com/uc?id="


def option(words: Sequence[str], *names: str) -> str:
    """Value of an option: `-O x`, `-Ox`, `-qO x`, `--output-document=x` or `--output-document x`."""
    for i, word in enumerate(words):
        for name in names:
            pattern = rf"{name}(?:=(.*))?" if name.startswith("--") else rf"-(?!-)[a-zA-Z]*?{name[1:]}(.*)"
            if match := re.fullmatch(pattern, word):
                return match[1] or (words[i + 1] if i + 1 < len(words) else "")
    return ""


def target_of(program: str, words: Sequence[str], address: str) -> str:
    """Where `wget`, `curl` or `gdown` write what they fetch from an address; empty where they print it."""
    name = PurePosixPath(urlsplit(address).path).name or "index.html"
    if program == "curl":
        return option(words, "-o", "--output") or (
            name if any(re.fullmatch(r"-[a-zA-Z]*O[a-zA-Z]*|--remote-name", word) for word in words) else ""
        )
    chosen = option(words, "-O", "--output-document", "--output")
    folder = option(words, "-P", "--directory-prefix")
    return ("" if chosen == "-" else chosen) if chosen else str(PurePosixPath(folder, name))


def addresses(program: str, words: Sequence[str]) -> list[str]:
    """The addresses that a command fetches from. An id of Google Drive is one."""
    found = [word for word in words if re.match(r"(?:https?|ftp)://", word)]
    if program == "gdown" and not found:
        ids = [option(words, "--id")] if "--id" in words else [w for w in words if re.fullmatch(r"[\w-]{25,}", w)]
        found = [DRIVE + word for word in ids if word]
    return found


def kaggle_address(words: Sequence[str]) -> str:
    """The page of the data set or competition that `kaggle ... download` asks for; empty if it asks for none."""
    if "download" not in words:
        return ""
    kind = "competitions" if "competitions" in words else "datasets"
    rest = words[list(words).index("download") + 1 :]
    name = option(rest, "-d", "--dataset", "-c", "--competition") or next((w for w in rest if w[0] != "-"), "")
    return f"{KAGGLE}{kind}/{name}" if name else ""


def kaggle_target(words: Sequence[str]) -> str:
    """Where `kaggle ... download` writes its archive."""
    return str(PurePosixPath(option(words, "-p", "--path"), PurePosixPath(kaggle_address(words)).name + ".zip"))
