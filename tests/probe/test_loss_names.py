"""Which loss a PyTorch graph belongs to, where the student's code called a function and no module."""

import pytest

from grader.probe.torch_training import loss_name

pytestmark = pytest.mark.torch


def test_the_log_likelihood_of_raw_scores_is_no_cross_entropy():
    import torch
    from torch.nn import functional

    scores, labels = torch.randn(4, 3, requires_grad=True), torch.tensor([0, 1, 2, 0])
    named = {
        functional.cross_entropy(scores, labels): "cross_entropy",
        functional.nll_loss(scores.log_softmax(1), labels): "cross_entropy",
        functional.nll_loss(scores, labels): "nll_loss",
        functional.mse_loss(scores, torch.zeros(4, 3)): "mse_loss",
        2 * functional.nll_loss(scores * 1, labels): "nll_loss",
    }
    assert [loss_name(loss.grad_fn) for loss in named] == list(named.values())
