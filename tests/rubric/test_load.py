import pytest

from grader.data import Added, add
from grader.errors import RubricError
from grader.rubric import load_rubric

RUNS = "check: runs, points: 4"


def test_a_good_rubric(write):
    path = write()
    rubric = load_rubric(path)
    assert (rubric.assignment, rubric.data, rubric.files) == ("cnn-basics", ("mnist",), {"sample.jpg": "picture"})
    assert (rubric.path, rubric.total) == (path, 12.5)
    question = rubric.question("q6")
    assert (question.points, question.input_shape) == (10, (64, 1, 28, 28))
    runs, accuracy = question.criteria
    assert (runs.public, runs.hint, accuracy.hint) == (True, "", "Train")
    assert accuracy.parameters.no_credit == 0.3
    assert rubric.question("p1").criteria[0].parameters.names == ("conv2d",)
    assert not rubric.question("p1").criteria[0].public


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("points: 10", "pionts: 10", "x.yaml:12: unknown key 'pionts' in question q6; did you mean 'points'?"),
        ("title: Basics", "titel: B", "x.yaml:2: unknown key 'titel' in the rubric; did you mean 'title'?"),
        ("cell_seconds", "cell_second", "x.yaml:7: unknown key 'cell_second' in profile quick; did you mean"),
        ("hint:", "hnt:", "x.yaml:16: unknown key 'hnt' in criterion accuracy of question q6; did you mean 'hint'?"),
        (RUNS, "check: run, points: 4", "x.yaml:15: unknown check 'run' in criterion runs of question q6; did you"),
        ("no_credit:", "no_credits:", "x.yaml:16: unknown parameter 'no_credits' of check 'accuracy' in criterion"),
        (
            "{shape: [3, 3]}",
            "{shap: [3, 3]}",
            "x.yaml:26: unknown key 'shap' in criterion function of question p1; did",
        ),
        ("[mnist]", "[mnist, mnits]", "x.yaml:3: unknown data set 'mnits' in the rubric; did you mean 'mnist'?"),
        ("picture}", "pictures}", "x.yaml:4: unknown file 'pictures' in the rubric; did you mean 'picture'?"),
        ("sample.jpg:", "../s.jpg:", "x.yaml:4: '../s.jpg' in the rubric: must be a path inside the work folder"),
        ("points: 10", "points: 11", "x.yaml:12: question q6 has 11 points but its criteria add up to 10"),
        ("points: 10", "points: '10'", "x.yaml:12: 'points' in question q6: should be a valid number, not '10'"),
        ("points: 10", "points: .inf", "x.yaml:12: 'points' in question q6: should be a finite number, not inf"),
        ("points: 10", "points: -1", "x.yaml:12: 'points' in question q6: should be greater than 0, not -1"),
        ("64, 1,", "64, one,", "x.yaml:13: item 2 of 'input_shape' in question q6: should be a valid integer, not"),
        ("training_seconds: 5", "training_seconds: no", "x.yaml:7: 'training_seconds' in profile quick: should be a"),
        ("public: false", "public: maybe", "x.yaml:25: 'public' in criterion function of question p1: should be a"),
        ("with: {no_credit: 0.3}", "with: [1]", "x.yaml:16: 'with' in criterion accuracy of question q6: should be a"),
        ("id: p1", "id: q6", "x.yaml:17: a second question with the id 'q6'"),
        ("id: accuracy", "id: runs", "x.yaml:16: a second criterion with the id 'runs'"),
        ("id: p1", "id: p 1", "x.yaml:17: 'id' in question p 1: "),
        ("    title: Convolution\n", "", "x.yaml:17: question p1 lacks the key 'title'"),
        ("names: [conv2d], ", "", "x.yaml:26: criterion function of question p1 lacks the parameter 'names'"),
        ("title: Basics", "title: Basics\ntitle: B", "x.yaml:3: the key 'title' is given twice, first in line 2"),
        ("{no_credit: 0.3}", "{data: cifar10}", "x.yaml:16: criterion accuracy of question q6 uses the data set 'cif"),
    ],
)
def test_a_mistake_is_named_with_its_line(mistakes, old, new, expected):
    found = mistakes((old, new))
    assert any(line.startswith(expected) for line in found), found


def test_an_unknown_name_with_none_near_lists_all(mistakes):
    (line,) = mistakes(("[mnist]", "[mnist, zzz]"))
    sets = "cifar10, cifar100, fashion_mnist, kmnist, mnist, svhn"
    assert line == f"x.yaml:3: unknown data set 'zzz' in the rubric; there are: {sets}"


def test_with_has_one_spelling(mistakes):
    found = mistakes(("with: {no_credit: 0.3}", "parameters: {no_credit: 0.3}"))
    assert found[0].startswith("x.yaml:16: unknown key 'parameters' in criterion accuracy of question q6; ")


def test_all_mistakes_at_once_in_the_order_of_the_file(mistakes):
    found = mistakes(("titl", "titel"), ("points: 10", "points: 11"), ("no_credit", "no_credt"), ("id: p1", "id: q6"))
    lines = [int(line.split(":")[1]) for line in found]
    assert lines == sorted(lines)
    assert {2, 12, 16, 17} <= set(lines)


