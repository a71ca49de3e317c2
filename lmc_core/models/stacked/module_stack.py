"""Any plain module over stacked members: each member's own forward, one after the other."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lmc_core.data.preprocessing import Preprocessing
from lmc_core.models.spec import Precision
from lmc_core.models.stacked.layout import Layout
from lmc_core.models.stacked.network import Parameters, Slope, StackedNet
from lmc_core.models.stacked.scratch import Scratch


class ModuleStack(StackedNet):
    """A `StackedNet` that runs a plain module on a member's own views, without copying its weights.

    For networks whose products are so large that stacking them gains nothing (measured for a ViT of width 192: vmap and
    compiling gain nothing either). Gradients are those of autograd. There is no stem: on the line between two members the
    images themselves are what their mix begins with.

    Args:
        build: makes the module, its parameters under the plain module's names; asked once for each thread, on the meta device.
        layout: of the plain module.
        widest: numbers that one image has at the widest place.
        precision: of the products; bfloat16 is torch.autocast's.
        preprocessing: of the images.
        images_at_once: that pass through the module at a time in training; a larger batch's gradients are added part by part.
    """

    stem_names = frozenset()
    capturable = False
    """transformers' ViT makes its attention mask from numbers of the host in each forward."""

    def __init__(
        self,
        build: Callable[[], nn.Module],
        layout: Layout,
        widest: int,
        precision: Precision,
        preprocessing: Preprocessing,
        images_at_once: int,
    ) -> None:
        self.layout = layout
        self.widest = widest
        self.preprocessing = preprocessing
        self._build = build
        self._precision = precision
        self._images_at_once = images_at_once
        self._local = threading.local()

    @override
    def arrange(self, images: Tensor) -> Tensor:
        return images

    @override
    def stem(self, parameters: Parameters, inputs: Tensor, scratch: Scratch, name: str = "stem") -> Tensor:
        return inputs

    @override
    def trunk(self, parameters: Parameters, stem: Tensor, slope: Slope, scratch: Scratch) -> Tensor:
        members = len(parameters[self.layout.names[0]])
        images = stem.expand(members, *stem.shape[1:])
        return torch.stack([self._logits(_of_member(parameters, member), images[member]) for member in range(members)])

    @override
    def gradients(
        self, parameters: Parameters, gradients: Parameters, inputs: Tensor, labels: Tensor, slope: Slope, scratch: Scratch
    ) -> tuple[Tensor, Tensor]:
        told = [
            self._gradients(_of_member(parameters, member), _of_member(gradients, member), inputs[member], labels[member])
            for member in range(len(labels))
        ]
        losses, wrong = zip(*told, strict=True)
        return torch.stack(losses), torch.stack(wrong)

    def _gradients(self, weights: Parameters, gradients: Parameters, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean loss and wrong answers of one member; writes the mean's gradient, the sum of those of the batch's parts."""
        # .data, not detach(): autograd must not notice that other members' rows of the same tensor change meanwhile.
        leaves = {name: weight.data.requires_grad_() for name, weight in weights.items()}
        total, wrong = labels.new_zeros((), dtype=torch.float32), labels.new_zeros(())
        parts = zip(images.split(self._images_at_once), labels.split(self._images_at_once), strict=True)
        for place, (part, answers) in enumerate(parts):
            with torch.enable_grad():
                logits = self._logits(leaves, part)
                loss = F.cross_entropy(logits, answers)
                if len(part) < len(images):
                    loss = loss * (len(part) / len(images))
            for name, gradient in zip(leaves, torch.autograd.grad(loss, tuple(leaves.values())), strict=True):
                if place:
                    gradients[name].add_(gradient)
                else:
                    gradients[name].copy_(gradient)
            total += loss.detach()
            wrong += (logits.detach().argmax(1) != answers).sum()
        return total, wrong

    def _logits(self, weights: Mapping[str, Tensor], images: Tensor) -> Tensor:
        with torch.autocast(images.device.type, torch.bfloat16, enabled=self._precision == "bfloat16", cache_enabled=False):
            logits: Tensor = self._holder.holding(weights)(images)
        return logits.float()

    @property
    def _holder(self) -> "_Holder":
        """The calling thread's own."""
        holder: _Holder | None = getattr(self._local, "holder", None)
        if holder is None:
            holder = self._local.holder = _Holder.of(self._build)
        return holder


@dataclass(frozen=True)
class _Holder:
    """A module without weights of its own, and where in it each weight belongs."""

    module: nn.Module
    places: tuple[tuple[str, nn.Module, str], ...]

    @classmethod
    def of(cls, build: Callable[[], nn.Module]) -> "_Holder":
        with torch.device("meta"):
            module = build().eval()
        split = [(name, *name.rpartition(".")[::2]) for name, _ in module.named_parameters()]
        return cls(module, tuple((name, module.get_submodule(owner), key) for name, owner, key in split))

    def holding(self, weights: Mapping[str, Tensor]) -> nn.Module:
        """The module with these weights in place, which torch.func.functional_call would look up and take out again at each step."""
        for name, owner, key in self.places:
            owner._parameters[key] = weights[name]  # type: ignore[assignment] # a tensor does, as in functional_call
        return self.module


def _of_member(parameters: Parameters, member: int) -> dict[str, Tensor]:
    return {name: weight[member] for name, weight in parameters.items()}
