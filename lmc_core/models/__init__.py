"""The networks: plain torch.nn modules, their initialisation, and one forward over stacked members."""

from lmc_core.models.build import build
from lmc_core.models.initialisation import initialise

__all__ = ["build", "initialise"]
