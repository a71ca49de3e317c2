"""All tables and figures of the paper by name, in the paper's order."""

from lmc_core.errors import LMCError
from lmc_core.sweeps.architectures import FIGURE2, TABLE3
from lmc_core.sweeps.datasets import FIGURE3, FIGURE5, TABLE4
from lmc_core.sweeps.further_strategies import APPENDIX_C
from lmc_core.sweeps.linear_nets import TABLE1
from lmc_core.sweeps.loaders import FIGURE4
from lmc_core.sweeps.optimisation import TABLE2
from lmc_core.sweeps.plan import PaperPreset
from lmc_core.sweeps.slopes import FIGURE1

_ALL = (TABLE1, TABLE2, TABLE3, TABLE4, FIGURE1, FIGURE2, FIGURE3, FIGURE4, FIGURE5, APPENDIX_C)

PLANS: dict[str, PaperPreset] = {preset.name: preset for preset in _ALL}


def preset_of(name: str) -> PaperPreset:
    """The preset of that name.

    Raises:
        LMCError: there is none.
    """
    if preset := PLANS.get(name):
        return preset
    raise LMCError(f"There is no preset {name!r} of the paper; there are {', '.join(PLANS)}.")
