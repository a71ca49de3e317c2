"""The whole experiment as one frozen model: what is validated, named, linked and stored."""

import hashlib
import json
import unicodedata
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from lmc_core.data.catalog import CATALOG, DatasetFacts, DatasetName

SCHEMA = 1
RUN_ID_LENGTH = 20
AS_WRITTEN = "as written"
"""The context in which a spec is read that was stored: to the sign of a zero as it was named."""
MOST_WHOLE = 2**31
"""Whole numbers are below it, so that no sentence has thousands of digits."""
MOST_CHANNELS = 16
"""Channels of an image that a network can be told of."""
MOST_KEPT = 200
"""Checkpoints that one run can keep."""

Precision = Literal["float32", "bfloat16"]
"""Of products; what is not a product stays in float32."""


class Frozen(BaseModel):
    """A part of a spec: immutable, refuses unknown keys and numbers that are not finite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    neutral_additions: ClassVar[frozenset[str]] = frozenset()
    """Fields that joined after schema 1 and, at their default, leave a run's id as it was; an ancestor's count, too."""

    @field_validator("*")
    @classmethod
    def _zero_has_no_sign(cls, value: object, info: ValidationInfo) -> object:
        """-0.0 is 0.0: they make one experiment, so they have one run id."""
        if info.context == AS_WRITTEN:
            return value
        if isinstance(value, tuple):
            return tuple(part + 0.0 if isinstance(part, float) else part for part in value)
        return value + 0.0 if isinstance(value, float) else value


class LinearNet(Frozen):
    """Weight layers without activation; depth 1 is logistic regression (paper, section 3)."""

    name: Literal["linear"] = "linear"
    depth: int = Field(1, ge=1, le=32, description="Weight layers: 1 is logistic regression. The paper uses 1, 2, 4, 8 (table 1).")
    width: int = Field(512, ge=1, le=65_536, description="Hidden units of each layer but the last; unused at depth 1.")


class MLP(Frozen):
    """Fully connected layers with Leaky-ReLU between them; depth 2 is the paper's minimal model."""

    name: Literal["mlp"] = "mlp"
    depth: int = Field(2, ge=1, le=32, description="Weight layers: 2 is one hidden layer, the paper's minimal model.")
    width: int = Field(512, ge=1, le=65_536, description="Hidden units of each layer. The paper does not print its width.")
    slope: float = Field(
        0.0, ge=0, le=1, description="Leaky-ReLU's slope p for negative inputs: 0 is ReLU, 1 the identity (paper, figure 1)."
    )


class CNN(Frozen):
    """One convolution with kernel = stride and no padding, Leaky-ReLU, classifier (paper, appendix D)."""

    name: Literal["cnn"] = "cnn"
    filters: int = Field(128, ge=1, le=4_096, description="Output channels of the hidden layer; 128 gives the paper's table 3.")
    kernel: int = Field(4, ge=1, le=64, description="Kernel side, equal to the stride. The paper uses 4.")
    slope: float = Field(0.0, ge=0, le=1, description="Leaky-ReLU's slope p for negative inputs: 0 is ReLU, 1 the identity.")


class LocallyConnected(Frozen):
    """The CNN with another kernel at each position: locality without weight sharing (paper, appendix D)."""

    name: Literal["lc_cnn"] = "lc_cnn"
    filters: int = Field(128, ge=1, le=4_096, description="Output channels at each position; 128 gives the paper's table 3.")
    kernel: int = Field(4, ge=1, le=64, description="Kernel side, equal to the stride. The paper uses 4.")
    slope: float = Field(0.0, ge=0, le=1, description="Leaky-ReLU's slope p for negative inputs: 0 is ReLU, 1 the identity.")


class Attention(Frozen):
    """One attention layer with ViT's patch embedding, norms and classifier; no skip, no MLP (paper, appendix D)."""

    name: Literal["attention"] = "attention"
    patch: int = Field(4, ge=1, le=64, description="Patch side; must divide the image. The paper uses 4.")
    heads: int = Field(8, ge=1, le=64, description="Attention heads. The paper uses 8.")
    head_dim: int = Field(48, ge=1, le=512, description="Dimension of a head. The paper uses 48.")


