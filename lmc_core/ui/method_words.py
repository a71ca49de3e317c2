"""The ways of pruning and the protocol of tickets, in words for a class."""

from lmc_core.experiment import PruneSpec

PROTOCOL = (
    "**The tickets.** The mask that a method found is laid on the weights at the *rewinding point*, the initialisation or an early "
    "moment of training, and what is left trains again with its gradients masked: what is 0 stays 0 at every step. If the *ticket* "
    "gets as good as the dense network, it was a winning one (Frankle & Carbin 2019).\n\n"
    "**The controls.** *Random masks* keep as many weights in each layer, but drawn at random. *Redrawn starts* keep the ticket's mask and "
    "begin from other weights. *Dense* is the whole network, trained in the same way.\n\n"
    "**The twins.** Each ticket trains twice with different noise, and the straight line between the two is measured. Frankle et al. "
    "(2020) found that tickets which keep the accuracy are the ones whose twins stay connected; the blog asked this of its networks and "
    "could not answer. Here each point of the chart is an answer: *filled* where the twins are connected, *hollow* where a barrier "
    "parts them.\n\n"
    "**For orientation**, what the blog reports of a pretrained ViT on CIFAR-10, another network than any here: 98% dense; pruned by "
    "PLATON 95.3% with 20% of the weights kept and 93.7% with 5%; the mask of 20% trained again on the pretrained weights, 93.6%."
)
"""What is done with a mask, and what it is compared with."""


def explain(spec: PruneSpec) -> tuple[str, str]:
    """The spec's method and the protocol, as markdown."""
    return spec.pruning.explanation, PROTOCOL
