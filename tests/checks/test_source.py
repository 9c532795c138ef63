from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from grader.checks.source import SourceParameters, source
from grader.records import Cell


def judge(evidence: Any, code: str, **asked: Any) -> Any:
    return source(replace(evidence(), cells=(Cell(1, "code", code),)), SourceParameters(**asked), None)


@pytest.mark.parametrize(
    "code",
    [
        "import torch.nn.functional as F\nF.relu(x)",
        "from torch.nn.functional import relu as r\nr(x)",
        "import torch\ntorch.nn.functional.relu(x)",
        "%matplotlib inline\nfrom torch import nn\nf = nn.functional\nf.relu(x)",
    ],
)
def test_an_api_is_found_under_every_name(evidence: Any, code: str) -> None:
    assert judge(evidence, code, must_use=("torch.nn.functional.relu",)).share == 1.0
    forbidden = judge(evidence, code, must_not_use=("functional.relu",))
    assert forbidden.share == 0.0
    assert "cell 1, line" in forbidden.rationale


def test_comments_and_texts_are_no_use(evidence: Any) -> None:
    code = "# F.relu(x)\ny = 'torch.nn.functional.relu'\nprint(y)"
    assert judge(evidence, code, must_use=("relu",)).share == 0.0


@pytest.mark.parametrize("code", ["accuracy = 0.98", "print('Accuracy:', 98.6)", "print('accuracy: 98.6 %')"])
def test_a_result_is_typed_in(evidence: Any, code: str) -> None:
    assert judge(evidence, f"x = f()\n{code}", no_literals=("accuracy",)).share == 0.0


@pytest.mark.parametrize("code", ["accuracy = 0.0", "accuracy = right / n", "print('accuracy:', score)", "lr = 0.98"])
def test_a_result_is_computed(evidence: Any, code: str) -> None:
    assert judge(evidence, f"x = f()\n{code}", no_literals=("accuracy",)).share == 1.0


def test_something_must_be_asked() -> None:
    with pytest.raises(ValueError, match="is needed"):
        SourceParameters()
