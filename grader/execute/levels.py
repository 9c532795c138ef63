"""Which level of a served folder answers a student's folder: the whole, a part, the pictures of one class."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.execute.folders import Part, assigned, below, part_folder, part_of, parts_in, renamed, subfolders
from grader.execute.wishes import Wish

Answer = tuple[str, Path | None, str]
"""Target, source (None for an empty folder), and words for what it is; no words where it needs none of its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path lies in a student's folder of pictures.

    Attributes:
        root: The folder that holds the parts.
        part: The part that the path names, or None.
        name: The class folder that it names, or nothing.
    """

    root: str
    part: Part | None = None
    name: str = ""


def words_of(path: str) -> list[str]:
    r"""The names in a path with `/` or `\`."""
    return [word for word in re.split(r"[\\/]", path) if word not in {"", ".", "..", "~"}]


def key(path: str) -> str:
    """A path in one way of writing, for comparison."""
    return "/".join(words_of(path))


@dataclass(frozen=True)
class Plan:
    """What all wishes of a hand-in together say about its folders.

    Attributes:
        places: Where each wished path lies, by key.
        classes: The names of classes that are asked for below each root.
        parts: The names of the parts that are asked for below each root.
    """

    places: Mapping[str, Place]
    classes: Mapping[str, tuple[str, ...]]
    parts: Mapping[str, Mapping[Part, str]]

    def answers(self, wish: Wish, source: Path, rest: list[str]) -> list[Answer]:
        """What to lay out for a wish for a folder.

        Args:
            wish: What is wished for.
            source: The folder that answers.
            rest: Names in the path that lie below the place for which the rubric names this source.
        """
        place = self.places[key(wish.target)]
        exact = below(source, rest) if rest else None
        if place.name:
            classes = assigned(self.classes[place.root], subfolders(part_folder(source, place.part or "train")))
            chosen = exact or classes.get(place.name)
            return [(wish.target, chosen, f"the instructor's folder '{chosen.name}'")] if chosen else []
        names = self.classes.get(place.root if place.part else key(wish.target), ())
        if place.part:
            return list(self._part(wish, exact or part_folder(source, place.part), names))
        if exact is not None and not names:
            return [(wish.target, exact, f"the instructor's folder '{exact.name}'")]
        if (wish.below in {1, 2} or (names and self._flat(wish))) and key(wish.target) not in self.parts:
            return list(self._part(wish, part_folder(source, "train"), names))
        return list(self._whole(wish, source, names))

    def _flat(self, wish: Wish) -> bool:
        """Whether class folders are asked for right below a folder."""
        return any(place.root == key(wish.target) and not place.part for place in self.places.values() if place.name)

    @staticmethod
    def _part(wish: Wish, folder: Path, names: tuple[str, ...]) -> Iterator[Answer]:
        words = f"the part '{folder.name}' of the instructor's folder of pictures"
        classes = subfolders(folder)
        if wish.below == 1 and classes:
            yield wish.target, classes[0], f"the instructor's folder '{classes[0].name}'"
        elif names and classes:
            yield wish.target, None, words
            yield from _classes(wish.target, folder, names)
        else:
            yield wish.target, folder, words

    def _whole(self, wish: Wish, source: Path, names: tuple[str, ...]) -> Iterator[Answer]:
        """All parts, under the student's names for them and for their classes."""
        words = "the instructor's folder of pictures"
        there = parts_in(source)
        asked = self.parts.get(key(wish.target), {})
        if not there or (not names and all((source / name).is_dir() for name in asked.values())):
            yield wish.target, source, words
            return
        yield wish.target, None, words
        for part, folder in there.items():
            target = f"{wish.target}/{asked.get(part, folder.name)}"
            if names:
                yield from _classes(target, folder, names)
            else:
                yield target, folder, ""


def _classes(target: str, folder: Path, names: tuple[str, ...]) -> Iterator[Answer]:
    for name, source in renamed(names, folder).items():
        yield f"{target}/{name}", source, ""


def plan_folders(wishes: Iterable[Wish]) -> Plan:
    """Read from all wishes how the student's folders are built."""
    wishes = [wish for wish in wishes if wish.kind in {"folder", "picture"}]
    places = {key(wish.target): place_of(words_of(wish.target), picture=wish.kind == "picture") for wish in wishes}
    places |= siblings([wish for wish in wishes if wish.kind == "folder" and places[key(wish.target)].part is None])
    classes: dict[str, set[str]] = {}
    for place in places.values():
        if place.name:
            classes.setdefault(place.root, set()).add(place.name)
    parts: dict[str, dict[Part, str]] = {}
    for path, place in places.items():
        if place.part and not place.name:
            parts.setdefault(place.root, {})[place.part] = path.rpartition("/")[2]
    return Plan(places, {root: tuple(sorted(names)) for root, names in classes.items()}, parts)


def place_of(words: list[str], *, picture: bool) -> Place:
    """Where a path lies, by its own names: `data/train/cats` is the class `cats` of the part `train` of `data`."""
    folders = words[:-1] if picture else words
    at = next((i for i in range(len(folders) - 1, -1, -1) if part_of(folders[i])), None)
    if at is None or len(folders) - at > 2:
        return Place("/".join(words))
    return Place("/".join(folders[:at]), part_of(folders[at]), "/".join(folders[at + 1 :]))


def siblings(wishes: list[Wish]) -> dict[str, Place]:
    """Folders side by side of which the code reads pictures are classes: `PetImages/Cat` and `PetImages/Dog`."""
    by_parent: dict[str, list[Wish]] = {}
    for wish in wishes:
        if wish.below == 1 or (wish.below is None and wish.sure):
            by_parent.setdefault("/".join(words_of(wish.target)[:-1]), []).append(wish)
    groups = {parent: group for parent, group in by_parent.items() if len(group) > 1}
    return {
        key(wish.target): Place(parent, None, words_of(wish.target)[-1])
        for parent, group in groups.items()
        for wish in group
    }
