"""The whole experiment as one frozen model of each kind: what is validated, named, linked and stored."""

import hashlib
import json
from itertools import pairwise
from typing import Annotated, Any, Literal, Self, TypeVar, get_args

from pydantic import Field, model_validator
from pydantic_core import from_json

from lmc_core.connectivity.spec import Measurement
from lmc_core.data.spec import CATALOG, DatasetFacts, DatasetName
from lmc_core.frozen import AS_WRITTEN, MOST_WHOLE, Frozen
from lmc_core.models.facts import Sizes
from lmc_core.models.spec import MLP, ArchitectureSpec, Precision, Start, sizes_of
from lmc_core.optim.spec import SGD, OptimizerSpec, Schedule
from lmc_core.pruning.sizes import refusal
from lmc_core.pruning.spec import Magnitude, PruningSpec

SCHEMA = 1
RUN_ID_LENGTH = 20
MOST_KEPT = 200
"""Checkpoints that one run can keep."""


class Seeds(Frozen):
    """The three sources of randomness, apart from each other (paper, appendix A.1)."""

    init: int = Field(0, ge=0, lt=2**31, description="Seed of the initialisation, the same for both twins.")
    order: tuple[Annotated[int, Field(ge=0, lt=2**31)], Annotated[int, Field(ge=0, lt=2**31)]] = Field(
        (1, 2), description="Seeds of the data order of twins A and B; give the same one twice to hold the order equal."
    )
    augmentation: tuple[Annotated[int, Field(ge=0, lt=2**31)], Annotated[int, Field(ge=0, lt=2**31)]] = Field(
        (1, 2), description="Seeds of the augmentation of twins A and B; give the same one twice to hold it equal."
    )


class Spawn(Frozen):
    """The point k at which the twins part: up to it both see A's noise (Frankle et al. 2020)."""

    at: int = Field(0, ge=0, lt=MOST_WHOLE, description="How long the twins share their noise before they part; 0 parts them at once.")
    unit: Literal["steps", "epochs"] = Field("epochs", description="Whether the spawn point counts steps or epochs.")


