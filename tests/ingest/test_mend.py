from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.ingest.mend import mended

NAMES = frozenset({"batch_idx", "x_test"})


@pytest.mark.parametrize(
    ("broken", "whole", "repair"),
    [
        ("x_{train} = x_{train.astype}(int)", "x_train = x_train.astype(int)", "LaTeX"),
        ("x_{train.reshape(-1, 28) ", "x_train.reshape(-1, 28) ", "LaTeX"),
        (r"x \text{ test} = x \text{ test.reshape}(3)", "x_test = x_test.reshape(3)", "underscore"),
        ("print(“it’s” if a else ‘b’)", 'print("it\'s" if a else \'b\')', "curly"),
        ("x = a − b – 1", "x = a - b - 1", "minus"),
        ("x\u00a0=\u200b\u00a01\n\u2003y", "x = 1\n y", ""),
        ("model.ﬁt(x)(", "model.fit(x)(", "ligatures"),
        ("if batch idx \\% 100 == 0:\n    pass", "if batch_idx % 100 == 0:\n    pass", "underscore"),
        ("print(f'Epoch {e}\nLoss: {x}')", "print(f'Epoch {e} Loss: {x}')\n", "line wraps"),
        ("Train the model\nfit(x)\n", "# Train the model\nfit(x)\n", "comments"),
        ("x = 1\n# a long comment that goes on until the margin\nand a bit further\ny = 2",
         "x = 1\n# a long comment that goes on until the margin\n# and a bit further\ny = 2", "comments"),
        ("total = first +\n    second", "total = first + second\n", "line wraps"),
        ("```python\nx = 1\n```", "x = 1\n", "fence"),
        ("    x = 1\n    y = 2", "x = 1\ny = 2", "indentation"),
        ("def f(x):\ny = x\nreturn y\nprint(f(1))", "def f(x):\n    y = x\n    return y\nprint(f(1))", "indentation"),
        ("if x:\na = 1\nb = 2\nelse:\nc = 3", "if x:\n    a = 1\n    b = 2\nelse:\n    c = 3", "indentation"),
        ("class A:\ndef f(self):\nreturn 1\ndef g(self):\nreturn 2",
         "class A:\n    def f(self):\n        return 1\n    def g(self):\n        return 2", "indentation"),
    ],
)  # fmt: skip
def test_damage_is_undone_and_named(broken: str, whole: str, repair: str) -> None:
    source, repairs = mended(broken, NAMES)
    assert source == whole
    assert any(repair in said for said in repairs)


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("Load and preprocess\n(x, y) = load()", "# Load and preprocess\n(x, y) = load()"),
        ("Train\nmodel.fit(x)", "# Train\nmodel.fit(x)"),
        ("x = x.astype(float32)", "x = x.astype('float32')"),
        ('if name == "main":\n    run()', 'if __name__ == "__main__":\n    run()'),
        (
            "class N(M):\n    def init(self):\n        super().init()",
            "class N(M):\n    def __init__(self):\n        super().__init__()",
        ),
    ],
)
def test_what_parses_but_cannot_have_been_meant_is_undone_too(broken: str, whole: str) -> None:
    assert mended(broken)[0] == whole


@pytest.mark.parametrize(
    "source",
    [
        "print('it’s – “fine”')",
        "f'{a}_{b}'",
        "Net\nNet()",
        "from numpy import float32\nx.astype(float32)",
        "def init(self):\n    pass",
        "model",
        "print 'x'",
        "for i in range(3)\n    print(i)",
        "def f(x):\ns = 0\nfor i in x:\ns += i\nreturn s",
    ],
)
def test_code_that_parses_and_mistakes_of_students_stay(source: str) -> None:
    assert mended(source) == (source, ())


def test_what_is_not_certain_is_left() -> None:
    assert "rotation range=20." in mended("train_gen = G(a=1,\n rotation range=20.\n zoom=1)")[0]


@given(st.text(alphabet="ab_{}\\ \n:=()'\"“”−ﬁ#ifdefclass", max_size=200))
def test_any_text_is_survived_and_a_second_round_changes_what_parses_no_more(text: str) -> None:
    once, _ = mended(text)
    try:
        ast.parse(once)
    except (SyntaxError, ValueError):
        return
    assert mended(once)[0] == once


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("text", "repairs"),
    [
        ("(" * 90_000, 0),
        ("a b " * 20_000, 0),
        ("'" * 90_000, 0),
        ("if x:\n" * 1_900, 1),
        ("x_{" * 30_000, 0),
        (textwrap.indent("x y\n" * 1_900, " "), 1),
    ],
    ids=["brackets", "words", "quotes", "ifs", "latex", "indented"],
)
def test_long_and_nested_texts_take_no_time_and_stay_as_they_are(text: str, repairs: int) -> None:
    source, done = mended(text, frozenset({"a_b"}))
    assert len(done) == repairs
    assert (source == text) is not bool(repairs)
