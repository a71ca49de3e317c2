"""The ways of pruning that can be asked for: what each asks, when it acts, and what it does in words."""

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from lmc_core.frozen import MOST_WHOLE, Frozen
from lmc_core.models.load import NOTHING, Load

Scope = Literal["global", "layer"]
"""One threshold over all tensors, or one for each."""
Density = Annotated[float, Field(gt=0, le=1)]
Acts = Literal["before", "after", "during", "rounds"]
"""before training; after it; during it, along a ramp; after each of several trainings, one for each density."""
THRESHOLD_NUMBERS = 40
"""Passes over the parameters that masking a network anew counts as."""
PLATON_NUMBERS = 24
"""Likewise PLATON's three states at each step."""
Rewind = Annotated[int, Field(ge=0, lt=MOST_WHOLE)]


class Pruning(Frozen):
    """What every method says. Weight matrices and kernels are pruned; the rest only if asked.

    A further method says its own fields, its title, words and explanation, when it acts, and with what: `scores` if it acts before or
    after training or in rounds, `during` if it acts during training.
    """

    title: ClassVar[str]
    """As a heading or a choice names it."""
    explanation: ClassVar[str]
    """What it does, in Markdown, for a class."""
    acts_by_default: ClassVar[Acts] = "after"
    scores: ClassVar[str] = "lmc_core.pruning.magnitude:scores"
    """What scores the weights [P] of a `lmc_core.pruning.scoring.Scoring`, as `package.module:function`; the lowest go."""
    during: ClassVar[str] = ""
    """What makes a `lmc_core.pruning.sparsity.Sparsity` of prunable weights, this spec and a ramp, as `package.module:function`."""
    is_random: ClassVar[bool] = False
    """Whether its masks are random, so that random masks would be no control."""

    densities: tuple[Density, ...] = Field(
        (0.5, 0.2, 0.1, 0.05), min_length=1, max_length=40, description="Shares of the prunable weights that are kept, falling."
    )
    biases: bool = Field(False, description="Prune biases, too.")
    norms: bool = Field(False, description="Prune the scales of norms (and with biases their shifts), too.")
    classifier: bool = Field(False, description="Prune the classifier, too; without it the last layer stays dense.")
    rewind: tuple[Rewind, ...] = Field(
        (0,),
        min_length=1,
        max_length=20,
        description="Points of training whose weights the tickets start from, rising; the twins part there. 0 is the initialisation.",
    )
    rewind_unit: Literal["steps", "epochs"] = Field("epochs", description="Whether rewinding counts steps or epochs.")
    twins: bool = Field(True, description="Train every ticket twice with different noise and measure the barrier between the two.")
    random_control: bool = Field(True, description="Also train masks of the same density in each layer, drawn at random.")
    redrawn_control: bool = Field(False, description="Also train the tickets' masks on another initialisation (where rewound to 0).")

    @property
    def words(self) -> str:
        """The method in a few words, for titles."""
        return f"{self.title}{self.layerwise}"

    @property
    def layerwise(self) -> str:
        """What titles add where each layer has a threshold of its own."""
        return ", layer by layer" if self.threshold_scope == "layer" else ""

    @property
    def short_words(self) -> str:
        """Its name in what a run says of its progress."""
        return self.title

    @property
    def acts(self) -> Acts:
        """When it prunes."""
        return self.acts_by_default

    @property
    def threshold_scope(self) -> Scope:
        """One threshold over all tensors, or one for each."""
        scope: Scope = getattr(self, "scope", "global")
        return scope

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Fields that are set apart from their defaults and change nothing."""
        return ()

    @property
    def ramp_epochs(self) -> tuple[float, float]:
        """Epochs before and after the ramp of a method that has one."""
        return getattr(self, "initial_epochs", 0.0), getattr(self, "final_epochs", 0.0)

    @property
    def ramp_interval(self) -> int:
        """Steps between two maskings on the ramp."""
        interval: int = getattr(self, "interval", 1)
        return interval

    @property
    def rows(self) -> int:
        """Numbers that pruning keeps for each parameter of a network at work: at least a mask."""
        return 1

    def work(self, epochs: int, parameters: int) -> Load:  # noqa: ARG002
        """What pruning during training adds to a step of one network, holding a mask aside."""
        return NOTHING


class Magnitude(Pruning):
    """The smallest weights go, at the end of training or by a cubic ramp during it (Han et al. 2015; Zhu & Gupta 2017)."""

    name: Literal["magnitude"] = "magnitude"
    scope: Scope = Field("global", description="One threshold over all tensors, or one for each.")
    schedule: Literal["one_shot", "gradual"] = Field("one_shot", description="Prune once after training, or along a cubic ramp.")
    initial_epochs: float = Field(0.0, ge=0, lt=MOST_WHOLE, description="Gradual: epochs before the ramp.")
    final_epochs: float = Field(0.0, ge=0, lt=MOST_WHOLE, description="Gradual: epochs after the ramp, at the final density.")
    interval: int = Field(10, ge=1, lt=MOST_WHOLE, description="Gradual: steps between two prunings.")

    title = "Magnitude"
    during = "lmc_core.pruning.magnitude:gradual"
    explanation = (
        "**Magnitude** (Han et al. 2015; Zhu & Gupta 2017). A weight's importance is its size; the smallest are removed. "
        "*One-shot* prunes the trained network in one cut. *Gradual* prunes a little every few steps while it trains, at the ratio\n\n"
        r"$$r(t) = r_T + (1 - r_T)\Big(1 - \frac{t - t_i}{T - t_i - t_f}\Big)^3,$$"
        "\n\nfast at first, gently at the end. *Global* compares all weights with one threshold; *by layer* keeps the same "
        "share everywhere."
    )

    @property
    def words(self) -> str:
        """As in: One-shot magnitude pruning."""
        return f"{'Gradual magnitude' if self.schedule == 'gradual' else 'One-shot magnitude'} pruning{self.layerwise}"

    @property
    def short_words(self) -> str:
        """As in: pruned by magnitude."""
        return "magnitude"

    @property
    def without_effect(self) -> tuple[str, ...]:
        """Those of the ramp where there is none."""
        ramp = () if self.schedule == "gradual" else ("initial_epochs", "final_epochs", "interval")
        return tuple(name for name in ramp if getattr(self, name) != type(self).model_fields[name].default)

    @property
    def acts(self) -> Acts:
        """By its schedule."""
        return "during" if self.schedule == "gradual" else "after"

    def work(self, epochs: int, parameters: int) -> Load:  # noqa: ARG002
        """A threshold now and then."""
        if self.schedule != "gradual":
            return NOTHING
        return Load(30 / self.interval, 0, THRESHOLD_NUMBERS / self.interval * parameters)


class Random(Pruning):
    """Weights go by lot, before training (the control of Frankle et al. 2020)."""

    name: Literal["random"] = "random"
    scope: Scope = Field("layer", description="The same density in each tensor, or one lot over all.")

    title = "Random mask"
    acts_by_default = "before"
    scores = "lmc_core.pruning.random_scores:scores"
    is_random = True
    explanation = (
        "**Random masks** (the control of Frankle et al. 2020). The weights to keep are drawn at random before training. "
        "Whatever a method gains over this comes from its choice of weights."
    )

    @property
    def words(self) -> str:
        """As in: Random masks."""
        return "Random masks" + ("" if self.scope == "layer" else " over all layers")


class Platon(Pruning):
    """Importance times its uncertainty, both smoothed, along a cubic ramp (Zhang et al. 2022, algorithm 1)."""

    name: Literal["platon"] = "platon"
    initial_epochs: float = Field(0.0, ge=0, lt=MOST_WHOLE, description="Epochs before the ramp, t_i.")
    final_epochs: float = Field(0.0, ge=0, lt=MOST_WHOLE, description="Epochs after the ramp, t_f, in which every step is masked.")
    interval: int = Field(10, ge=1, lt=MOST_WHOLE, description="Steps between two maskings, ΔT.")
    beta1: float = Field(0.85, ge=0, lt=1, description="Smoothing of the importance.")
    beta2: float = Field(0.95, ge=0, lt=1, description="Smoothing of the uncertainty.")
    masking: Literal["soft", "hard"] = Field(
        "soft", description="soft, as published: what a ramp's mask set to 0 may grow back at the next step; hard holds it there."
    )

    title = "PLATON"
    acts_by_default = "during"
    during = "lmc_core.pruning.platon_rows:during"
    explanation = (
        "**PLATON** (Zhang et al. 2022), which the blog used. After each step every weight gets the sensitivity "
        r"$I = |w \cdot \partial L/\partial w|$, about how much the loss would change without it. A batch knows it only roughly, so it is "
        r"smoothed ($\bar I$, by $\beta_1$), and so is how much it jumps about ($\bar U$, by $\beta_2$). "
        r"The score is $\bar I \cdot \bar U$: a weight of which one is unsure is kept. "
        "Every ΔT steps the lowest scores are set to 0, by one threshold over all layers, along the cubic ramp from all weights to the "
        "density. "
        "**As published the masking is soft**: in the ramp the next step of the optimiser may bring a weight back. "
        "After the ramp it is masked at every step."
    )

    @property
    def words(self) -> str:
        """As in: PLATON, hard masking."""
        return f"PLATON{', hard masking' if self.masking == 'hard' else ''}"

    @property
    def rows(self) -> int:
        """Its states and a gradient beside, and a mask where it holds one."""
        return 5 if self.masking == "hard" else 4

    def work(self, epochs: int, parameters: int) -> Load:
        """Its states at each step, a threshold at each masking."""
        masked = min(1.0, self.final_epochs / epochs + 1 / self.interval)
        return Load(20 + 30 * masked, 0, (PLATON_NUMBERS + THRESHOLD_NUMBERS * masked) * parameters)


class Iterative(Pruning):
    """Train, prune by magnitude to the next density, rewind, and again (Frankle & Carbin 2019; Frankle et al. 2020)."""

    name: Literal["iterative"] = "iterative"
    scope: Scope = Field("global", description="One threshold over all tensors, or one for each.")

    title = "Iterative magnitude"
    acts_by_default = "rounds"
    explanation = (
        "**Iterative magnitude pruning** (Frankle & Carbin 2019; with rewinding Frankle et al. 2020). Train; cut the smallest weights "
        "down to the first density; set the rest back to where they were at the rewinding point; train again; cut further. Each density is "
        "a training of its own, so this takes longest, and finds the best tickets."
    )

    @property
    def words(self) -> str:
        """As in: Iterative magnitude pruning."""
        return f"Iterative magnitude pruning{self.layerwise}"


class Snip(Pruning):
    """The smallest |weight × gradient| at the start go, before training (Lee et al. 2019)."""

    name: Literal["snip"] = "snip"
    scope: Scope = Field("global", description="One threshold over all tensors, or one for each.")
    images: int = Field(1_000, ge=1, lt=MOST_WHOLE, description="Training images from which the gradient is taken, at most all of them.")

    title = "SNIP"
    acts_by_default = "before"
    scores = "lmc_core.pruning.snip:scores"
    explanation = (
        r"**SNIP** (Lee et al. 2019). Before training, each weight gets the score $|w \cdot \partial L/\partial w|$ over some images; "
        "those with the lowest are removed at once. The network never trains dense."
    )


PruningSpec = Annotated[Magnitude | Random | Platon | Iterative | Snip, Field(discriminator="name")]
METHODS: dict[str, type[Pruning]] = {model.model_fields["name"].default: model for model in get_args(get_args(PruningSpec)[0])}
"""All methods by name."""
