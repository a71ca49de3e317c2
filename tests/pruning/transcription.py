"""PLATON in plain torch, from the four steps of its algorithm; it shares no code with the project."""

import torch
from torch import Tensor


class Transcription:
    """States and masks of named tensors; call `step` with weights that the optimiser has updated, and their gradients."""

    def __init__(
        self,
        weights: dict[str, Tensor],
        total_steps: int,
        final_ratio: float,
        initial_ratio: float = 1.0,
        initial_steps: int = 0,
        final_steps: int = 0,
        beta1: float = 0.85,
        beta2: float = 0.95,
        mask_interval: int = 10,
    ) -> None:
        self.T, self.rT, self.r0, self.ti, self.tf = total_steps, final_ratio, initial_ratio, initial_steps, final_steps
        self.beta1, self.beta2, self.interval = beta1, beta2, mask_interval
        self.I = {name: torch.zeros_like(tensor) for name, tensor in weights.items()}
        self.I_bar = {name: torch.zeros_like(tensor) for name, tensor in weights.items()}
        self.U_bar = {name: torch.zeros_like(tensor) for name, tensor in weights.items()}

    def ratio(self, t: int) -> tuple[float, bool]:
        """r(t), and whether weights are masked."""
        if t <= self.ti:
            return self.r0, False
        if t > self.T - self.tf:
            return self.rT, True
        cubic = (1 - (t - self.ti) / (self.T - self.ti - self.tf)) ** 3
        return self.rT + (self.r0 - self.rT) * cubic, t % self.interval == 0

    def step(self, t: int, weights: dict[str, Tensor], gradients: dict[str, Tensor]) -> dict[str, Tensor]:
        """The weights after step t."""
        j = t % self.interval
        for name, p in weights.items():
            s = (p * gradients[name]).abs()
            if j == 0:
                self.I_bar[name] = self.beta1 * self.I_bar[name] + (1 - self.beta1) * self.I[name]
                self.U_bar[name] = self.beta2 * self.U_bar[name] + (1 - self.beta2) * (self.I[name] - self.I_bar[name]).abs()
                self.I[name] = s
            else:
                self.I[name] = (self.I[name] * j + s) / (j + 1)
        r, masked = self.ratio(t)
        scores = {name: self.I_bar[name] * self.U_bar[name] for name in weights}
        every = torch.cat([score.flatten() for score in scores.values()])
        k = int(every.numel() * (1 - r))
        if not masked or k == 0:
            return weights
        theta = every.sort().values[k - 1]
        return {name: torch.where(scores[name] < theta, 0.0, p) for name, p in weights.items()}
