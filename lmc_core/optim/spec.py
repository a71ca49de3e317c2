"""The optimisers and schedules that can be asked for."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from lmc_core.frozen import Frozen

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


OptimizerSpec = Annotated[SGD | Adam | AdamW, Field(discriminator="name")]
