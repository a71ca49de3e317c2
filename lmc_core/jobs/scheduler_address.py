"""Whether a Dask scheduler answers at an address: found out within seconds, whatever else may be there."""

import asyncio

from distributed import rpc
from distributed.security import Security

from lmc_core.jobs.loss import ClusterLostError

ANSWER_SECONDS = 5.0
"""How long a scheduler may take to say what it is; Dask's own client waits without end for a program that is silent."""


def demand_scheduler(address: str) -> None:
    """Return once a scheduler has answered.

    Args:
        address: as in LMC_SCHEDULER.

    Raises:
        ClusterLostError: nothing answers, or something else does.
    """
    advice = "start one with `dask scheduler`, or unset the variable to train on this machine."
    try:
        kind = asyncio.run(asyncio.wait_for(_kind(address), ANSWER_SECONDS))
    except TimeoutError as fault:
        raise ClusterLostError(
            f"No Dask scheduler answers at {address} (LMC_SCHEDULER): nothing was heard for {ANSWER_SECONDS:g} seconds; {advice}"
        ) from fault
    except (OSError, ValueError) as fault:
        raise ClusterLostError(f"No Dask scheduler answers at {address} (LMC_SCHEDULER): {fault}; {advice}") from fault
    except TypeError as fault:  # what Dask raises where it was given no certificate
        raise ClusterLostError(
            f"The Dask scheduler at {address} (LMC_SCHEDULER) cannot be reached: {fault}; name the certificates in Dask's "
            "configuration (distributed.comm.tls)."
        ) from fault
    except Exception as fault:  # there is no telling at what Dask's reader fails in another program's bytes
        raise ClusterLostError(f"What answers at {address} (LMC_SCHEDULER) is no Dask scheduler; {advice}") from fault
    if kind != "Scheduler":
        raise ClusterLostError(f"What answers at {address} (LMC_SCHEDULER) is no Dask scheduler; {advice}")


async def _kind(address: str) -> str:
    """What the Dask server at an address says that it is, such as `Scheduler` or `Worker`."""
    async with rpc(address, timeout=ANSWER_SECONDS, connection_args=Security().get_connection_args("client")) as server:
        answer: dict[str, object] = await server.identity()
    return str(answer.get("type"))
