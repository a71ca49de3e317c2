"""Pruning experiments as specs: data, not code. Networks, densities and lengths are this project's choice; each caption says what for."""

from functools import partial

from lmc_core.presets import Preset
from lmc_core.pruning_spec import PruneSpec

_prune = partial(Preset, model=PruneSpec)

_ALL = [
    _prune(
        "first_pruning",
        "First look: magnitude, once",
        "One hidden layer on 8×8 digits is trained, cut to its largest weights, and the masks train again from the start; seconds.",
        {},
    ),
    _prune(
        "gradual",
        "Magnitude along a cubic ramp",
        "The smallest weights go a few at a time while the network trains (Zhu & Gupta 2017): scheduled and true ratio are one line.",
        {"pruning.schedule": "gradual", "pruning.initial_epochs": "2", "pruning.final_epochs": "6", "pruning.random_control": "false"},
    ),
]

PRUNING_PRESETS: dict[str, Preset[PruneSpec]] = {preset.name: preset for preset in _ALL}
"""All presets by name, in the order in which the page offers them."""
