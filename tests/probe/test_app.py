"""Real apps in Streamlit's test harness; the networks are small ones of PyTorch."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from grader.probe.app import app_in

pytestmark = [pytest.mark.streamlit, pytest.mark.data]

HARNESS = """
import json, sys
from grader.probe import app
from grader.probe.recorder import Recorder, Settings
recorder = Recorder(Settings(), {})
app.install(recorder)
main = sys.modules["__main__"]
if len(sys.argv) > 2:
    exec(sys.argv[2])
seen = app.observe(recorder, json.loads(sys.argv[1]))
assert sys.modules["__main__"] is main
print("SEEN" + json.dumps(seen))
"""
ASKS = "import streamlit as st\nfile = st.file_uploader('Picture')\n"


@pytest.fixture
def work(tmp_path):
    from PIL import Image

    for name, value in (("dark", 40), ("light", 200)):
        Image.fromarray(np.full((20, 20), value, np.uint8)).save(tmp_path / f"{name}.png")
    return tmp_path


@pytest.fixture
def tried(work):
    """Runs an app in a process of its own; gives what was noted of it."""

    def run(code="", *, before="", sources=(), seconds=30, name="app.py"):
        if code:
            (work / name).write_text(textwrap.dedent(code))
        plan = {"app": {"pictures": ["dark.png", "light.png"], "seconds": seconds, "sources": list(sources)}}
        done = subprocess.run(
            [sys.executable, "-c", HARNESS, json.dumps(plan), before],
            cwd=work,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "SEEN" in done.stdout, done.stderr[-2000:]
        return json.loads(done.stdout.rpartition("SEEN")[2]).get("apps", [])

    return run


NETWORK = """
import torch
from PIL import Image
import numpy as np
import streamlit as st

@st.cache_resource
def load():
    network = torch.nn.Sequential(torch.nn.AvgPool2d(10), torch.nn.Flatten(), torch.nn.Linear(4, 2))
    network.load_state_dict(torch.load("net.pt", weights_only=True))
    return network.eval()

st.title("Dark or light? 99 % of users are happy")
file = st.sidebar.file_uploader("Picture", type=["jpg"])
if file:
    picture = np.asarray(Image.open(file).convert("L"), np.float32) / 255
    if st.button("Predict"):
        scores = load()(torch.from_numpy(picture)[None, None]).softmax(1)[0]
        left, right = st.columns(2)
        left.success(["dark", "light"][int(scores.argmax())])
        right.metric("Probability", f"{scores.max().item():.1%}")
"""
SAVES = """
import torch
net = torch.nn.Sequential(torch.nn.AvgPool2d(10), torch.nn.Flatten(), torch.nn.Linear(4, 2))
net[2].weight.data = torch.tensor([[-3.0] * 4, [3.0] * 4])
net[2].bias.data = torch.tensor([6.0, -6.0])
torch.save(net.state_dict(), "net.pt")
"""


@pytest.mark.torch
def test_what_an_app_shows_of_each_picture_and_what_it_feeds_its_network(tried):
    (app,) = tried(NETWORK, before=SAVES)
    assert not app["error"]
    assert app["asks"]
    assert app["saved"] == ["net.pt"]
    assert [upload["shown"][0] for upload in app["uploads"]] == ["dark", "light", "dark"]
    assert app["uploads"][0]["shown"][1] == "Probability 100.0%"
    assert not any("happy" in text for upload in app["uploads"] for text in upload["shown"])
    first = app["uploads"][0]
    assert first["input_shape"] == [1, 1, 20, 20]
    assert first["input_range"] == pytest.approx([40 / 255, 40 / 255], abs=0.02)  # through a JPEG


def test_an_error_is_told_with_its_line_in_the_app(tried):
    (app,) = tried(ASKS + "if file:\n    st.write(modle.predict(file))\n")
    assert app["error"] == "app.py: line 4: NameError: name 'modle' is not defined"
    assert app["error_type"] == "NameError"


def test_an_app_that_never_ends_is_stopped(tried):
    (app,) = tried(
        "import streamlit\nwhile True:\n    try:\n        x = 1\n    except Exception:\n        pass\n", seconds=2
    )
    assert app["error_type"] in {"TimeoutError", "TooLateError"}
    assert "longer than 2 s" in app["error"]


def test_an_app_that_asks_for_nothing(tried):
    (app,) = tried("import streamlit as st\nst.write('Normal 0.97')\n")
    assert not app["asks"]
    assert app["uploads"] == []


def test_the_page_with_the_uploader_is_found_in_a_menu(tried):
    code = """
    import joblib
    import streamlit as st

    if st.sidebar.radio("Go to", ["Home", "About", "Predict"]) == "Predict":
        if st.file_uploader("Picture"):
            st.text("Normal 0.9")
    """
    (app,) = tried(code)
    assert app["asks"]
    assert [upload["shown"] for upload in app["uploads"]] == [["Normal 0.9"]] * 3
    assert app["unseen"] == ["joblib"]


def test_an_app_in_a_cell_is_tried_where_there_is_no_file(tried):
    code = "from streamlit import file_uploader, write\nif file_uploader('x'):\n    write('Normal 0.5')\n"
    (app,) = tried(sources=[("cell-7.py", code)])
    assert app["name"] == "cell-7.py"
    assert [upload["shown"] for upload in app["uploads"]] == [["Normal 0.5"]] * 3


def test_without_an_app_nothing_is_reported(tried):
    assert tried("print('import streamlit is what I would do')\n", name="train.py") == []


def test_the_usual_name_comes_first(work):
    for name in ("a_page.py", "app.py", "zoo.py"):
        (work / name).write_text("import streamlit")
    assert app_in(work, [], work).name == "app.py"
