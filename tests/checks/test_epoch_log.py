from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks.epoch_log import EpochLogParameters, epoch_log
from grader.observe.numbers import numbers_in
from grader.records import Cell, CellRun

P = EpochLogParameters()
LOG = "".join(f"Epoch {e}: loss {0.9 / e:.3f}, accuracy {1 - 0.3 / e:.3f}\n" for e in range(1, 6))
KERAS = {"loss": (0.9, 0.45, 0.3), "accuracy": (0.7, 0.85, 0.9), "val_loss": (0.5, 0.4, 0.35)}


@pytest.fixture
def logged(evidence: Any, training: Any) -> Any:
    def build(printed: str, *stages: Any, source: str = "") -> Any:
        seen = evidence(
            runs=(CellRun(1, "ok", 1.0, printed),), numbers=numbers_in(printed, 1), trainings=stages or (training(),)
        )
        return replace(seen, cells=(Cell(1, "code", source),))

    return build


def test_every_epoch_is_told(logged: Any) -> None:
    verdict = epoch_log(logged(LOG), P, None)
    assert verdict.share == 1.0
    assert "The accuracy is printed for 5 of 5 epochs." in verdict.rationale
    assert epoch_log(logged(LOG.replace("loss", "Loss =").replace("accuracy", "Acc:")), P, None).share == 1.0


@pytest.mark.parametrize(
    ("printed", "share"),
    [
        ("", 0.0),
        (LOG[LOG.index("Epoch 5") :], 0.2),
        ("\n".join(line.split(",")[0] for line in LOG.splitlines()), 0.5),
        ("loss 0.5 accuracy 0.9\n" * 5, 0.0),
    ],
)
def test_what_is_left_out(logged: Any, printed: str, share: float) -> None:
    assert epoch_log(logged(printed), P, None).share == pytest.approx(share)


def test_a_log_that_begins_after_a_first_training(logged: Any, training: Any) -> None:
    verdict = epoch_log(logged(LOG, training(), training()), P, None)
    assert verdict.share == 0.5
    assert "5 of 10 epochs" in verdict.rationale


def test_keras_must_print_what_it_recorded(logged: Any, training: Any) -> None:
    stage = training(framework="keras", epochs=3, history=KERAS)
    told = "loss: 0.9000 - accuracy: 70.0%\nloss: 0.4500 - accuracy: 0.8500\nloss: 0.3 - accuracy: 0.9"
    assert epoch_log(logged(told, stage), P, None).share == 1.0
    made_up = "loss: 0.8 - accuracy: 0.6\nloss: 0.6 - accuracy: 0.8\nloss: 0.2 - accuracy: 0.95"
    assert epoch_log(logged(made_up, stage), P, None).share == 0.0


def test_a_log_that_is_typed_in(logged: Any) -> None:
    source = "losses = [0.900, 0.450, 0.300, 0.225, 0.180]"
    verdict = epoch_log(logged(LOG, source=source), P, None)
    assert verdict.share == 0.5
    assert "The loss is typed in." in verdict.rationale


def test_a_table_is_read_by_a_person(logged: Any) -> None:
    table = "Epoch Loss Accuracy\n" + "".join(f"{e} {0.9 / e:.3f} {1 - 0.3 / e:.3f}\n" for e in range(1, 6))
    assert epoch_log(logged(table), P, None).share is None


def test_without_a_training_nothing(logged: Any, training: Any) -> None:
    assert epoch_log(logged(LOG, training(changed=0)), P, None).share == 0.0
