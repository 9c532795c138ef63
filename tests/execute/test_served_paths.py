"""Paths and addresses as students write them, in real kernels in bubblewrap, answered from a store."""

import asyncio
import hashlib
import zipfile

import numpy as np
import pytest

from grader.data import prepare, prepare_paths, private_files
from grader.data.files import Substitute
from grader.execute import Workplace, execute
from grader.execute.layout import Stock
from grader.records import Answer, Cell, QuestionPlan, Segmentation, Submission
from grader.rubric import Limits

pytestmark = [pytest.mark.kernel, pytest.mark.data]
LIMITS = Limits(cell_seconds=120, submission_seconds=300, training_seconds=5, memory_gb=4, output_mb=1, disk_mb=64)


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    """The store's defaults by kind, and two files at addresses."""
    folder = tmp_path_factory.mktemp("urls")
    (folder / "cat.csv").write_text("name,legs\ntom,4\n")
    with zipfile.ZipFile(folder / "flowers.zip", "w") as file:
        file.writestr("flowers/rose.txt", "a rose")
    kinds = prepare_paths({"picture": "picture", "folder": "faces", "table": "table"})
    urls = {
        "https://e.org/cat.csv": "cat.csv",
        "https://e.org/*.zip": "flowers.zip",
        "https://www.kaggle.com/*": "flowers.zip",
    }
    served = tuple(Substitute(pattern, folder / name, "", name, "file") for pattern, name in urls.items())
    return Stock((), served, {kind.pattern: kind for kind in kinds})


def run(stock, *sources, shared=(), limits=LIMITS, given=None, **place):
    """Runs each cell as a question of its own."""
    cells = tuple(Cell(i, "code", source) for i, source in enumerate(sources))
    submission = Submission("s", "s", "s.ipynb", cells, "d", **(given or {}))
    indices = [cell.index for cell in cells if cell.index not in shared]
    segmentation = Segmentation(tuple(Answer(f"q{i}", (i,)) for i in indices), shared)
    plans = {f"q{i}": QuestionPlan(f"q{i}") for i in indices}
    workplace = Workplace(limits, stock=stock, private=private_files(), **place)
    return asyncio.run(execute(submission, segmentation, plans, workplace))


def text(execution, question):
    ran = execution.runs[question][0]
    assert ran.error is None, ran.error
    return ran.text


def noted(execution, question, kind):
    probe = execution.reports[question]["observation"]["notes"]
    return {note["subject"] for note in probe if note["kind"] == kind} | {
        note.subject for note in execution.notes if note.question == question and note.kind == kind
    }


def test_pictures_tables_and_folders_of_other_machines(stock):
    execution = run(
        stock,
        "from PIL import Image\nprint(Image.open('/content/drive/MyDrive/cat.jpg').size)",
        "import os\ntrain = r'D:\\data\\flowers\\train'\nprint(sorted(os.listdir(train)))",
        "import pandas as pd\nprint(pd.read_csv('/kaggle/input/iris/iris.csv').shape)",
        "from google.colab import drive\ndrive.mount('/content/drive')\n"
        "open('/content/drive/MyDrive/models/notes.txt', 'w').write('mine')\n"
        "print(os.listdir('/content/drive/MyDrive'))",
        "%cd /content/drive/MyDrive/proj\nprint(os.getcwd(), Image.open('dog.png').mode)",
        "!unzip -q /content/drive/MyDrive/faces.zip -d /content/raw\nprint(sorted(os.listdir('/content/raw')))",
        "open('C:/nowhere/labels.txt')",
    )
    assert text(execution, "q0") == "(451, 300)"
    assert text(execution, "q1") == "['face', 'nonface']"
    assert text(execution, "q2") == "(150, 5)"
    assert "Mounted at /content/drive" in text(execution, "q3")
    assert "'cat.jpg'" in text(execution, "q3")
    assert text(execution, "q4").endswith("/content/drive/MyDrive/proj RGB")
    assert text(execution, "q5") == "['test', 'train', 'val']"
    assert execution.runs["q6"][0].error.type == "FileNotFoundError"
    assert noted(execution, "q0", "substitution") == {"/content/drive/MyDrive/cat.jpg"}
    assert noted(execution, "q1", "substitution") == {r"D:\data\flowers\train"}
    assert noted(execution, "q1", "stand-in") == {r"D:\data\flowers\train"}
    assert noted(execution, "q6", "missing") == {"C:/nowhere/labels.txt"}


