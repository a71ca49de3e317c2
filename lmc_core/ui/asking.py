"""What a visitor asks the engine for, in their name and from their address."""

from collections.abc import Sequence

from lmc_core.experiment import AnySpec, TwinsSpec
from lmc_core.ui.engine import engine
from lmc_core.ui.owner import owner_token
from lmc_core.ui.visitor import address, visitor


def ask_for(spec: AnySpec) -> str:
    """Have a run trained unless it is finished or under way; its id.

    Raises:
        LMCError: as `Engine.submit`.
    """
    return engine().submit(spec, visitor(), owner_token(), address())


def ask_for_all(specs: Sequence[TwinsSpec]) -> list[str]:
    """Have all runs of a sweep trained that are not finished or under way, or none; their ids.

    Raises:
        LMCError: as `Engine.submit_all`.
    """
    return engine().submit_all(specs, visitor(), owner_token(), address())
