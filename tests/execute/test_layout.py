"""Code as students write it, and what is laid out for it. No kernel runs here."""

import zipfile
from pathlib import Path

import pytest

from grader.data import ServedFile, Substitute
from grader.execute.layout import Stock, after, lay_out
from grader.records import Cell, Submission


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Path:
    """A folder of two classes in three parts, a picture, a table."""
    store = tmp_path_factory.mktemp("store")
    for part in ("train", "val", "test"):
        for kind in ("face", "nonface"):
            folder = store / "faces" / part / kind
            folder.mkdir(parents=True)
            (folder / "0.png").write_bytes(b"a picture")
    (store / "picture.jpg").write_bytes(b"a picture")
    (store / "table.csv").write_text("a,b\n1,2\n")
    (store / "flat" / "rose").mkdir(parents=True)
    (store / "flat" / "rose" / "1.jpg").write_bytes(b"a rose")
    with zipfile.ZipFile(store / "archive.zip", "w") as file:
        file.writestr("flowers/train/rose/1.jpg", b"a rose")
    return store


def substitute(store: Path, pattern: str, name: str, kind="file") -> Substitute:
    return Substitute(pattern, store / name, "", name, kind)


def stock(store: Path, paths=(), urls=()) -> Stock:
    kinds = {"picture": "picture.jpg", "folder": "faces", "table": "table.csv"}
    return Stock(
        tuple(substitute(store, *pair) for pair in paths),
        tuple(substitute(store, *pair) for pair in urls),
        {kind: substitute(store, kind, name, kind) for kind, name in kinds.items()},
        ("mnist",),
    )


def laid(store: Path, code: str, files=(), **given):
    """Target (without /content/) -> name in the store, `own:` name, `zip:` name, or `empty`."""
    fields = {name: given.pop(name) for name in ("folder", "attachments") if name in given}
    cells = tuple(Cell(i, "code", source) for i, source in enumerate(code.split("# next cell\n")))
    layout = lay_out(cells, Submission("s", "s", "s.ipynb", cells, "d", **fields), stock(store, **given), files)
    return {one.target.removeprefix("/content/"): described(one, store) for one in layout.placed}


def described(one, store):
    if one.source is None:
        return "empty"
    if one.own:
        return f"own:{one.own}"
    return ("zip:" if one.how == "pack" else "") + one.source.relative_to(store).as_posix()


