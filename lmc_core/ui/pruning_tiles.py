"""The numbers of a pruning run side by side."""

from collections.abc import Sequence

from lmc_core.connectivity.results import CONNECTED_BELOW
from lmc_core.experiment import PruneSpec
from lmc_core.figures.density import density_words
from lmc_core.figures.numbers import NOTHING, count, percent
from lmc_core.plan import LevelKind, phases
from lmc_core.runs.pruning_results import Level
from lmc_core.runs.results import Spread
from lmc_core.ui.markup import Tile
from lmc_core.ui.pruning_verdict import KEEPS_WITHIN, dense_of, level_of, reaches, sparsest, together
from lmc_core.ui.wording import rewind_words


def pruning_tiles(spec: PruneSpec, levels: Sequence[Level], parameters: int) -> list[Tile]:
    """The numbers of a run so far, or of its result; of several rewinding points those of the one that goes furthest."""
    dense, found = dense_of(levels, 0), reaches(levels, spec.dataset)
    accurate = min(((density, reach.rewind) for reach in found if (density := sparsest(reach.accurate))), default=None)
    connected = min(((density, reach.rewind) for reach in found if (density := sparsest(reach.connected))), default=None)
    prunable = levels[0].prunable if levels else None
    tiles = [
        Tile("Dense test accuracy", percent(dense.test_accuracy.mean if dense else None), _spread(dense.test_accuracy if dense else None)),
        _reach(spec, "Sparsest accurate ticket", accurate, bool(found), f"at most {100 * KEEPS_WITHIN:g} point below dense"),
    ]
    if spec.pruning.twins:
        tiles.append(_reach(spec, "Sparsest connected ticket", connected, bool(found), f"barrier below {percent(CONNECTED_BELOW, 0)}"))
    tiles.append(_accuracy(spec, "Ticket", levels, "ticket"))
    if any(group.kind == "random" for phase in phases(spec) for group in phase.levels):
        tiles.append(_accuracy(spec, "Random mask", levels, "random"))
    agree, tickets = together(levels, spec.dataset)
    tiles.append(
        Tile("The two go together", f"{agree} of {tickets}", "tickets")
        if tickets
        else Tile("Prunable weights", count(prunable) if prunable else NOTHING, f"of {count(parameters)}" if parameters else "")
    )
    return tiles


def _reach(spec: PruneSpec, name: str, reached: tuple[float, int] | None, measured: bool, rule: str) -> Tile:
    if reached is None:
        return Tile(name, "none" if measured else NOTHING, rule)
    density, rewind = reached
    return Tile(name, density_words(density), f"from {rewind_words(spec, rewind)}" if len(spec.rewind_steps) > 1 else rule)


def _accuracy(spec: PruneSpec, name: str, levels: Sequence[Level], kind: LevelKind) -> Tile:
    """The accuracy of the sparsest networks of a kind, from the last rewinding point."""
    density, rewind = spec.pruning.densities[-1], spec.rewind_steps[-1]
    level = level_of(levels, kind, density, rewind)
    spread = level.test_accuracy if level else None
    start = f", from {rewind_words(spec, rewind)}" if len(spec.rewind_steps) > 1 else ""
    return Tile(f"{name} at {density_words(density)}", percent(spread.mean if spread else None), _spread(spread) + start)


def _spread(spread: Spread | None) -> str:
    known = spread is not None and spread.std is not None and spread.n > 1
    return f"± {percent(spread.std)}" if known and spread is not None else "on the test set"
