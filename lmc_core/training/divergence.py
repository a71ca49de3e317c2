"""When a member counts as diverged."""

LARGEST_LOSS = 1e4
"""Mean cross-entropy of a batch, in nats, above which a member counts as diverged; so does one whose loss is not finite.

Guessing costs log(classes), about 5 nats at most; here a network is wrong with logits that are 10,000 apart. Some such
networks would come back with dead units; the paper marks them all with an asterisk (table 1).
"""


def diverged(loss: float) -> bool:
    """Whether a batch's mean loss ends its member's training; true for NaN."""
    return not loss <= LARGEST_LOSS
