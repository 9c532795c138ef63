"""Values, functions and calls, on namespaces that real code filled."""

import json
import textwrap

import numpy as np
import pytest
from pydantic import TypeAdapter

from grader.probe import namespace
from grader.probe.recorder import Recorder, Settings
from grader.records import Observation

MATRIX = {"values": [1.0, 2.0, 3.0, 4.0], "shape": [2, 2], "dtype": "float64"}
NUMBER = {"values": 3, "shape": None, "dtype": "float64"}


def run(code, *requests, before=""):
    """What the watcher reports, and its notes, after `code` ran as a question's cell."""
    names = {"__name__": "__main__"}
    exec(textwrap.dedent(before), names)
    recorder = Recorder(Settings(), names)
    recorder.begin("p1")
    namespace.begin(recorder)
    exec(textwrap.dedent(code), names)
    plan = {"question": "p1", "calls": list(requests)}
    seen = namespace.observe(recorder, plan)
    TypeAdapter(Observation).validate_json(json.dumps({"question": "p1", **seen}, allow_nan=False))
    return seen, recorder.notes


def request(*cases, names=("max_pool",)):
    return {"id": "r1", "names": list(names), "cases": [list(case) for case in cases]}


def call(code, *cases, names=("max_pool",), before=""):
    return run(code, request(*cases, names=names), before=before)[0]["calls"]


def test_numbers_and_arrays_are_values():
    seen, _ = run("""
        import numpy as np
        accuracy = 0.97
        count = np.int64(5)
        grid = [[1, 2.5], [3, 4]]
        kernel = np.arange(6, dtype="float32").reshape(2, 3)
        large = np.zeros((64, 64))
        text, mixed, ragged = "no", [1, "a"], [[1], [1, 2]]
    """)
    values = {value["name"]: value for value in seen["values"]}
    assert set(values) == {"accuracy", "count", "grid", "kernel", "large"}
    assert values["accuracy"] == {"name": "accuracy", "type": "float", "dtype": "float", "shape": [], "values": [0.97]}
    assert values["grid"]["shape"] == [2, 2]
    assert values["grid"]["values"] == [1, 2.5, 3, 4]
    assert (values["kernel"]["dtype"], values["kernel"]["shape"]) == ("float32", [2, 3])
    assert (values["large"]["shape"], values["large"]["values"]) == ([64, 64], [])


def test_only_what_the_question_defined():
    seen, _ = run("new = 1", before="old = 2")
    assert [value["name"] for value in seen["values"]] == ["new"]


def test_values_that_are_not_finite_are_left_out():
    seen, _ = run("import numpy as np\na = np.array([1.0, np.nan])\nb = float('inf')\nc = 10 ** 400")
    assert {value["name"]: (value["shape"], value["values"]) for value in seen["values"]} == {
        "a": ([2], []),
        "b": ([], []),
        "c": ([], []),
    }


def test_at_most_200_values_and_a_note():
    seen, notes = run("for i in range(300): globals()[f'v{i}'] = i")
    assert len(seen["values"]) == 200
    assert [note["kind"] for note in notes] == ["truncated"]


def test_methods_of_hostile_objects_are_not_called():
    seen, notes = run("""
        ran = []
        def trap(*args): ran.append(args); raise SystemExit
        methods = "__array__ __len__ __repr__ __getattr__ __eq__ __hash__ __iter__ __float__ __class_getitem__".split()
        class Meta(type):
            __eq__ = trap
            __hash__ = type.__hash__
            __name__ = property(trap)
        Hostile = Meta("Hostile", (), dict.fromkeys(methods, trap))
        thing = Hostile()
        class Liar:
            __class__ = property(trap)
        liar = Liar()
        many = [thing, liar]
        class List(list):
            __iter__ = trap
        numbers = List([1, 2])
        loop = []
        loop.append(loop)
        times_run = len(ran)
    """)
    assert [(v["name"], v["values"]) for v in seen["values"]] == [("times_run", [0])]
    assert notes == []


def test_functions_with_their_parameters():
    seen, _ = run("""
        from math import sqrt
        from textwrap import dedent
        def conv2d(image, kernel, stride=1, *, padding=0): ...
        relu = lambda x: x
        class Net:
            def forward(self): ...
    """)
    assert seen["functions"] == [
        {"name": "conv2d", "parameters": ["image", "kernel", "stride", "padding"], "required": 2},
        {"name": "relu", "parameters": ["x"], "required": 1},
    ]


def test_a_function_is_found_by_name_without_case_and_underscores():
    calls = call("def MaxPool(a): return a.max()\ndef other(a): return 0", [MATRIX])
    assert [(c["function"], c["value"]["values"], c["error"]) for c in calls] == [("MaxPool", [4.0], "")]


def test_a_function_of_an_earlier_cell_is_found_by_name():
    assert call("x = 1", [MATRIX], before="def max_pool(a): return a.sum()")[0]["value"]["values"] == [10.0]


def test_else_the_only_function_that_takes_so_many_arguments():
    assert call("def f(a, size=2): return a * size\ndef g(): ...", [MATRIX, NUMBER])[0]["function"] == "f"


METHODS = """
class Pooling:
    def __init__(self, size):
        self.size = size
    def max_pool(self, image):
        return image.max() * self.size
    def _hidden(self, image):
        return 0
    @staticmethod
    def halved(image):
        return image / 2
class Doubling:
    def __call__(self, image):
        return image * 2
pool, double = Pooling(10), Doubling()
"""


