"""Whether a run fits into memory, and what to lower where it does not."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from lmc_core.cost.footprint import size_in_words
from lmc_core.cost.lighter import AnyExperiment, fitting, offer
from lmc_core.errors import LMCError
from lmc_core.experiment import Experiment, PruneSpec, TwinsSpec
from lmc_core.models.cores import Cores
from lmc_core.models.stacked import StackedNet
from lmc_core.models.stacked.module_stack import ModuleStack
from lmc_core.models.stacked.samples import kept_normalised
from lmc_core.network_keys import beginnings, steps_together
from lmc_core.optim.optimizer import Optimizer
from lmc_core.plan import members_of_phase, phases, rows_kept

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
"""Where Linux tells what a container may use."""
REFUSALS = ("not enough memory", "can't allocate memory", "cannot allocate memory")
"""What torch's CPU allocator says in a RuntimeError, for which it has no class."""


def needed(specs: Sequence[TwinsSpec], net: StackedNet, optimizer: Optimizer, cores: Cores) -> int:
    """Bytes that a crew takes: the members' rows, the optimiser's rows, gradients, the activations of a batch, the images.

    What torch itself takes comes on top.
    """
    kept = sum(len(each.keep) * each.repeats for each in specs) if cores.device.type == "cpu" else 0
    return _bytes(specs[0], net, len(steps_together(specs)), 1 + len(optimizer.state), beginnings(specs) + kept, cores)


def needed_to_prune(spec: PruneSpec, net: StackedNet, optimizer: Optimizer, cores: Cores) -> int:
    """Bytes that a pruning run takes at most: those of its largest phase, and the rows that it keeps of all of them."""
    members = max(members_of_phase(spec, phase) for phase in phases(spec))
    return _bytes(spec, net, members, 1 + len(optimizer.state) + spec.pruning.rows, rows_kept(spec), cores)


def _bytes(spec: Experiment, net: StackedNet, members: int, rows_of_member: int, rows_besides: int, cores: Cores) -> int:
    at_once = min(members, cores.count) if cores.device.type == "cpu" else members
    of_image = net.widest * (spec.architecture.deep + 1) if spec.architecture.stacks else spec.sizes.units
    activations = spec.images_at_once * of_image
    rows = members * rows_of_member + rows_besides + at_once
    numbers = [count * spec.input_numbers for count in (spec.samples, spec.tested)]
    images = sum(4 * of_split for of_split in numbers if kept_normalised(of_split, cores.device))
    batches = 1 if isinstance(net, ModuleStack) and cores.device.type != "cpu" else at_once  # of a stack, one member after the other
    return 4 * (rows * net.layout.size + batches * activations) + images


def check(spec: AnyExperiment, needs: Callable[[AnyExperiment], int], device: torch.device) -> None:
    """Refuses a run that cannot fit, before it takes memory from others.

    Args:
        spec: of the run.
        needs: the bytes that the run takes, also if its batches were others.
        device: where it trains.

    Raises:
        LMCError: more is needed than the device has free.
    """
    free = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else free_memory()
    if free is not None and needs(spec) > free:
        lighter = fitting(spec, lambda other: needs(other) <= free)
        raise LMCError(
            f"This run needs about {size_in_words(needs(spec))} of memory and {size_in_words(free)} are free; "
            f"{offer(spec, lighter)}{advice(spec)}."
        )


def free_memory() -> int | None:
    """Bytes that a process can still take without pushing others out; None where the system does not say."""
    system = _number_after(MEMINFO, "MemAvailable:")
    free = [] if system is None else [1024 * system]
    limit = CGROUP / "memory.max"
    if limit.exists() and (text := limit.read_text().strip()).isdigit():
        used = int((CGROUP / "memory.current").read_text())
        free.append(int(text) - used + (_number_after(CGROUP / "memory.stat", "inactive_file") or 0))
    return min(free, default=None)


def _number_after(file: Path, word: str) -> int | None:
    lines = file.read_text().splitlines() if file.exists() else []
    return next((int(line.split()[1]) for line in lines if line.split()[:1] == [word]), None)


def advice(spec: Experiment) -> str:
    """What a user can lower, as the end of a sentence."""
    several = " or ‹repeats›" if spec.repeats > 1 else ""
    levels = " or ‹pruning.densities›" if isinstance(spec, PruneSpec) else ""
    return f"lower ‹architecture.{spec.architecture.large_by}› or ‹batch_size›{levels}{several}"


@contextmanager
def refusals_told(spec: Experiment) -> Iterator[None]:
    """Turns an allocator's refusal into an LMCError that says what to change."""
    parts = "raise ‹accumulation›, or " if spec.architecture.in_parts else ""
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError) as fault:
        raise LMCError(f"The run ran out of memory; {parts}{advice(spec)}.") from fault
    except RuntimeError as fault:
        if not any(words in str(fault).lower() for words in REFUSALS):
            raise
        raise LMCError(f"The run ran out of memory; {parts}{advice(spec)}.") from fault