PICTURE = "picture.jpg"
ROWS = [
    # Keras
    (
        'gen.flow_from_directory("dataset/train", target_size=(224, 224))\ngen.flow_from_directory("dataset/val")',
        {"dataset/train": "faces/train", "dataset/val": "faces/val"},
    ),
    (
        'train_dir = "dataset/train"\nds = tf.keras.utils.image_dataset_from_directory(train_dir)',
        {"dataset/train": "faces/train"},
    ),
    (
        'tf.keras.utils.image_dataset_from_directory("/kaggle/input/chest_xray/train")',
        {"/kaggle/input/chest_xray/train": "faces/train"},
    ),
    (
        ('path = "/content/dataset"\na = path + "/train"\nb = path + "/validation"\n'
        "image_dataset_from_directory(a)\nimage_dataset_from_directory(b)"),
        {"dataset/train": "faces/train", "dataset/validation": "faces/val"},
    ),
    ('gen.flow_from_directory("seg_train/seg_train")', {"seg_train/seg_train": "faces/train"}),
    ('gen.flow_from_directory(directory="flowers", subset="training")', {"flowers": "faces/train"}),
    ('gen.flow_from_dataframe(df, "images/train", x_col="id")', {"images/train": "faces/train/face"}),
    ('img_path = "elephant.jpg"\nimage.load_img(img_path, target_size=(224, 224))', {"elephant.jpg": PICTURE}),
    ('tf.io.read_file("/content/cat.png")', {"cat.png": PICTURE}),
    # torchvision
    (r'ImageFolder(r"D:\data\flowers\train", transform=t)', {r"D:\data\flowers\train": "faces/train"}),
    ('datasets.MNIST("./data/train", download=True)\ndatasets.ImageFolder(root="data/val")', {"data/val": "faces/val"}),
    (
        'd = "../input/cells"\nImageFolder(os.path.join(d, "training"))\nImageFolder(d + "/testing")',
        {"/input/cells/training": "faces/train", "/input/cells/testing": "faces/test"},
    ),
    (
        'root = "hymenoptera"\nsets = {x: datasets.ImageFolder(os.path.join(root, x), t[x]) for x in ["train", "val"]}',
        {"hymenoptera/train": "faces/train", "hymenoptera/val": "faces/val"},
    ),
    ('paths = {"train": "D:/data/train"}\nImageFolder(paths["train"])', {"D:/data/train": "faces/train"}),
    ('ImageFolder("flowers")', {"flowers": "faces/train"}),
    ('read_image("/home/me/pics/dog.jpg")', {"/home/me/pics/dog.jpg": PICTURE}),
    # pictures
    ('Image.open("/content/drive/MyDrive/cat.jpg").convert("RGB")', {"drive/MyDrive/cat.jpg": PICTURE}),
    ('img = cv2.imread("images/dog.png", 0)', {"images/dog.png": PICTURE}),
    (r'img = cv2.imread(r"C:\Users\me\Desktop\dog.jpg")', {r"C:\Users\me\Desktop\dog.jpg": PICTURE}),
    ('plt.imread("sample.jpg")\nplt.savefig("out.png")', {"sample.jpg": PICTURE}),
    ('def load(path):\n    return Image.open(path)\nload("lion.jpeg")', {"lion.jpeg": PICTURE}),
    (
        'base = Path("/content/drive/My Drive/Colab Notebooks")\nImage.open(base / "pic.jpeg")',
        {"drive/My Drive/Colab Notebooks/pic.jpeg": PICTURE},
    ),
    ('for i in range(3):\n    Image.open("frames/%d.jpg" % i)', {"frames": "faces/train/face"}),
    (
        'names = ["a.jpg", "b.jpg"]\nfor n in names:\n    cv2.imread("in/" + n)',
        {"in/a.jpg": PICTURE, "in/b.jpg": PICTURE},
    ),
    ('img_path = "path/to/image.jpg"\npredict(img_path)', {"path/to/image.jpg": PICTURE}),
    ('if ready:\n    p = "a.jpg"\nelse:\n    p = "b.jpg"\nImage.open(p)', {"a.jpg": PICTURE, "b.jpg": PICTURE}),
    ('with open("photo.jpg", "rb") as f:\n    data = f.read()', {"photo.jpg": PICTURE}),
    # folders that are read by hand
    (
        'for c in ["cats", "dogs"]:\n    for f in os.listdir(f"Pets/{c}"):\n        Image.open(f"Pets/{c}/{f}")',
        {"Pets/cats": "faces/train/face", "Pets/dogs": "faces/train/nonface"},
    ),
    (
        ('root = "shapes"\nfor c in os.listdir(root):\n    for f in os.listdir(os.path.join(root, c)):\n'
        "        cv2.imread(os.path.join(root, c, f))"),
        {"shapes": "faces/train"},
    ),
    (
        'for f in sorted(os.listdir("photos")):\n    plt.imread(os.path.join("photos", f))',
        {"photos": "faces/train/face"},
    ),
    ('for f in glob.glob("photos/*.jpg"): plt.imread(f)', {"photos": "faces/train/face"}),
    ('files = glob.glob("cells/*/*.png")', {"cells": "faces/train"}),
    ('for p in Path("data/train").rglob("*.jpg"): show(p)', {"data/train": "faces/train"}),
    ('tf.data.Dataset.list_files("data/train/*/*.jpg")', {"data/train": "faces/train"}),
    (
        ('cats = "data/train/cats"\ndogs = "data/train/dogs"\nprint(len(os.listdir(cats)), len(os.listdir(dogs)))\n'
        'gen.flow_from_directory("data/train")'),
        {
            "data/train": "empty",
            "data/train/cats": "faces/train/face",
            "data/train/dogs": "faces/train/nonface",
        },
    ),
    (
        ('class D(Dataset):\n    def __init__(self, root):\n        self.root = root\n'
        "        self.files = os.listdir(root)\n    def __getitem__(self, i):\n"
        '        return Image.open(os.path.join(self.root, self.files[i]))\nD(root="data/test_images")'),
        {"data/test_images": "faces/test/face"},
    ),
    ('os.listdir("data")\nImageFolder("data/training_set")', {"data": "empty", "data/training_set": "faces/train",
        "data/test": "faces/test", "data/val": "faces/val"}),
    ('os.listdir("checkpoints")\ndownload_url("https://e.org/a.zip", "root")\nos.listdir("root")', {}),
    ('for r, d, f in os.walk("/kaggle/input"):\n    print(r)', {}),
    # tables
    ('df = pd.read_csv("/content/data.csv")\ndf.to_csv("a.csv")\npd.read_csv("a.csv")', {"data.csv": "table.csv"}),
    ('pd.read_csv(r"D:\\marks.csv")', {r"D:\marks.csv": "table.csv"}),
    ('np.loadtxt(fname="x.csv", delimiter=",")', {"x.csv": "table.csv"}),
    # what the hand-in makes itself, or says, or brings along
    ('torch.save(m, "x.jpg")\nImage.open("x.jpg")', {}),
    ('os.makedirs("o/train", exist_ok=True)\ncv2.imwrite("o/train/a.jpg", x)\ncv2.imread("o/train/a.jpg")', {}),
    ('for i in r:\n    imsave(f"own/{i}.png", x)\nfor f in os.listdir("own"):\n    imread("own/" + f)', {}),
    ('os.mkdir("own")\nImage.open("own/a.jpg")', {}),
    ('if not os.path.exists("d"):\n    os.mkdir("d")\nImage.open("d/a.jpg")', {"d/a.jpg": PICTURE}),
    ('print("see dataset/train")\nplt.title("cat.jpg")\n"dataset/train"', {}),
    ('ModelCheckpoint("best.h5")\nSummaryWriter("logs/train")\nsave_dir = "results/test"', {}),
    ('Image.open(requests.get("https://example.org/train/cat.jpg", stream=True).raw)', {}),
    ('x = np.load("features.npy")\nm = load_model("m.h5")', {}),
    ('Image.open(input("which? "))', {}),
    ('os.listdir("/data/mnist")\nImageFolder("/data/mnist/train")\nImageFolder("/data/flowers/train")',
     {"/data/flowers/train": "faces/train"}),
    ('Image.open("/usr/share/x.jpg")\nImage.open("/data/files/x.jpg")\nImage.open("/proc/x.png")', {}),
    ('Image.open("a\\tb.jpg")', {}),
    # Colab, Kaggle and the shell
    (
        "%cd /content/drive/MyDrive/proj\n# next cell\nImage.open('cat.jpg')",
        {"drive/MyDrive/proj": "empty", "drive/MyDrive/proj/cat.jpg": PICTURE},
    ),
    ('torch.save(m, "/content/drive/MyDrive/models/m.pth")', {"drive/MyDrive/models": "empty"}),
    ('model.save("/kaggle/working/m.keras")', {"/kaggle/working": "empty"}),
    (
        ("!unzip -q /content/drive/MyDrive/cats.zip -d /content/data\n# next cell\n"
        'gen.flow_from_directory("/content/data/train")'),
        {"drive/MyDrive/cats.zip": "zip:faces"},
    ),
    ('base = "/content/drive/MyDrive"\n!unzip -q "{base}/a.zip"', {"drive/MyDrive/a.zip": "zip:faces"}),
    (
        '!unzip -qq cats.zip\n# next cell\ngen.flow_from_directory("cats_and_dogs/training_set")',
        {"cats.zip": "zip:faces", "cats_and_dogs/training_set": "faces/train"},
    ),
    (
        'with zipfile.ZipFile("a.zip", "r") as z:\n    z.extractall("data")\nImageFolder("data/val")',
        {"a.zip": "zip:faces"},
    ),
    ("!cp /content/drive/MyDrive/a.jpg .\n!ls dataset/train", {
        "drive/MyDrive/a.jpg": PICTURE, "dataset/train": "faces/train"}),
    ('pip install x\nImage.open("a.jpg")', {"a.jpg": PICTURE}),
    ("uploaded = files.upload()", {"sample.jpg": PICTURE}),
    ('uploaded = files.upload()\nImage.open("lion.jpg")', {"lion.jpg": PICTURE}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), ROWS, ids=[code.split("\n")[0][:60] for code, _ in ROWS])