class Experiment(Frozen):
    """What every experiment says: which networks train, on what, how, how often, and what is measured."""

    neutral_additions = frozenset({"start", "accumulation", "test_samples"})

    dataset: DatasetName = Field("digits", description="The images to classify; digits comes with the program.")
    train_samples: int | None = Field(
        None, ge=2, lt=MOST_WHOLE, description="Train on so many images, drawn once for all runs; empty takes all."
    )
    test_samples: int | None = Field(
        None,
        ge=2,
        lt=MOST_WHOLE,
        description="Measure on so many test images, drawn once for all runs; empty takes all. Fewer are faster and less exact.",
    )
    architecture: ArchitectureSpec = Field(default_factory=MLP)
    start: Start = Field(default_factory=Start)
    optimizer: OptimizerSpec = Field(default_factory=SGD)
    schedule: Schedule = Field(default_factory=Schedule)
    batch_size: int = Field(
        128, ge=1, lt=MOST_WHOLE, description="Images a step, up to the whole training set. The paper: 1024 and 30K in table 1."
    )
    accumulation: int = Field(
        1,
        ge=1,
        lt=MOST_WHOLE,
        description="Parts in which a batch goes through the network one after the other, their gradients added: less memory, the same "
        "batch. For architecture vit.",
    )
    epochs: int = Field(20, ge=1, le=10_000, description="Passes over the training set. The paper uses 200.")
    augmentation: Literal["none", "shift_flip", "crop_flip_jitter"] = Field(
        "none",
        description="Shift and flip (shift_flip) moves each image by up to an eighth of its side and flips half of them (paper, figure 4). "
        "Crop, flip and jitter (crop_flip_jitter) keeps a random square of three quarters of each side, flips half of the images and "
        "changes their colours (the blog).",
    )
    seeds: Seeds = Field(default_factory=Seeds)
    repeats: int = Field(1, ge=1, le=100, description="Pairs of twins, each from another initialisation, for a mean with a spread.")
    measurement: Measurement = Field(default_factory=Measurement)
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where the networks train; auto takes a GPU if there is one.")
    precision: Precision = Field(
        "float32", description="bfloat16 runs the products in lower precision: faster on some machines, other numbers."
    )

    @property
    def data(self) -> DatasetFacts:
        """Facts of the data set."""
        return CATALOG[self.dataset]

    @property
    def sizes(self) -> Sizes:
        """Sizes of the network."""
        return sizes_of(self.architecture, self.data)

    @property
    def input_numbers(self) -> int:
        """Numbers of one image as the network sees it."""
        return self.architecture.input_numbers(self.data)

    @property
    def images_at_once(self) -> int:
        """Images of a batch that pass through a network at a time; the last part of a batch may be smaller."""
        return -(-self.batch_size // self.accumulation)

    @property
    def samples(self) -> int:
        """Number of training images."""
        return CATALOG[self.dataset].train if self.train_samples is None else self.train_samples

    @property
    def tested(self) -> int:
        """Number of test images."""
        return CATALOG[self.dataset].test if self.test_samples is None else self.test_samples

    @property
    def steps_per_epoch(self) -> int:
        """Optimiser steps an epoch; the last batch of an epoch may be smaller."""
        return -(-self.samples // self.batch_size)

    @property
    def total_steps(self) -> int:
        """Optimiser steps of a member over the whole training."""
        return self.steps_per_epoch * self.epochs

    @property
    def kept_epochs(self) -> tuple[int, ...]:
        """Epochs at whose end a network is kept as a checkpoint for other runs."""
        return ()

    @property
    def run_id(self) -> str:
        """The name of this experiment: the start of the sha256 of its canonical JSON."""
        text = json.dumps({"schema": SCHEMA, **canonical(self)}, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:RUN_ID_LENGTH]

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        data = CATALOG[self.dataset]
        if self.samples > data.train:
            raise ValueError(f"‹train_samples› is {self.samples:,} but {self.dataset} has {data.train:,} training images")
        if self.tested > data.test:
            raise ValueError(f"‹test_samples› is {self.tested:,} but {self.dataset} has {data.test:,} test images")
        if self.batch_size > self.samples:
            raise ValueError(f"‹batch_size› is {self.batch_size:,} but there are {self.samples:,} training images; use at most that many")
        if self.accumulation > self.batch_size:
            raise ValueError(f"‹accumulation› is {self.accumulation:,} but a batch has {self.batch_size:,} images; use at most that many")
        if self.accumulation > 1 and not self.architecture.in_parts:
            raise ValueError("‹accumulation› is for vision transformers; give this network a smaller ‹batch_size› instead")
        if self.schedule.warmup_epochs > self.epochs:
            raise ValueError(f"‹schedule.warmup_epochs› is {self.schedule.warmup_epochs:g} but training ends after {self.epochs} epochs")
        if problem := self.architecture.problem(data, self.dataset):
            raise ValueError(problem)
        return self


class TwinsSpec(Experiment):
    """Pairs of twins, how they train and what is measured between them."""

    neutral_additions = frozenset({"keep"})

    kind: Literal["twins"] = "twins"
    spawn: Spawn = Field(default_factory=Spawn)
    keep: tuple[Annotated[int, Field(ge=0, lt=MOST_WHOLE)], ...] = Field(
        (),
        max_length=MOST_KEPT,
        description="Epochs at whose end twin A is kept as a checkpoint that other runs can start from; 0 is the initialisation. "
        "Twins that part at the end of training are one network that is pretrained.",
    )

    @property
    def kept_epochs(self) -> tuple[int, ...]:
        """Those of twin A."""
        return self.keep

    @property
    def spawn_step(self) -> int:
        """The step at which the twins part, counted from 0."""
        return self.spawn.at * (self.steps_per_epoch if self.spawn.unit == "epochs" else 1)

    @model_validator(mode="after")
    def _spawn_point_is_in_training(self) -> Self:
        if self.spawn_step > self.total_steps:
            raise ValueError(f"‹spawn.at› is step {self.spawn_step:,} but training ends after {self.total_steps:,} steps")
        return self

    @model_validator(mode="after")
    def _kept_epochs_are_in_training(self) -> Self:
        if list(self.keep) != sorted(set(self.keep)):
            raise ValueError("‹keep› names epochs in another order than they come, or one twice")
        if self.keep and self.keep[-1] > self.epochs:
            raise ValueError(f"‹keep› names epoch {self.keep[-1]:,} but training ends after {self.epochs:,} epochs")
        return self


class PruneSpec(Experiment):
    """Networks pruned to some densities, and what becomes of their tickets and controls, trained as twins."""

    kind: Literal["prune"] = "prune"
    pruning: PruningSpec = Field(default_factory=Magnitude)

    @property
    def rewind_steps(self) -> tuple[int, ...]:
        """The steps, counted from 0, whose weights the tickets start from."""
        scale = self.steps_per_epoch if self.pruning.rewind_unit == "epochs" else 1
        return tuple(at * scale for at in self.pruning.rewind)

    @property
    def ramp(self) -> tuple[int, int]:
        """Steps before and after the ramp of a method that has one; (0, 0) for the others."""
        first, last = self.pruning.ramp_epochs
        return round(first * self.steps_per_epoch), round(last * self.steps_per_epoch)

    @model_validator(mode="after")
    def _pruning_fits(self) -> Self:
        pruning = self.pruning
        if any(later >= earlier for earlier, later in pairwise(pruning.densities)):
            raise ValueError(f"‹pruning.densities› is {', '.join(map(str, pruning.densities))}; each has to be below the one before")
        if any(later <= earlier for earlier, later in pairwise(pruning.rewind)):
            raise ValueError(f"‹pruning.rewind› is {', '.join(map(str, pruning.rewind))}; each has to be above the one before")
        if self.rewind_steps[-1] >= self.total_steps:
            raise ValueError(f"‹pruning.rewind› is step {self.rewind_steps[-1]:,} but training ends after {self.total_steps:,} steps")
        if sum(self.ramp) > self.total_steps:
            raise ValueError(
                f"‹pruning.initial_epochs› and ‹pruning.final_epochs› are {sum(self.ramp):,} steps but training has {self.total_steps:,}"
            )
        if self.measurement.rounding_twin:
            raise ValueError("‹measurement.rounding_twin› is true but a pruning run trains none; leave it out")
        if self.measurement.blocks:
            raise ValueError("‹measurement.blocks› is true but a pruning run measures whole networks alone; leave it out")
        if reason := refusal(self.architecture, CATALOG[self.dataset], self.pruning):
            raise ValueError(reason.removesuffix("."))
        return self


def canonical(part: Frozen) -> dict[str, Any]:
    """The part as plain JSON values, without later additions that stand at their neutral default."""
    fields: dict[str, Any] = {}
    neutral = frozenset[str]().union(*(getattr(model, "neutral_additions", ()) for model in type(part).__mro__))
    for name, info in type(part).model_fields.items():
        value = getattr(part, name)
        if name in neutral and value == info.get_default(call_default_factory=True):
            continue
        fields[name] = canonical(value) if isinstance(value, Frozen) else value
    return fields


AnySpec = TwinsSpec | PruneSpec
"""The spec of any kind of run."""

Spec = TypeVar("Spec", bound=Experiment)

SPECS: dict[str, type[AnySpec]] = {model.model_fields["kind"].default: model for model in get_args(AnySpec)}
"""The specs' models by the kind that each says it is."""


def spec_model(values: object) -> type[AnySpec]:
    """The model of JSON-like values by their `kind`; without one they are twins, as all specs were once."""
    kind = values.get("kind") if isinstance(values, dict) else None
    return SPECS.get(kind, TwinsSpec) if isinstance(kind, str) else TwinsSpec


def read_spec(text: str | bytes) -> AnySpec:
    """The spec that was stored as JSON, of the kind that it says it is, with the run id that it had then.

    Raises:
        ValidationError: it is none.
    """
    try:
        values = from_json(text)
    except ValueError:
        values = None
    return spec_model(values).model_validate_json(text, context=AS_WRITTEN)
