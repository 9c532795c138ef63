from __future__ import annotations

import pytest

from grader.observe.numbers import numbers_in


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Test Accuracy: 98.60%", [("Test Accuracy", 98.6, "%")]),
        ("Training Time: 12.34 seconds", [("Training Time", 12.34, "seconds")]),
        (
            "loss: 0.1234 - accuracy: 0.98 - val_loss: 1.2e-3",
            [("loss", 0.1234, ""), ("accuracy", 0.98, ""), ("val_loss", 0.0012, "")],
        ),
        ("Total params: 61,706", [("Total params", 61706.0, "")]),
        ("LeNet-5 on CIFAR-10 gets acc=0.75", [("LeNet-5 on CIFAR-10 gets acc", 0.75, "")]),
        (
            "Accuracy on the 10000 test images: 95 %",
            [("Accuracy on the", 10000.0, ""), ("Accuracy on the test images", 95.0, "%")],
        ),
        ("a: 1\rb: 2", [("a", 1.0, ""), ("b", 2.0, "")]),
        ("acc=-0.5", [("acc", -0.5, "")]),
        ("no numbers", []),
    ],
)
def test_numbers_carry_the_words_before_them(text, expected):
    assert [(n.label, n.value, n.unit) for n in numbers_in(text)] == expected


def test_a_long_log_keeps_its_end():
    numbers = numbers_in("\n".join(f"step {i}" for i in range(10_000)), cell=3)
    assert len(numbers) == 2000
    assert (numbers[-1].value, numbers[-1].cell) == (9999, 3)