def test_what_code_asks_for_is_laid_out(store, code, expected):
    assert laid(store, code) == expected


def test_the_rubrics_table_goes_before_the_kind(store):
    paths = [("chest_xray", "flat"), ("*.csv", "table.csv"), ("faces/*", "flat")]
    code = 'ImageFolder("/kaggle/input/chest_xray/train")\nImageFolder("D:/faces/old")\npd.read_csv("x/y.csv")'
    assert laid(store, code, paths=paths) == {
        "/kaggle/input/chest_xray/train": "flat",
        "D:/faces/old": "flat",
        "x/y.csv": "table.csv",
    }


def test_a_picture_in_a_folder_of_the_rubrics(store):
    code = 'Image.open("/content/flat/rose/1.jpg")\nImage.open("/content/flat/rose/IMG_7.jpg")'
    found = laid(store, code, paths=[("flat", "flat")])
    assert found == {"flat/rose/1.jpg": "flat/rose/1.jpg", "flat/rose/IMG_7.jpg": "flat/rose/1.jpg"}


def test_other_files_are_served_only_if_the_rubric_names_them(store):
    assert laid(store, 'np.load("x.npy")', paths=[("x.npy", "table.csv")]) == {"x.npy": "table.csv"}


@pytest.mark.parametrize(
    ("pattern", "path", "rest"),
    [
        ("chest_xray", "/kaggle/input/chest_xray/train/NORMAL", ["train", "NORMAL"]),
        ("Chest_Xray/train", r"D:\chest_xray\train\a.jpg", ["a.jpg"]),
        ("*.csv", "/content/x.csv", []),
        ("data", "/content/other", None),
        ("", "/content/other", None),
    ],
)
def test_patterns_of_the_rubric_fit_names_anywhere_in_a_path(pattern, path, rest):
    assert after(pattern, path) == rest


