"""The controls of the page of emergence: which way, whose study at which size, until when, and by which pretraining."""

import streamlit as st

from lmc_core.data.spec import CATALOG
from lmc_core.experiment import TwinsSpec
from lmc_core.studies.emergence import WAYS, Way
from lmc_core.studies.emergence_presets import NETWORKS
from lmc_core.sweeps.plan import SIZES, Size
from lmc_core.ui.emergence_draft import (
    FOLDER_KEY,
    NETWORK_KEY,
    OWN,
    SIZE_KEY,
    VALUES_KEY,
    WAY_KEY,
    source_key,
    take_network,
    take_size,
    take_way,
)
from lmc_core.ui.wording import AUGMENTED, value_name

WAY_WORDS: dict[Way, str] = {"spawn": "Spawn point", "pretraining": "Pretraining", "blocks": "Blocks"}
VALUES_WORDS: dict[Way, str] = {
    "spawn": "Twins share their noise until …",
    "pretraining": "Twins begin after … epochs of pretraining",
    "blocks": "Twins share their noise until …",
}
VALUES_HELP: dict[Way, str] = {
    "spawn": "Epochs with commas between, or steps by name: `0, 50 steps, 1, 2, 4`. At 0 they part at once.",
    "pretraining": "Epochs with commas between: `0, 1, 2, 4`. 0 is a random initialisation; the pretraining ends with the last.",
    "blocks": "A chart for each: `0` for twins that part at once, `0, 4` also for twins that part after epoch 4.",
}
FOLDER_HELP = (
    "Checkpoints made elsewhere: the name of a folder in the models' folder that holds one folder for each, as `save_pretrained` "
    "writes it. They are ordered by name along the axis."
)


def study_controls(place: tuple[str, Size] | None) -> None:
    """Draw the choice of way, network and size.

    Args:
        place: the network's study that the page stands at, with its size; None for the visitor's own.
    """
    st.session_state[NETWORK_KEY] = place[0] if place else OWN
    ways, networks, sizes = st.columns([11, 6, 9], vertical_alignment="bottom", gap="small")
    with ways:
        st.segmented_control(
            "What is asked", WAYS, key=WAY_KEY, required=True, width="stretch", format_func=WAY_WORDS.__getitem__, on_change=take_way
        )
    with networks:
        st.selectbox(
            "Start from",
            [*NETWORKS, OWN],
            key=NETWORK_KEY,
            format_func=lambda name: NETWORKS.get(name, "Your own settings"),
            on_change=take_network,
            help="One study per network, with settings under which twins that part at once end far apart. Change anything in the sidebar.",
        )
    with sizes:
        if place:
            st.session_state[SIZE_KEY] = place[1]
            st.segmented_control(
                "Size",
                SIZES,
                key=SIZE_KEY,
                required=True,
                width="stretch",
                format_func=str.capitalize,
                on_change=take_size,
                help="A sketch runs on digits in minutes, classroom on real data, paper on all of it with a GPU.",
            )


def values_control(way: Way, folder: str) -> None:
    """Draw the moments; a folder of checkpoints stands in their place."""
    st.text_input(VALUES_WORDS[way], key=VALUES_KEY, help=VALUES_HELP[way], disabled=way == "pretraining" and bool(folder))


def source_controls(spec: TwinsSpec) -> None:
    """Draw what the pretraining of these twins has of its own, and the folder that can stand in its place."""
    data, images, noise, rate, size = st.columns([3, 2, 3, 2, 2], vertical_alignment="bottom", gap="small")
    with data:
        alike = [name for name, facts in CATALOG.items() if facts.channels == CATALOG[spec.dataset].channels]
        chosen = st.session_state[source_key("dataset")]
        options = alike if chosen in alike else [*alike, chosen]
        st.selectbox("Pretrain on", options, key=source_key("dataset"), format_func=value_name)
    with images:
        st.text_input("Images", key=source_key("train_samples"), placeholder="All")
    with noise:
        st.selectbox("Augmentation", list(AUGMENTED), key=source_key("augmentation"), format_func=value_name)
    with rate:
        st.text_input("Learning rate", key=source_key("optimizer.lr"))
    with size:
        st.text_input("Batch size", key=source_key("batch_size"))
    st.text_input("Or a folder of checkpoints", key=FOLDER_KEY, help=FOLDER_HELP, placeholder="none: pretrain here")