def test_addresses_are_answered_by_every_way_to_ask(stock):
    execution = run(
        stock,
        "import urllib.request\nanswer = urllib.request.urlopen('https://e.org/cat.csv')\n"
        "print(answer.status, answer.length, answer.headers['Content-Type'], answer.read())\n"
        "urllib.request.urlretrieve('https://e.org/a.zip', 'a.zip')\nimport zipfile\n"
        "print(zipfile.ZipFile('a.zip').namelist())",
        "import requests\nanswer = requests.get('https://e.org/cat.csv')\nprint(answer.status_code, answer.text)\n"
        "stream = requests.get('https://e.org/b.zip', stream=True)\nprint(len(b''.join(stream.iter_content(16))))",
        "import pandas as pd\nprint(pd.read_csv('https://e.org/cat.csv').legs.sum())",
        "!wget -q https://e.org/c.zip -P down && ls down\n!curl -sL https://e.org/cat.csv | head -1\n"
        "!curl -s https://e.org/cat.csv > kept.csv && cat kept.csv\n!unzip -q down/c.zip && cat flowers/rose.txt",
        "import gdown, kagglehub, os\nprint(gdown.download('https://e.org/d.zip', 'd.zip', quiet=True))\n"
        "print(os.listdir(kagglehub.dataset_download('me/roses')))\n"
        "!kaggle datasets download -d me/roses -p kag --unzip && ls kag",
    )
    assert text(execution, "q0").splitlines() == [
        "200 16 text/csv b'name,legs\\ntom,4\\n'",
        "['flowers/rose.txt']",
    ]
    assert text(execution, "q1").split() == ["200", "name,legs", "tom,4", str(stock.urls[1].source.stat().st_size)]
    assert text(execution, "q2") == "4"
    lines = text(execution, "q3").split()
    assert lines == ["down/c.zip", "saved", "c.zip", "name,legs", "name,legs", "tom,4", "a", "rose"]
    assert text(execution, "q4").split()[-2:] == ["flowers", "roses.zip"]
    for question in ("q0", "q1", "q2", "q3"):
        assert "https://e.org/cat.csv" in noted(execution, question, "substitution")
        assert not noted(execution, question, "missing")


def test_an_address_that_is_not_served_gives_the_error_of_a_network_that_is_not_there(stock):
    execution = run(
        stock,
        "import urllib.request\nurllib.request.urlopen('https://no.org/x.zip')",
        "import requests\nrequests.get('https://no.org/y.zip', timeout=60)",
        "!wget https://no.org/z.zip\nimport os\nprint(os.path.exists('z.zip'))",
        "import gdown\ngdown.download('https://no.org/w.zip')",
        "import http.server, threading, urllib.request\n"
        "server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n"
        "threading.Thread(target=server.serve_forever, daemon=True).start()\n"
        "print(urllib.request.urlopen(f'http://127.0.0.1:{server.server_port}/').status)",
    )
    first, second = (execution.runs[question][0] for question in ("q0", "q1"))
    assert (first.error.type, second.error.type) == ("URLError", "ConnectionError")
    assert "name resolution" in first.error.message
    assert max(first.seconds, second.seconds) < 20
    assert text(execution, "q2").endswith("False")
    assert [noted(execution, f"q{i}", "missing") for i in range(4)] == [
        {"https://no.org/x.zip"},
        {"https://no.org/y.zip"},
        {"https://no.org/z.zip"},
        {"https://no.org/w.zip"},
    ]
    assert execution.runs["q3"][0].error.type == "URLError"
    assert "200" in text(execution, "q4").split()


def test_installers_are_answered_however_they_are_called(stock):
    execution = run(
        stock,
        "import subprocess, sys, os\n"
        "pip = [sys.executable, '-m', 'pip', 'install', 'numpy']\n"
        "print(subprocess.run(pip, capture_output=True, text=True).stdout)\n"
        "print(subprocess.check_output('pip install no-such-package', shell=True, text=True))\n"
        "os.system('pip install other-no-package')\nprint(subprocess.check_output(['echo', 'as ever'], text=True))",
    )
    said = text(execution, "q0")
    assert "[grader] numpy" in said
    assert "no-such-package is not installed here" in said
    assert "as ever" in said
    assert noted(execution, "q0", "missing") == {"no-such-package", "other-no-package"}


def test_what_is_laid_out_may_be_written_and_the_store_stays_as_it_is(stock):
    source = stock.kinds["folder"].source
    before = {path: path.read_bytes() for path in source.rglob("*.png")}
    execution = run(
        stock,
        "import os, shutil\nfrom PIL import Image\nfolder = 'dataset/train'\n"
        "name = sorted(os.listdir(folder + '/face'))[0]\n"
        "Image.new('RGB', (8, 8)).save(f'{folder}/face/{name}')\nos.makedirs(folder + '/face/more')\n"
        "print(Image.open(f'dataset/train/face/{name}').size)\n"
        "shutil.rmtree(folder)\nprint(os.path.exists(folder))",
        "import glob\nfor path in glob.glob('/data/*/*'):\n"
        "    try:\n        open(path, 'a').close(); print('wrote', path)\n"
        "    except (OSError, IsADirectoryError): pass\n"
        "try:\n    open('/data/paths/0/x', 'w'); print('wrote')\nexcept OSError: print('read-only')",
    )
    assert text(execution, "q0") == "(8, 8)\nFalse"
    assert text(execution, "q1") == "read-only"
    assert {path: path.read_bytes() for path in source.rglob("*.png")} == before