def test_the_rubrics_files_are_there_already_and_answer_other_paths_too(store):
    files = (ServedFile("dataset", store / "faces", ""), ServedFile("sample.jpg", store / "picture.jpg", ""))
    code = """
ImageFolder("dataset/train")
Image.open("/content/sample.jpg")
ImageFolder("dataset/validation")
ImageFolder("/content/drive/MyDrive/dataset/test")
Image.open(r"C:\\pictures\\sample.jpg")
"""
    assert laid(store, code, files) == {
        "dataset/validation": "faces/val",
        "drive/MyDrive/dataset/test": "faces/test",
        r"C:\pictures\sample.jpg": "picture.jpg",
    }


def test_a_students_own_files_stand_under_the_paths_of_another_machine(store, tmp_path):
    names = ("cat.jpg", "data/train/a/1.png", "marks.csv")
    code = """
Image.open("cat.jpg")
Image.open(r"C:\\Users\\me\\Cat.jpg")
ImageFolder("/content/drive/MyDrive/data/train")
pd.read_csv("/kaggle/input/x/marks.csv")
"""
    assert laid(store, code, folder=str(tmp_path), attachments=names) == {
        r"C:\Users\me\Cat.jpg": "own:cat.jpg",
        "drive/MyDrive/data/train": "own:data/train",
        "/kaggle/input/x/marks.csv": "own:marks.csv",
    }


def test_downloads_that_are_served_make_their_files(store):
    urls = [("https://e.org/flowers.zip", "archive.zip"), ("https://www.kaggle.com/*", "archive.zip")]
    code = """
!wget -q https://e.org/flowers.zip -O f.zip && unzip -q f.zip -d /content/in
!kaggle datasets download -d me/roses --unzip
urllib.request.urlretrieve("https://e.org/nowhere.jpg", "n.jpg")
# next cell
ImageFolder("in/flowers/train")
ImageFolder("flowers/train")
Image.open("n.jpg")
"""
    assert laid(store, code, urls=urls) == {"n.jpg": "picture.jpg"}


def test_a_students_own_archive_makes_what_is_in_it(store, tmp_path):
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as file:
        file.writestr("mine/train/a.jpg", b"mine")
    code = '!unzip mine.zip\n# next cell\nImageFolder("mine/train")\nImageFolder("mine/val")'
    assert laid(store, code, folder=str(tmp_path), attachments=("mine.zip",)) == {"mine/val": "faces/val"}


