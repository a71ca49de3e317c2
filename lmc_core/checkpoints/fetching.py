"""What may be fetched from the Hugging Face hub: which models, how much and for how long."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)?")
LONGEST_NAME = 96
"""As the hub has it."""


@dataclass(frozen=True)
class Fetching:
    """Bounds of what is fetched for somebody; by default for the one whose machine it is.

    Attributes:
        names: of models, as patterns in which * stands for any letters.
        largest: bytes of one model; None is unbounded.
        in_all: bytes of all models in the models' folder; None is unbounded.
        seconds: that one model may take; None is unbounded.
        patience: seconds that who asks waits before being told that it goes on in the background; None waits for the end.
    """

    names: tuple[str, ...] = ("*",)
    largest: int | None = None
    in_all: int | None = None
    seconds: float | None = None
    patience: float | None = None

    def refusal(self, name: str) -> str | None:
        """The sentence that refuses a model for its name; None if it may be fetched."""
        if any(fnmatchcase(name, pattern) for pattern in self.names):
            return None
        allowed = f"these may be: {', '.join(self.names)}" if self.names else "none may be"
        return (
            f"{name} is not on this machine, and visitors may not have it fetched from the hub; {allowed}. The owner can fetch any, "
            "or allow more with LMC_HUB_MODELS."
        )


def is_hub_name(name: str) -> bool:
    """Whether a text could be the name of a model on the hub."""
    return len(name) <= LONGEST_NAME and NAME.fullmatch(name) is not None and "--" not in name and ".." not in name
