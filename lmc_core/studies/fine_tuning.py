"""An experiment from pretrained weights and, with the same configuration, from a random initialisation."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from lmc_core.checkpoints.checkpoint import Checkpoint
from lmc_core.checkpoints.resolve import at_hand, refusal
from lmc_core.errors import MODELS_FOLDER, LMCError, place
from lmc_core.experiment import AnySpec, canonical
from lmc_core.models.spec import Start
from lmc_core.overrides import start_at, with_overrides

Origin = Literal["pretrained", "random"]
"""Where the networks of a run begin."""
ORIGINS: tuple[Origin, ...] = get_args(Origin)
ORIGIN_WORDS: dict[Origin, str] = {"pretrained": "Pretrained", "random": "Random initialisation"}


@dataclass(frozen=True)
class BothStarts:
    """The two runs that are compared.

    Attributes:
        pretrained: None where nothing is known of the checkpoint.
        random: the same without it.
        missing: one sentence that says that the checkpoint is not on this machine, and what to do; None if it is.
    """

    pretrained: AnySpec | None
    random: AnySpec
    missing: str | None = None

    @property
    def runs(self) -> dict[Origin, AnySpec]:
        """The runs that are known, the pretrained one first."""
        known: dict[Origin, AnySpec | None] = {"pretrained": self.pretrained, "random": self.random}
        return {origin: spec for origin, spec in known.items() if spec is not None}


@dataclass(frozen=True)
class FineTuning:
    """An experiment whose networks can begin with a checkpoint.

    Attributes:
        base: the experiment from a random initialisation, with the configuration of `start`.
        start: the checkpoint; one with a fingerprint makes the run known where the weights themselves are not.
        side: pixels to which images are resized, or the next fewer that the patches divide; None takes the checkpoint's own.
    """

    base: AnySpec
    start: Start
    side: int | None = None

    def both(self, data_dir: Path, settings: Mapping[str, str] | None = None, *, anywhere: bool = False) -> BothStarts:
        """The two runs, by what is on this machine.

        Args:
            data_dir: the folder of data sets, in which `models` is.
            settings: texts at dotted paths, set in both runs; `start.checkpoint` names another checkpoint, whose configuration both take.
            anywhere: whether that may be any folder of this machine.

        Raises:
            LMCError: a setting that does not fit, or a checkpoint that is there and cannot be used.
        """
        texts = dict(settings or {})
        name = texts.pop("start.checkpoint", "") or self.start.checkpoint
        fingerprint = texts.pop("start.fingerprint", "")
        if found := at_hand(name, data_dir, anywhere=anywhere):
            return self._found(found, texts)
        random = with_overrides(texts, canonical(self.base), type(self.base))
        own = self.start if name == self.start.checkpoint and not fingerprint else start_at(name, fingerprint)
        pretrained = random.model_copy(update={"start": own}) if own.fingerprint else None
        return BothStarts(pretrained, random, missing(name, data_dir))

    def _found(self, found: Checkpoint, texts: Mapping[str, str]) -> BothStarts:
        resized = found.architecture.at_side(self.side)
        if resized is None:
            raise LMCError(
                f"{found.name} is not a vision transformer but {found.architecture.name}; the Emergence page fine-tunes other networks."
            )
        values = canonical(self.base) | {"architecture": canonical(resized)}
        random = with_overrides(texts, values, type(self.base))
        pretrained = random.model_copy(update={"start": found.start})
        if reason := refusal(found, pretrained):
            raise LMCError(reason)
        return BothStarts(pretrained, random)


def missing(name: str, data_dir: Path) -> str:
    """The sentence that says how to get a checkpoint that is not on this machine."""
    folder = place(data_dir / "models" / name, MODELS_FOLDER)
    return (
        f"{name} is not on this machine: put its config.json, preprocessor_config.json and model.safetensors into {folder}, or name "
        "another ViT, such as facebook/deit-tiny-patch16-224, which is fetched from the Hugging Face hub."
    )