def test_each_substitution_is_noted_once_per_question(store):
    cells = (
        Cell(0, "code", 'Image.open("a.jpg")'),
        Cell(1, "code", 'Image.open("a.jpg")'),
        Cell(2, "code", 'Image.open("a.jpg")\nImageFolder("data/train")'),
    )
    layout = lay_out(cells, Submission("s", "s", "s.ipynb", cells, "d"), stock(store))
    notes = list(layout.notes({0: "q1", 1: "q1", 2: "q2"}))
    assert {note.kind for note in notes} == {"substitution"}
    assert sorted((note.question, note.subject) for note in notes) == [
        ("q1", "a.jpg"), ("q2", "a.jpg"), ("q2", "data/train"),
    ]  # fmt: skip
    messages = {note.message for note in notes}
    assert "'a.jpg' is not in your hand-in: the instructor's picture stands there" in messages


def test_what_a_stand_in_stands_for_is_said(store):
    cells = (Cell(0, "code", 'ImageFolder("data/train")'),)
    kinds = {"folder": Substitute("", store / "faces", "faces stand in for a custom folder", "faces", "folder")}
    layout = lay_out(cells, Submission("s", "s", "s.ipynb", cells, "d"), Stock(kinds=kinds))
    assert [note.kind for note in layout.notes({})] == ["substitution", "stand-in"]


def test_only_a_few_folders_are_made_at_the_root(store):
    code = "\n".join(f'Image.open("/top{i}/a.jpg")' for i in range(9))
    assert len(laid(store, code)) == 4


@pytest.mark.parametrize(
    "code",
    [
        "x = " + "+".join(['"a"'] * 5000),
        "x = " + "(" * 150 + ")" * 150,
        "def f(p):\n    f(p + '/x')\n    f(p)\nf('a/train')",
        "s = ''\n" + "s += 'aaaaaaaaaaaaaaaa'\n" * 3000,
        "p = ['a', 'b', 'c', 'd']\n" + "q = [x + y for x in p for y in p]\n" * 50,
        "\x00",
        "def (",
        "Image.open('a' * 10**9)",
    ],
    ids=range(8),
)
def test_code_of_any_shape_is_read_in_short_time(store, code):
    assert len(laid(store, code + "\n# next cell\nImage.open('b.jpg')")) < 5


def layout_of(store: Path, code: str, **given):
    cells = (Cell(0, "code", code),)
    files = (ServedFile("dataset", store / "faces", "faces stand in"), ServedFile("a.jpg", store / "picture.jpg", ""))
    return lay_out(cells, Submission("s", "s", "s.ipynb", cells, "d", **given), stock(store), files)


def said(layout, **how):
    return [(note.kind, note.subject, note.question) for note in layout.notes({0: "q7"}, **how)]


@pytest.mark.parametrize(
    "code",
    ["flow.flow_from_directory('dataset/train')", "import os\nos.listdir(os.path.join('./dataset', 'val', 'face'))"],
)
def test_a_stand_in_under_the_rubrics_own_name_is_said(store, code):
    assert said(layout_of(store, code)) == [("stand-in", "dataset", "q7")]


def test_what_is_no_stand_in_or_not_read_or_the_students_own_is_not_said(store):
    assert said(layout_of(store, "open('a.jpg', 'rb'); open('datasets.txt', 'w')")) == []
    assert said(layout_of(store, "print('no data here')")) == []
    own = {"attachments": ("dataset/train/face/1.png",)}
    assert said(layout_of(store, "import os; os.listdir('dataset/train')", **own)) == []


def test_without_a_sandbox_absolute_paths_are_said_to_be_out_of_reach(store):
    code = "ImageFolder('/kaggle/input/cats/train'); Image.open('images/cat.jpg')"
    assert {kind for kind, _, _ in said(layout_of(store, code))} == {"substitution"}
    noted = said(layout_of(store, code), sandboxed=False)
    assert ("missing", "/kaggle/input/cats/train", "q7") in noted
    assert ("substitution", "images/cat.jpg", "q7") in noted