class ViT(Frozen):
    """Vision transformer: transformers' own ViTForImageClassification (Dosovitskiy et al. 2021), with any of its configurations."""

    neutral_additions = frozenset({"crop"})

    name: Literal["vit"] = "vit"
    side: int = Field(32, ge=2, le=1_024, description="Pixels to which each image is resized before the network sees it.")
    patch: int = Field(4, ge=1, le=256, description="Patch side; must divide the resized image.")
    width: int = Field(64, ge=2, le=4_096, description="Dimension of a token; a multiple of the heads.")
    layers: int = Field(4, ge=1, le=64, description="Blocks of attention and MLP.")
    heads: int = Field(4, ge=1, le=64, description="Attention heads of a block.")
    mlp: int = Field(128, ge=1, le=32_768, description="Hidden units of a block's MLP.")
    mean: tuple[float, ...] | None = Field(
        None, max_length=MOST_CHANNELS, description="Mean of each channel that images are normalised with; empty takes the data's."
    )
    std: tuple[Annotated[float, Field(gt=0)], ...] | None = Field(
        None,
        max_length=MOST_CHANNELS,
        description="Standard deviation of each channel that images are normalised with; empty takes the data's.",
    )
    resample: Literal["bilinear", "bicubic", "lanczos"] = Field("bilinear", description="How images are resized.")
    crop: float = Field(
        1.0,
        ge=0.1,
        le=1,
        description="Part of each side that is cut out of the middle of the resized image; DeiT sees 224 of 256 pixels, 0.875.",
    )
    attention: Literal["eager", "sdpa"] = Field("eager", description="The implementation of attention; they differ by rounding.")
    norm_epsilon: float = Field(1e-12, gt=0, le=1e-3, description="What norms add to the variance; transformers' default is 1e-12.")

    def channels(self, data: DatasetFacts) -> int:
        """Channels that the network sees: one for each mean; grey images are repeated in all of them."""
        return data.channels if self.mean is None else len(self.mean)

    @model_validator(mode="after")
    def _mean_and_std_belong_together(self) -> Self:
        mean, std = (None if numbers is None else len(numbers) for numbers in (self.mean, self.std))
        if mean != std or mean == 0:
            raise ValueError(
                f"‹architecture.mean› and ‹architecture.std› need one number for each channel, and they have {mean or 0} and {std or 0}; "
                "give as many of each, or leave both empty"
            )
        return self


class Start(Frozen):
    """Weights to begin with instead of drawn ones: a folder written by `save_pretrained`, or a name on the Hugging Face hub."""

    checkpoint: str = Field(
        "",
        max_length=500,
        description="A name in the models' folder or on the Hugging Face hub; empty draws the initialisation from the seed.",
    )
    fingerprint: str = Field(
        "",
        pattern="^([0-9a-f]{20})?$",
        description="The weights' own hash, filled in when the checkpoint is found: a folder with other weights is another run.",
    )

    @field_validator("checkpoint")
    @classmethod
    def _name_can_be_written(cls, name: str) -> str:
        if any(unicodedata.category(letter) == "Cc" for letter in name):
            raise ValueError("‹start.checkpoint› has a control character, which no name of a checkpoint has")
        return name


CLIPPED = "Largest norm of the whole gradient of a twin; a longer gradient is scaled down to it. 0 is off"


class SGD(Frozen):
    """Stochastic gradient descent as torch.optim.SGD defines it."""

    name: Literal["sgd"] = "sgd"
    lr: float = Field(0.1, gt=0, le=100, description="Learning rate. The paper: 0.1 high, 0.01 medium, 0.001 low.")
    momentum: float = Field(
        0.9, ge=0, lt=1, description="Momentum. The paper uses momentum without giving its value; 0.9 is from its author's later code."
    )
    nesterov: bool = Field(False, description="Nesterov's form of momentum; needs momentum above 0.")
    weight_decay: float = Field(0.0, ge=0, le=10, description="L2 penalty added to the gradient.")
    clip_norm: float = Field(0.0, ge=0, description=f"{CLIPPED} (paper, appendix C).")

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and self.momentum == 0:
            raise ValueError("‹optimizer.nesterov› is true but ‹optimizer.momentum› is 0; Nesterov needs a momentum above 0")
        return self


