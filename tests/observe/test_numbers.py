from __future__ import annotations

import time

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
        (
            "Test set: Average loss: 0.0500, Accuracy: 962/1000 (96%)",  # PyTorch's MNIST example
            [("Test set Average loss", 0.05, ""), ("Accuracy", 0.962, ""), ("Accuracy", 96.0, "%")],
        ),
        ("Correct: 9,620 out of 10,000", [("Correct", 0.962, "")]),
        ("Finished training in 12.3 seconds", [("Finished training in", 12.3, "seconds")]),
        ("Training completed in 12.34s", [("Training completed in", 12.34, "s")]),
        ("--- 6.6 seconds ---", [("", 6.6, "seconds")]),
        ("---6.6 seconds---", [("", 6.6, "seconds")]),
        ("Training complete in 1m 23s", [("Training complete in", 83.0, "s")]),
        ("took 2 min 5.3 s", [("took", 125.3, "s")]),
        ("Wall time: 1min 20s", [("Wall time", 80.0, "s")]),
        ("total 1h 2m 3s", [("total", 3723.0, "s")]),
        ("Training time: 0:01:23", [("Training time", 83.0, "s")]),
        ("started at 12:30:45", [("started at", 45045.0, "")]),
        ("Genauigkeit: 95,4 %", [("Genauigkeit", 95.4, "%")]),
        ("acc: 0,954", [("acc", 0.954, "")]),
        ("shape (32,32)", [("shape", 32.0, ""), ("shape", 32.0, "")]),
        ("Total params: 61,706 (241.04 KB)", [("Total params", 61706.0, ""), ("", 241.04, "KB")]),
        ("Params size (MB): 0.24", [("Params size (MB", 0.24, "")]),
        (
            "Epoch [3/10], Loss: 0.1234, Acc: 95.30%",
            [("Epoch", 3.0, ""), ("Epoch Loss", 0.1234, ""), ("Acc", 95.3, "%")],
        ),
        (
            "Epoch 3/10 - step 7 of 100 - acc 12/16",
            [("Epoch", 3.0, ""), ("Epoch step", 7.0, ""), ("Epoch step acc", 0.75, "")],
        ),
        ("95.3% test accuracy", [("test accuracy", 95.3, "%")]),
        ("It gets 95.3% accuracy on new digits.", [("It gets accuracy on new digits", 95.3, "%")]),
        ("acc 93% loss 0.2", [("acc", 93.0, "%"), ("loss", 0.2, "")]),
        ("took 3 s, acc: 0.5", [("took", 3.0, "s"), ("acc", 0.5, "")]),
        (
            "\x1b[1m5/5\x1b[0m ━━━ \x1b[1m2s\x1b[0m 30ms/step - accuracy: 0.5",  # Keras: no times that a student took
            [("", 1.0, ""), ("", 2.0, ""), ("", 30.0, ""), ("step - accuracy", 0.5, "")],
        ),
    ],
)
def test_numbers_carry_the_words_beside_them(text, expected):
    assert [(n.label, n.value, n.unit) for n in numbers_in(text)] == expected


def test_a_long_log_keeps_its_end():
    numbers = numbers_in("\n".join(f"step {i}" for i in range(10_000)), cell=3)
    assert len(numbers) == 2000
    assert (numbers[-1].value, numbers[-1].cell) == (9999, 3)


@pytest.mark.parametrize(
    "line", ["1," * 1000, "12a" * 700, "1" * 2000 + "a1", "(0," * 700, "a " * 900 + "5% " + "b-" * 90]
)
def test_no_text_makes_it_slow(line):
    started = time.process_time()
    numbers_in("\n".join([line] * 50))
    assert time.process_time() - started < 3