def test_many_mistakes_are_capped(mistakes):
    keys = "".join(f"wrong{i}: 1\n" for i in range(30))
    found = mistakes(("title: Basics\n", f"title: Basics\n{keys}"))
    assert len(found) == 21
    assert found[-1] == "x.yaml: and 10 more mistakes"


@pytest.mark.parametrize("old", ["criteria:\n      - id: function", "questions:"])
def test_a_list_must_not_be_empty(write, mistakes, old):
    text = write().read_text()
    found = mistakes((text[text.index(old) :], f"{old.partition(':')[0]}: []\n"))
    assert any("must have at least one item" in line for line in found)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "x.yaml:1: the rubric is empty"),
        (b"# nothing\n", "x.yaml:1: the rubric is empty"),
        (b"hello", "x.yaml:1: the rubric: should be a mapping of keys, not 'hello'"),
        (b"a: 1\nb: [1, 2\nc: 3\n", "x.yaml:3: not valid YAML"),
        (b"a: 1\n\tb: 2\n", "x.yaml:2: not valid YAML"),
        (b"a: !!python/object:os.system {}\n", "x.yaml:1: not valid YAML: could not determine a constructor"),
        (b"a: 1\n---\nb: 2\n", "x.yaml:2: not valid YAML: expected a single document"),
        (b"a: 1\ntitle: caf\xe9\n", "x.yaml:2: the text is not UTF-8"),
        ("title: x\n".encode("utf-16"), "x.yaml:1: the text is not UTF-8"),
        (b"a: 1\nb: \x00\n", "x.yaml:2: a character that YAML does not allow"),
        (b"a: &a [*a]\n", "x.yaml: cannot be read as YAML: the anchor in line 1 contains itself"),
        (b"a: 2026-13-45\n", "x.yaml: cannot be read as YAML: month must be in 1..12"),
        (b"[" * 20_000, "x.yaml: cannot be read as YAML: it is nested too deeply"),
    ],
)
def test_a_file_that_is_no_rubric(tmp_path, content, expected):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(RubricError) as caught:
        load_rubric(path)
    assert str(caught.value).removeprefix(f"{tmp_path}/").startswith(expected)
    assert caught.value.exit_code == 4


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(RubricError, match=r"none\.yaml: no such rubric file"):
        load_rubric(tmp_path / "none.yaml")
    with pytest.raises(RubricError, match="cannot be read: Is a directory"):
        load_rubric(tmp_path)


def test_a_byte_order_mark_and_anchors_are_fine(write):
    path = write(("with: {no_credit: 0.3}", "with: &same {no_credit: 0.3}"))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_rubric(path).assignment == "cnn-basics"


SERVED = """\
files: {sample.jpg: picture}
weights: [vgg16-397923af.pth]
paths: {chest_xray: faces, "*.csv": table}
urls: {"https://example.org/cat.jpg": cat, "https://*.kaggle.com/*": flower}
bridges: {lr: false}
"""


def test_what_is_served_is_read(write):
    rubric = load_rubric(write(("files: {sample.jpg: picture}\n", SERVED)))
    assert rubric.weights == ("vgg16-397923af.pth",)
    assert rubric.paths == {"chest_xray": "faces", "*.csv": "table"}
    assert rubric.urls["https://*.kaggle.com/*"] == "flower"
    assert rubric.bridges == {"lr": False}


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "397923af",
            "397923ag",
            "x.yaml:5: unknown weights 'vgg16-397923ag.pth' in the rubric; did you mean 'vgg16-39",
        ),
        ("chest_xray: faces", "chest_xray: face", "x.yaml:6: unknown file 'face' in the rubric; did you mean 'faces'?"),
        ('cat.jpg": cat', 'cat.jpg": faces', "x.yaml:7: unknown file 'faces' in the rubric; "),
        ('"https://example', '"/example', "x.yaml:7: "),
        ("lr: false", "np_util: false", "x.yaml:8: unknown bridge 'np_util' in the rubric; did you mean 'np_utils'?"),
        ("lr: false", "lr: 0", "x.yaml:8: 'lr' in the rubric: should be a valid boolean, not 0"),
    ],
)
def test_a_mistake_in_what_is_served_has_its_line(mistakes, old, new, line):
    (said,) = mistakes(("files: {sample.jpg: picture}\n", SERVED), (old, new))
    assert said.startswith(line)


def test_what_an_instructor_added_can_be_named(write, monkeypatch, tmp_path):
    changes = (("files: {sample.jpg: picture}\n", "files: {sample.jpg: picture, notes.txt: notes}\n"),)
    monkeypatch.setenv("GRADER_DATA", str(tmp_path / "store"))
    with pytest.raises(RubricError, match=r"x\.yaml:4: unknown file 'notes' in the rubric"):
        load_rubric(write(*changes))
    (tmp_path / "a.txt").write_text("words")
    add(Added("notes", "file", "CC0", "me"), tmp_path / "a.txt")
    assert load_rubric(write(*changes)).files["notes.txt"] == "notes"


def test_anchors_that_multiply_without_end_are_refused(tmp_path):
    steps = (f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12))
    (tmp_path / "x.yaml").write_text("\n".join(["a0: &a0 [x]", *steps]))
    with pytest.raises(RubricError, match="more than 100,000 entries"):
        load_rubric(tmp_path / "x.yaml")
