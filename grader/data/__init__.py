"""The data store: what student code is served without a network, and the labels that it never sees.

    store.py      folders of generated files: made in one step, checked by hash, made again when damaged
    sets.py       data sets, split into what is served and what is held out: `DATA_SETS`, `prepare`
    synthetic.py  the pictures that stand in for CIFAR-10
    files.py      single files and image folders for the student's work folder: `FILES`, `prepare_files`
    private.py    files of other packages that hold labels: `private_files`

A set lies in the store as

    mnist-1/served/served.npz      x_train, y_train, x_test, y_test (uint8)   mounted at /data/mnist
    mnist-1/served/held_out.npy    images without labels (uint8)
    mnist-1/served/meta.json       name, classes, stand_in, source, licence
    mnist-1/private/labels.npy     labels of the held-out images              never mounted
    mnist-1/manifest.json          SHA-256 of each of these files
"""

from grader.data.files import FILES, ServedFile, prepare_files
from grader.data.private import private_files
from grader.data.sets import DATA_SETS, ServedData, prepare

__all__ = ["DATA_SETS", "FILES", "ServedData", "ServedFile", "prepare", "prepare_files", "private_files"]
