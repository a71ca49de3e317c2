"""The networks of an experiment: the plain module, the stack that trains, the weights that it starts from."""

from torch import Tensor, nn

from lmc_core.checkpoints.loading import started
from lmc_core.data.noise import Purpose
from lmc_core.experiment import Experiment
from lmc_core.models.build import module_of
from lmc_core.models.initialisation import drawn
from lmc_core.models.stacked import StackedNet, stack_of


def build(spec: Experiment) -> nn.Module:
    """The plain torch.nn module of the spec's network; load a run's weights into it with load_state_dict.

    It maps normalised images [B, C, H, W] to logits [B, classes].
    """
    return module_of(spec.architecture, spec.data)


def stacked(spec: Experiment) -> StackedNet:
    """The spec's network as a function of stacked parameters under the names of `build(spec).state_dict()`."""
    return stack_of(spec.architecture, spec.data, spec.precision, spec.images_at_once)


def initialise(spec: Experiment, pair: int, purpose: Purpose = "init") -> dict[str, Tensor]:
    """Weights under the names of `build(spec).state_dict()`, drawn from (seeds.init, pair, purpose) alone (see `drawn`).

    Where the spec starts from a checkpoint, all but the classifier are the checkpoint's, for the purpose "init".

    Args:
        spec: the experiment.
        pair: index of the repeat, from 0.
        purpose: what the draw is for; another one gives an initialisation that shares nothing with the first.

    Raises:
        LMCError: the checkpoint is not to be had.
    """
    weights = drawn(spec.architecture, spec.data, spec.seeds.init, pair, purpose)
    return started(spec, weights) if spec.start.checkpoint and purpose == "init" else weights
