"""Cross-entropy of stacked logits, with its gradient."""

import torch
from torch import Tensor


def loss_and_gradient(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy [K] in nats and number of wrong answers [K]; the logits become the gradient of each mean.

    Args:
        logits: [K, B, classes]; overwritten by the gradient of member k's mean loss by its logits.
        labels: int64 [K, B].
    """
    wrong = (logits.argmax(-1) != labels).sum(-1)
    truth = labels.unsqueeze(-1)
    log_probability = torch.log_softmax(logits, -1)
    losses = log_probability.gather(-1, truth).mean((1, 2)).neg_()
    torch.exp(log_probability, out=logits)
    logits.scatter_add_(-1, truth, logits.new_full((1, 1, 1), -1.0).expand(truth.shape))
    logits.div_(labels.shape[-1])
    return losses, wrong


def loss_sum_and_wrong(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Sum of the cross-entropies (float64, nats) and number of wrong answers over a chunk, for each set of logits.

    Args:
        logits: [T, B, classes].
        labels: int64 [B].
    """
    wrong = (logits.argmax(-1) != labels).sum(-1)
    truth = labels.expand(logits.shape[:2]).unsqueeze(-1)
    losses = torch.logsumexp(logits, -1) - logits.gather(-1, truth).squeeze(-1)
    return losses.sum(-1, dtype=torch.float64), wrong
