"""Networks that a run keeps on the way, as checkpoints that others begin with: their names in the run and below the models' folder."""

import re
from collections.abc import Iterable
from pathlib import Path

from lmc_core.checkpoints.checkpoint import is_whole
from lmc_core.checkpoints.naming import models_folder

NETWORK = re.compile(r"pair(\d+)\.a\.epoch(\d+)")


def kept_network(pair: int, epoch: int) -> str:
    """The name in a run of a pair's twin A as it stood after so many epochs."""
    return f"pair{pair}.a.epoch{epoch}"


def checkpoint_name(run_id: str, network: str) -> str | None:
    """What `start.checkpoint` calls a kept network of a run, such as `<run id>/epoch-4`; None for any other network.

    The first pair's are named without it; those of further pairs are `<run id>/pair1/epoch-4` and so on.
    """
    found = NETWORK.fullmatch(network)
    if found is None:
        return None
    pair, epoch = found.groups()
    return f"{run_id}/epoch-{epoch}" if pair == "0" else f"{run_id}/pair{pair}/epoch-{epoch}"


def missing(run_id: str, networks: Iterable[str], data_dir: Path) -> list[str]:
    """The kept ones among a run's networks whose folders are not there.

    Args:
        run_id: of the run.
        networks: all that it has.
        data_dir: the folder of data sets, in which `models` is.
    """
    names = {network: checkpoint_name(run_id, network) for network in networks}
    return [network for network, name in names.items() if name is not None and not is_whole(models_folder(data_dir) / name)]
