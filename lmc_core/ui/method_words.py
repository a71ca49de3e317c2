"""The ways of pruning and the protocol of tickets, in words for a class."""

from typing import Final

from lmc_core.experiment import PruneSpec

METHODS: Final[dict[str, str]] = {
    "magnitude": (
        "**Magnitude** (Han et al. 2015; Zhu & Gupta 2017). A weight's importance is its size; the smallest are removed. "
        "*One-shot* prunes the trained network in one cut. *Gradual* prunes a little every few steps while it trains, at the ratio\n\n"
        r"$$r(t) = r_T + (1 - r_T)\Big(1 - \frac{t - t_i}{T - t_i - t_f}\Big)^3,$$"
        "\n\nfast at first, gently at the end. *Global* compares all weights with one threshold; *by layer* keeps the same "
        "share everywhere."
    ),
    "random": (
        "**Random masks** (the control of Frankle et al. 2020). The weights to keep are drawn at random before training. "
        "Whatever a method gains over this comes from its choice of weights."
    ),
    "platon": (
        "**PLATON** (Zhang et al. 2022), which the blog used. After each step every weight gets the sensitivity "
        r"$I = |w \cdot \partial L/\partial w|$, about how much the loss would change without it. A batch knows it only roughly, so it is "
        r"smoothed ($\bar I$, by $\beta_1$), and so is how much it jumps about ($\bar U$, by $\beta_2$). "
        r"The score is $\bar I \cdot \bar U$: a weight of which one is unsure is kept. "
        "Every ΔT steps the lowest scores are set to 0, by one threshold over all layers, along the cubic ramp from all weights to the "
        "density. "
        "**As published the masking is soft**: in the ramp the next step of the optimiser may bring a weight back. "
        "After the ramp it is masked at every step."
    ),
    "iterative": (
        "**Iterative magnitude pruning** (Frankle & Carbin 2019; with rewinding Frankle et al. 2020). Train; cut the smallest weights "
        "down to the first density; set the rest back to where they were at the rewinding point; train again; cut further. Each density is "
        "a training of its own, so this takes longest, and finds the best tickets."
    ),
    "snip": (
        r"**SNIP** (Lee et al. 2019). Before training, each weight gets the score $|w \cdot \partial L/\partial w|$ over some images; "
        "those with the lowest are removed at once. The network never trains dense."
    ),
}
"""What each method does, as markdown."""

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
    return METHODS[spec.pruning.name], PROTOCOL
