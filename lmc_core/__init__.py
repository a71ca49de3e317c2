"""Linear mode connectivity of twins: networks trained from one initialisation with different SGD noise."""

from lmc_core.errors import LMCError

__all__ = ["LMCError"]