def test_what_is_too_large_to_copy_is_linked(stock):
    execution = run(
        stock,
        "import os\nfolder = 'dataset/train/face'\nname = sorted(os.listdir(folder))[0]\n"
        "print(os.path.islink(f'{folder}/{name}'), os.path.islink(folder))\n"
        "print(len(open(f'{folder}/{name}', 'rb').read()) > 99)\n"
        "open(folder + '/new.txt', 'w').write('mine')\n"
        "try:\n    open(f'{folder}/{name}', 'wb')\nexcept OSError: print('read-only')",
        limits=LIMITS.model_copy(update={"disk_mb": 1}),
    )
    assert text(execution, "q0") == "True False\nTrue\nread-only"


SEARCH = """
import hashlib, os, sys, warnings
import numpy as np
warnings.simplefilter("ignore")
found, read = [], 0

def check(values, path):
    values = np.asarray(values).ravel()
    if values.dtype.kind in "iuf" and len(values) >= COUNT:
        for part in (values[:COUNT], values[-COUNT:]):
            if hashlib.sha256(part.astype("uint8").tobytes()).hexdigest() == DIGEST:
                found.append(path)
                return

for root, folders, names in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(root, name) not in ("/proc", "/sys", "/usr")]
    for path in (os.path.join(root, name) for name in names):
        try:
            if path.endswith((".npy", ".npz")):
                content = np.load(path)
                read += 1
                for value in content.values() if path.endswith("z") else [content]:
                    check(value, path)
            elif path.endswith(".csv") and "mnist" in path:
                read += 1
                check(np.genfromtxt(path, delimiter=",")[:, -1], path)
        except Exception:
            pass
    if root.startswith("/data"):
        found += [os.path.join(root, name) for name in folders + names if name in ("private", "labels.npy")]
print(read > 3, sorted(found))
"""


def test_no_process_finds_a_private_label(stock, tmp_path):
    """Every array that can be read is compared with the labels; one that was handed in shows that it would be found."""
    data = prepare(["mnist"])
    labels = np.array(data[0].labels, dtype=np.uint8)
    np.save(tmp_path / "own.npy", labels)
    digest = hashlib.sha256(labels.tobytes()).hexdigest()
    search = SEARCH.replace("COUNT", str(len(labels))).replace("DIGEST", repr(digest))
    given = {"folder": str(tmp_path), "attachments": ("own.npy",)}
    execution = run(stock, "import os\nos.listdir('dataset/train')", search, data=data, given=given)
    assert text(execution, "q1") == "True ['/content/own.npy', '/submission/own.npy']"


def test_an_upload_gives_the_file_that_the_code_names(stock):
    execution = run(
        stock,
        "from google.colab import files\nuploaded = files.upload()\n"
        "name = list(uploaded)[0]\nprint(name, len(uploaded[name]) > 99)",
        "from PIL import Image\nprint(Image.open('lion.jpg').size)",
    )
    assert text(execution, "q0") == "lion.jpg True"
    assert text(execution, "q1") == "(451, 300)"


def test_without_isolation_only_the_work_folder_is_laid_out(stock):
    execution = run(
        stock,
        "import os\nprint(sorted(os.listdir('dataset/train')))",
        "open('/kaggle/input/x/y.csv')",
        isolation="none",
    )
    assert text(execution, "q0") == "['face', 'nonface']"
    assert execution.runs["q1"][0].error.type == "FileNotFoundError"


@pytest.mark.torch
def test_torchvision_reads_a_folder_of_windows(stock):
    execution = run(
        stock,
        "import torchvision\n"
        "d = torchvision.datasets.ImageFolder(r'D:\\data\\flowers\\train')\nprint(len(d), d.classes)\n"
        "from torchvision.datasets.utils import download_url\ndownload_url('https://e.org/a.zip', 'root')\n"
        "import os; print(os.listdir('root'))",
    )
    assert text(execution, "q0").splitlines()[-2:] == ["140 ['face', 'nonface']", "['a.zip']"]


@pytest.mark.tensorflow
def test_keras_reads_folders_of_kaggle(stock):
    execution = run(
        stock,
        "import tensorflow as tf\n"
        "d = tf.keras.utils.image_dataset_from_directory('/kaggle/input/chest_xray/train', image_size=(32, 32))\n"
        "print(d.class_names)",
        "from tensorflow.keras.preprocessing.image import ImageDataGenerator\n"
        "g = ImageDataGenerator(rescale=1/255).flow_from_directory('dataset/train', target_size=(32, 32))\nprint(g.n)",
        "img = tf.keras.utils.load_img(r'C:\\Users\\me\\cat.jpg', target_size=(8, 8))\nprint(img.size)\n"
        "print(tf.io.decode_jpeg(tf.io.read_file(r'C:\\Users\\me\\cat.jpg')).shape)\n"
        "path = tf.keras.utils.get_file('flowers.zip', 'https://e.org/flowers.zip')\nprint(open(path, 'rb').read(2))",
    )
    assert text(execution, "q0").endswith("['face', 'nonface']")
    assert text(execution, "q1").endswith("140")
    said = text(execution, "q2")
    assert all(line in said.splitlines() for line in ("(8, 8)", "(300, 451, 3)", "b'PK'"))
