"""The sidebar that describes an experiment: presets above, the spec's controls, its file below."""

from collections.abc import Callable

import streamlit as st

from lmc_core.errors import LMCError
from lmc_core.experiment import Spec
from lmc_core.ui.controls import controls
from lmc_core.ui.experiment import Offer, presets
from lmc_core.ui.spec_file import spec_file
from lmc_core.ui.wording import in_words


def sidebar(spec: Spec, offer: Offer[Spec], take: Callable[[Spec], None] | None = None) -> tuple[Spec, str | None]:
    """The experiment that the controls describe, or the given one and the sentence that says why they describe none.

    Args:
        spec: that the page was opened with.
        offer: the presets to start from.
        take: sets the page's controls; the offer's own if it is None.
    """
    fault = None
    with st.sidebar:
        top = st.container()
        try:
            spec = controls(spec)
        except LMCError as error:
            fault = in_words(error)
        with top:
            presets(spec, offer, take)
        spec_file(spec, take or offer.take)
    return spec, fault