class Adam(Frozen):
    """Adam with betas 0.9 and 0.999, epsilon 1e-8, as torch.optim.Adam defines it."""

    name: Literal["adam"] = "adam"
    lr: float = Field(0.001, gt=0, le=100, description="Learning rate. The paper: 0.005 high, 0.001 medium.")
    weight_decay: float = Field(0.0, ge=0, le=10, description="L2 penalty added to the gradient.")
    clip_norm: float = Field(0.0, ge=0, description=f"{CLIPPED}.")


class AdamW(Frozen):
    """Adam with decoupled weight decay, as torch.optim.AdamW defines it."""

    name: Literal["adamw"] = "adamw"
    lr: float = Field(0.001, gt=0, le=100, description="Learning rate.")
    weight_decay: float = Field(0.01, ge=0, le=10, description="Decay of the weights, apart from the gradient.")
    clip_norm: float = Field(0.0, ge=0, description=f"{CLIPPED}.")


class Schedule(Frozen):
    """Learning rate over training: a linear warm-up, then constant or a cosine down to 0 after the last step."""

    name: Literal["constant", "cosine"] = Field("constant", description="The shape after the warm-up.")
    warmup_epochs: float = Field(0.0, ge=0, description="Epochs of linear warm-up. The paper uses 10 of 200 (table 2).")


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


class Measurement(Frozen):
    """What is measured on the line between the twins, and how often."""

    neutral_additions = frozenset({"rounding_twin", "blocks", "precision"})

    alphas: int = Field(11, ge=3, le=201, description="Equidistant points on the line, ends included. The paper's T; 11 by default.")
    every: int = Field(1, ge=0, lt=MOST_WHOLE, description="Measure the curve after each so many epochs; 0 measures only at the end.")
    rounding_twin: bool = Field(
        False,
        description="Also train a copy of twin A with the same noise and other rounding: the barrier between the two is the floor "
        "under which a barrier means nothing. It sees each batch's images in reverse order.",
    )
    blocks: bool = Field(
        False,
        description="Also measure, at the end, the lines on which only some blocks move from A to B while the others stay A's: each "
        "block alone, and a growing number of them from the bottom and from the top (Adilova et al. 2023).",
    )
    precision: Precision = Field(
        "float32",
        description="Precision of the products in measuring, whatever training has. bfloat16 is faster on some machines, and its "
        "errors and losses are rounded; linear nets are measured in float32 all the same.",
    )


ArchitectureSpec = Annotated[LinearNet | MLP | CNN | LocallyConnected | Attention | ViT, Field(discriminator="name")]
OptimizerSpec = Annotated[SGD | Adam | AdamW, Field(discriminator="name")]


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
        if self.accumulation > 1 and not isinstance(self.architecture, ViT):
            raise ValueError("‹accumulation› is for vision transformers; give this network a smaller ‹batch_size› instead")
        if self.schedule.warmup_epochs > self.epochs:
            raise ValueError(f"‹schedule.warmup_epochs› is {self.schedule.warmup_epochs:g} but training ends after {self.epochs} epochs")
        match self.architecture:
            case CNN(kernel=side) | LocallyConnected(kernel=side) if side > data.side:
                raise ValueError(f"‹architecture.kernel› is {side} but the images of {self.dataset} are {data.side} pixels wide")
            case Attention(patch=patch) if data.side % patch:
                raise ValueError(f"‹architecture.patch› is {patch}, which does not divide the {data.side} pixels of {self.dataset}")
            case ViT(patch=patch, side=side) if side % patch:
                raise ValueError(f"‹architecture.patch› is {patch}, which does not divide the {side} pixels of ‹architecture.side›")
            case ViT(width=width, heads=heads) if width % heads:
                raise ValueError(f"‹architecture.width› is {width}, which is no multiple of the {heads} of ‹architecture.heads›")
            case ViT() as vit if data.channels not in (1, vit.channels(data)):
                raise ValueError(
                    f"‹architecture.mean› is for {vit.channels(data)}-channel images, but {self.dataset} has {data.channels}-channel ones"
                )
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
