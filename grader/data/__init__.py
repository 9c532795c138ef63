"""The data store: what student code is served without a network, and the labels that it never sees.

    entry.py      kinds of entries, and the description of those that somebody added
    store.py      folders of files: made in one step, checked by hash, made again when damaged
    sets.py       data sets, split into what is served and what is held out: `DATA_SETS`, `prepare`
    split.py      draws the held-out part: stratified and seeded
    embedded.py   the data sets that come with the grader
    synthetic.py  the pictures that stand in for those that cannot be packaged
    files.py      pictures, folders, tables, weights: `FILES`, `prepare_files`, `prepare_paths`, `prepare_urls`,
                  `prepare_weights`
    readers.py    arrays from what others publish: npz, IDX, CIFAR's binary files, folders of pictures
    adding.py     an instructor's data into the store: `add`, `remove`
    download.py   one file from the network: resumed, repeated, checked
    publications.py  files that others publish, with their hashes: `published`
    fetching.py   from the network into the store: `fetch`, `fetch_url`
    listing.py    what there is, and whether it is sound: `entries`, `check`
    private.py    files of other packages that hold labels: `private_files`

A set lies in the store as

    mnist-1/served/served.npz      x_train, y_train, x_test, y_test (uint8)   mounted at /data/mnist
    mnist-1/served/held_out.npy    images without labels (uint8)
    mnist-1/served/meta.json       name, classes, stand_in, source, licence
    mnist-1/quick/                 the same with 1,000 held-out images, where there are more: for `--profile quick`
    mnist-1/private/               labels of the held-out images              never mounted
    mnist-1/manifest.json          SHA-256 of each of these files

What somebody added lies under `added/<name>`, with `entry.json` beside it, and goes before what is embedded under the
same name.
"""

import grader.data.embedded  # noqa: F401  registers what comes with the grader
from grader.data.adding import add, remove
from grader.data.entry import KINDS, Added, Entry, Kind
from grader.data.fetching import fetch, fetch_url, file_name
from grader.data.files import (
    FILES,
    ServedFile,
    Substitute,
    as_named,
    default_entry,
    prepare_files,
    prepare_paths,
    prepare_urls,
    prepare_weights,
)
from grader.data.listing import Finding, check, entries, names
from grader.data.private import private_files
from grader.data.publications import Published, published, weights_names
from grader.data.sets import DATA_SETS, ServedData, prepare
from grader.data.store import digest_of

__all__ = [
    "DATA_SETS",
    "FILES",
    "KINDS",
    "Added",
    "Entry",
    "Finding",
    "Kind",
    "Published",
    "ServedData",
    "ServedFile",
    "Substitute",
    "add",
    "as_named",
    "check",
    "default_entry",
    "digest_of",
    "entries",
    "fetch",
    "fetch_url",
    "file_name",
    "names",
    "prepare",
    "prepare_files",
    "prepare_paths",
    "prepare_urls",
    "prepare_weights",
    "private_files",
    "published",
    "remove",
    "weights_names",
]
