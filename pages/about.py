"""What LMC is, for a class."""

import streamlit as st

from lmc_core.studies.presets import PRESETS
from lmc_core.studies.pruning_presets import PRUNING_PRESETS
from lmc_core.ui.addresses import HOME, PRUNING
from lmc_core.ui.explanation import playground

st.title("What is linear mode connectivity?")
st.markdown(
    "Train a network twice from **the same initialisation**, but show it the images in another order the second time. "
    "You get two different networks, the **twins** A and B. Both work. Are they two versions of one solution, or two solutions? "
    "To find out, walk the straight line from A to B in the space of all weights and measure the error at each step."
)
st.subheader("Try it in a landscape", anchor=False)
st.markdown(
    "The ground below is a formula, not a network: green is low error. "
    "Lower the ridge, or let the twins share the beginning of their training."
)
playground()

st.subheader("What exactly is measured", anchor=False)
left, right = st.columns(2, gap="large")
with left:
    st.markdown("**The line.** Every weight and bias is mixed, at $T = 11$ equidistant values of α:")
    st.latex(r"\Theta(\alpha) = (1-\alpha)\,\Theta_A + \alpha\,\Theta_B")
    st.markdown("**Error barrier (Eq. 1).** The highest error on the line, minus the mean of the twins' own errors; error is 1 − accuracy:")
    st.latex(r"\mathcal{B} = \sup_\alpha \mathcal{E}(\Theta(\alpha)) - \tfrac12\big(\mathcal{E}(\Theta_A) + \mathcal{E}(\Theta_B)\big)")
    st.markdown("**Normalised barrier (Eq. 2).** The same as a share of what the twins can do, so that easy and hard data sets compare:")
    st.latex(r"\bar{\mathcal{B}} = \frac{\mathcal{B}}{\frac12\big(\mathrm{Acc}_{te}(\Theta_A) + \mathrm{Acc}_{te}(\Theta_B)\big)}")
with right:
    st.markdown(
        "**Connected** means an error barrier below **0.02**: nowhere on the line is the error 2 percentage points or more above the mean "
        "of the twins' own.\n\n"
        "**Loss barrier.** Eq. 1 with the mean cross-entropy in place of the error. It is the stricter look: a loss can rise where "
        "no image changes its class.\n\n"
        "**Chord gap.** Some papers measure the height above the *chord*, the straight line between the two ends' errors. "
        "Where the ends differ, that is another number, so this program never calls it a barrier.\n\n"
        "**Pairs.** One pair of twins is one roll of the dice. Several pairs, each from another initialisation, "
        "give a mean and a spread.\n\n"
        "**Spawn point.** Twins can share the noise of the first *k* steps before they part. The smallest *k* from which they stay "
        "connected says when training has chosen its valley.\n\n"
        "**Learnt nothing.** A twin's test accuracy is below twice that of guessing, or the mean accuracy is below 2%, so that a "
        "barrier of 2% cannot be reached. Such twins are called neither connected nor not connected.\n\n"
        "**Unstable (∗).** A loss or a weight of a twin is not finite. The pair is marked and left out of means, and the run gets "
        "no verdict on connectivity."
    )

st.subheader("Experiments to try yourself", anchor=False)
st.markdown(
    "Three quick ones on digits, then what the paper found. Each opens on the first page with its settings; nothing trains before you "
    "press the button."
)
for preset in PRESETS.values():
    st.page_link(HOME, label=f"**{preset.title}.** {preset.caption}", icon=":material/arrow_forward:", query_params=preset.overrides)

st.subheader("Pruning and lottery tickets", anchor=False)
st.markdown(
    "Does a network that was cut down to few weights still have twins in one valley? "
    "Each opens on the page of pruning with its settings; nothing trains before you press the button."
)
for pruned in PRUNING_PRESETS.values():
    st.page_link(PRUNING, label=f"**{pruned.title}.** {pruned.caption}", icon=":material/arrow_forward:", query_params=pruned.overrides)

st.subheader("Sources", anchor=False)
st.markdown(
    "- G. S. Altıntaş, G. Bachmann, L. Noci, T. Hofmann: *Disentangling Linear Mode Connectivity*, arXiv 2312.09832, 2023. "
    "Definitions, settings and presets.\n"
    "- J. Frankle, G. K. Dziugaite, D. M. Roy, M. Carbin: *Linear Mode Connectivity and the Lottery Ticket Hypothesis*, 2020. "
    "The spawn point and the threshold of 2%; tickets rewound to step k.\n"
    "- M. Han, A. Zhu: *Understanding Linear Mode Connectivity*, a blog post, 2023. Pruned with PLATON, and asked the open question.\n"
    "- Q. Zhang and others: *PLATON*, 2022. J. Frankle, M. Carbin: *The Lottery Ticket Hypothesis*, 2019. "
    "N. Lee, T. Ajanthan, P. Torr: *SNIP*, 2019. M. Zhu, S. Gupta: *To Prune, or Not to Prune*, 2017. "
    "S. Han, J. Pool, J. Tran, W. Dally, 2015: magnitude."
)
