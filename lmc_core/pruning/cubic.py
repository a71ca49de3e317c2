"""The cubic ramp along which a network is pruned while it trains (Zhu & Gupta 2017; Zhang et al. 2022, Eq. 9)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ramp:
    """The share of weights that is kept at each step, and when weights are masked.

    Attributes:
        total_steps: T.
        final_ratio: kept in the end, r_T.
        initial_ratio: kept at first, r_0.
        initial_steps: before the ramp, t_i.
        final_steps: after the ramp, t_f.
        interval: steps between two maskings on the ramp, ΔT.
    """

    total_steps: int
    final_ratio: float
    initial_ratio: float = 1.0
    initial_steps: int = 0
    final_steps: int = 0
    interval: int = 10

    def ratio(self, step: int) -> float:
        """The share kept at a step from 0: r_0 up to t_i, r_T after T - t_f, and in between a cubic from one to the other."""
        if step <= self.initial_steps:
            return self.initial_ratio
        if self.ended(step):
            return self.final_ratio
        done = (step - self.initial_steps) / (self.total_steps - self.initial_steps - self.final_steps)
        return self.final_ratio + (self.initial_ratio - self.final_ratio) * (1 - done) ** 3

    def ended(self, step: int) -> bool:
        """Whether the ramp lies behind a step."""
        return step > self.total_steps - self.final_steps

    def masks(self, step: int) -> bool:
        """Whether weights are masked at a step: every ΔT steps on the ramp, at every step after it."""
        return self.ended(step) or (step > self.initial_steps and step % self.interval == 0)