@pytest.mark.parametrize(
    ("wanted", "name", "values"),
    [
        ("max_pool", "pool.max_pool", [40.0]),
        ("halved", "Pooling.halved", [0.5, 1.0, 1.5, 2.0]),
        ("double", "double", [2.0, 4.0, 6.0, 8.0]),
    ],
)
def test_methods_and_callable_objects_are_functions(wanted, name, values):
    (found,) = call(METHODS, [MATRIX], names=[wanted])
    assert (found["function"], found["error"], found["value"]["values"]) == (name, "", values)
    seen, _ = run(METHODS)
    assert {f["name"]: f["required"] for f in seen["functions"]} == {
        "pool.max_pool": 1,
        "Pooling.halved": 1,
        "double": 1,
    }


def test_no_function_or_several_is_said():
    none, several = call("x = 1", [MATRIX])[0], call("def f(a): ...\ndef g(a): ...", [MATRIX])[0]
    assert none["function"] == several["function"] == ""
    assert "no function is called max_pool" in none["error"]
    assert "several functions take 1 arguments (f, g)" in several["error"]


def test_lists_are_tried_where_arrays_fail():
    calls = call("def max_pool(m): return [[v + [0][0] for v in row] for row in m + []]", [MATRIX], [MATRIX])
    assert [c["value"]["shape"] for c in calls] == [[2, 2], [2, 2]]
    assert [c["error"] for c in calls] == ["", ""]


def test_every_case_gets_fresh_input_and_changes_are_reported():
    calls = call("def max_pool(a):\n    a += 1\n    return a", [MATRIX], [MATRIX])
    assert [(c["value"]["values"], c["input_changed"]) for c in calls] == [([2.0, 3.0, 4.0, 5.0], True)] * 2


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("return 'four'", "returned a str, not a number or an array"),
        ("pass", "returned nothing, not a number or an array"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt: "),
        ("return 1 / 0", "ZeroDivisionError: division by zero"),
        ("return missing", "NameError: name 'missing' is not defined"),
        ("return a * float('nan')", "returned numbers that are not finite"),
        ("return np.zeros(5000)", "returned 5000 numbers; at most 4096 are compared"),
        ("raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})", "Odd"),
    ],
)
def test_what_goes_wrong_in_a_call_is_recorded(body, error):
    assert call(f"import numpy as np\ndef max_pool(a): {body}", [MATRIX])[0]["error"] == error


def test_output_of_called_functions_is_silenced(capsys):
    assert call("def max_pool(a):\n    print('hello')\n    return 1", [MATRIX])[0]["error"] == ""
    assert capsys.readouterr().out == ""


def test_an_endless_call_is_stopped_and_the_rest_is_not_tried(monkeypatch):
    monkeypatch.setattr(namespace, "CALL_SECONDS", 0.2)
    endless = "def max_pool(a):\n    while True:\n        try:\n            pass\n        except Exception: pass"
    calls = call(endless, [MATRIX], [MATRIX])
    assert calls[0]["error"] == "TimeoutError: the call took over 0.2 s"
    assert calls[1]["error"] == "not called: case 0 took over 0.2 s"


@pytest.mark.torch
def test_torch_tensors_are_values_arguments_and_results():
    import torch

    seen, _ = run(
        """
        import torch, torch.nn.functional as F
        weight = torch.nn.Parameter(torch.ones(2, dtype=torch.bfloat16))
        big = torch.zeros(3, 100, 100)
        def max_pool(a): return F.max_pool2d(a[None, None], 2)
        """,
        request([MATRIX]),
    )
    values = {value["name"]: value for value in seen["values"]}
    assert (values["weight"]["dtype"], values["weight"]["values"]) == ("bfloat16", [1.0, 1.0])
    assert (values["big"]["shape"], values["big"]["values"]) == ([3, 100, 100], [])
    assert torch.Tensor.__name__ in values["big"]["type"]
    assert seen["calls"][0]["value"]["values"] == [4.0]
    assert seen["calls"][0]["error"] == ""


@pytest.mark.tensorflow
@pytest.mark.kernel
def test_tensorflow_tensors_are_values_arguments_and_results(kernel_with):
    """In a process of its own, because torchvision cannot be imported after TensorFlow."""
    kernel = kernel_with("namespace")
    kernel.begin()
    kernel.cell("""
        import tensorflow as tf, keras
        t, v, k = tf.constant([1, 2]), tf.Variable([1.5]), keras.Variable([2.5])
        def max_pool(a): return tf.nn.max_pool2d(a.numpy()[None, :, :, None], 2, 2, "VALID")
    """)
    seen = kernel.observe([request([MATRIX])])
    values = {value["name"]: (value["type"], value["values"]) for value in seen["values"]}
    assert values == {
        "t": ("tensorflow.Tensor", [1.0, 2.0]),
        "v": ("tensorflow.Variable", [1.5]),
        "k": ("keras.Variable", [2.5]),
    }
    assert seen["calls"][0]["value"]["values"] == [4.0]


def test_the_last_elements_survive_a_round_trip():
    argument = {"values": list(range(24)), "shape": [2, 3, 4], "dtype": "int32"}
    value = call("def max_pool(a): return a.transpose(2, 1, 0)", [argument])[0]["value"]
    assert value["shape"] == [4, 3, 2]
    assert value["values"] == np.arange(24).reshape(2, 3, 4).transpose(2, 1, 0).ravel().tolist()
