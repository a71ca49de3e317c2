"""All tables and figures of the paper by name, in the paper's order."""

from lmc_core.errors import LMCError
from lmc_core.sweeps.optimisation import TABLE2
from lmc_core.sweeps.plan import PaperPreset
from lmc_core.sweeps.slopes import FIGURE1

PLANS: dict[str, PaperPreset] = {preset.name: preset for preset in (TABLE2, FIGURE1)}


def preset_of(name: str) -> PaperPreset:
    """The preset of that name.

    Raises:
        LMCError: there is none.
    """
    if preset := PLANS.get(name):
        return preset
    raise LMCError(f"There is no preset {name!r} of the paper; there are {', '.join(PLANS)}.")
