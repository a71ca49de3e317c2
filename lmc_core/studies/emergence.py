"""When linear mode connectivity emerges: how much training twins must share, of which kind, and where in the network."""

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from lmc_core.checkpoints.checkpoint import is_begun
from lmc_core.checkpoints.naming import folders_named, models_folder, named, path_refusal
from lmc_core.connectivity.spec import Measurement
from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError
from lmc_core.errors import field as marked
from lmc_core.experiment import AnySpec, Spawn, TwinsSpec, canonical
from lmc_core.models.spec import Start
from lmc_core.overrides import LONGEST_VALUE, overrides_of, short, start_at, with_overrides
from lmc_core.sweeps.report import Heading
from lmc_core.sweeps.starting import started
from lmc_core.sweeps.sweep import Cell, text_at

Way = Literal["spawn", "pretraining", "blocks"]
WAYS: tuple[Way, ...] = get_args(Way)
"""Noise shared up to a step of the training, training on other images before, or only some of the blocks on the line."""

POINT = re.compile(r"(?P<at>\d{1,9}) ?(?P<unit>steps?|epochs?)?")
"""A moment of a training, such as `50 steps`, `2 epochs` or `2`."""
PRETRAINED_BY = ("dataset", "train_samples", "augmentation", "optimizer.lr", "batch_size")
"""Settings in which pretraining may differ from what follows; all others are the twins' own."""
RANDOM = "random"
"""What the end without any pretraining is called."""
LEAST_ALPHAS = 3
"""A pretraining has no line to measure."""
NUMBER = re.compile(r"\d+")
MOST_VALUES = 100
MOST_NAMED = 5
"""Folders that are no checkpoints, in one sentence."""


@dataclass(frozen=True)
class Moment:
    """A moment of a training: after so many steps or epochs."""

    at: int
    unit: Literal["steps", "epochs"] = "epochs"

    @property
    def text(self) -> str:
        """The moment in words, as `parse_moment` reads it."""
        if self.at == 0:
            return "0"
        return f"{self.at} {self.unit.removesuffix('s') if self.at == 1 else self.unit}"


def parse_moment(text: str) -> Moment:
    """The moment that a text such as `50 steps`, `2 epochs` or `2` names; a bare number counts epochs.

    Raises:
        LMCError: it names none.
    """
    match = POINT.fullmatch(text.strip().lower())
    if match is None:
        raise LMCError(f"{short(text)} is not a point in training; write 2 for epoch 2, or 50 steps.")
    at = int(match["at"])
    return Moment(at, "steps" if at and (match["unit"] or "").startswith("step") else "epochs")


def parse_values(text: str) -> tuple[Moment, ...]:
    """The moments of a text such as `0, 50 steps, 1, 2`.

    Raises:
        LMCError: one of them is none, one stands there twice, there is none or there are too many.
    """
    if len(text) > LONGEST_VALUE:
        raise LMCError(f"The points have {len(text):,} characters; {LONGEST_VALUE:,} is the most.")
    moments = tuple(parse_moment(part) for part in text.split(",") if part.strip())
    if not 1 <= len(moments) <= MOST_VALUES:
        raise LMCError(f"Write the points with commas between them, such as 0, 50 steps, 1, 2; {MOST_VALUES} is the most.")
    for moment in moments:
        if moments.count(moment) > 1:
            raise LMCError(f"The point {moment.text} is given twice.")
    return moments


def written_values(moments: Sequence[Moment]) -> str:
    """The moments as one writes them."""
    return ", ".join(moment.text.removesuffix(" epochs").removesuffix(" epoch") for moment in moments)


@dataclass(frozen=True)
class Emergence:
    """A study of when connectivity emerges; one that exists has cells that are all valid.

    Attributes:
        way: what twins share, or what moves on the line.
        base: the twins.
        values: the moments until which they share their noise; of the way `pretraining` the epochs at which the pretraining is
            looked at, 0 being a random initialisation.
        source: settings of the pretraining that differ from the base's, as texts by their paths.
        folder: checkpoints made elsewhere, as the folders in this one, in place of a pretraining; empty for none.
        stages: what `start.checkpoint` calls these, in their order, as `stages_in` lists them.

    Raises:
        LMCError: a moment after the end of the training, a pretraining counted in steps, images that do not fit the network, a folder
            without checkpoints.
    """

    way: Way
    base: TwinsSpec
    values: tuple[Moment, ...]
    source: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    stages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if self.folder and not self.stages:
            raise LMCError(f"The folder {short(self.folder)} holds no checkpoints; each must be a folder as save_pretrained writes it.")
        if self.way == "pretraining" and not self.folder:
            self._check_pretraining()
        else:
            _ = self.cells

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """The runs of twins, in the order of the values; those of pretraining name checkpoints that may not be there yet."""
        match self.way:
            case "pretraining":
                return tuple(self._pretrained(name, checkpoint) for name, checkpoint in self._checkpoints)
            case "blocks":
                measured = self.base.measurement.model_copy(update={"blocks": True})
                return tuple(_spawned(self.base.model_copy(update={"measurement": measured}), moment) for moment in self.values)
            case "spawn":
                return tuple(_spawned(self.base, moment) for moment in self.values)

    @cached_property
    def pretraining(self) -> TwinsSpec | None:
        """The run that makes the checkpoints: one network, kept at the epochs; None where nothing is pretrained here."""
        kept = tuple(sorted(moment.at for moment in self.values if moment.at))
        if self.way != "pretraining" or self.folder or not kept:
            return None
        epochs = {"epochs": str(kept[-1]), "keep": ",".join(map(str, kept)), "spawn.at": str(kept[-1]), "repeats": "1"}
        single = {"spawn.unit": "epochs", "measurement.every": "0", "measurement.alphas": str(LEAST_ALPHAS)}
        plain = self.base.model_copy(update={"start": Start(), "measurement": Measurement(), "spawn": Spawn(), "keep": ()})
        warm = {"schedule.warmup_epochs": str(min(self.base.schedule.warmup_epochs, kept[-1]))}
        return with_overrides({**warm, **single, **epochs, **self.source}, canonical(plain))

    @property
    def x_title(self) -> str:
        """What the horizontal axis counts."""
        if self.way == "pretraining":
            return "Checkpoint" if self.folder else "Pretraining"
        return "Spawn point"

    def amounts(self) -> list[float]:
        """How much each cell's twins share before they part: steps, or epochs of pretraining; NaN where a folder's name does not say."""
        if self.way != "pretraining":
            return [float(cell.spec.spawn_step) for cell in self.cells]
        if not self.folder:
            return [float(moment.at) for moment in self.values]
        return amounts_of([name for name, _ in self._checkpoints])

    def ready(self, data_dir: Path, *, anywhere: bool = False) -> tuple[Cell, ...] | None:
        """The cells as they can be trained, with the fingerprints of their checkpoints; None where these are still to be made.

        Args:
            data_dir: the folder of data sets, in which `models` is.
            anywhere: whether checkpoints may be in any folder of this machine.

        Raises:
            LMCError: a checkpoint is not fit for the twins.
        """
        if self.pretraining is not None and not all(
            (models_folder(data_dir) / checkpoint).is_dir() for _, checkpoint in self._checkpoints if checkpoint
        ):
            return None
        return tuple(started(cell, data_dir, anywhere=anywhere) for cell in self.cells)

    def known(self, finished: Iterable[AnySpec]) -> tuple[Cell, ...] | None:
        """The cells as they were trained before, though the checkpoints that they began with are here no more; None unless all were.

        Args:
            finished: specs of runs that are there, the preferred ones first.
        """
        before: dict[str, TwinsSpec] = {}
        for spec in finished:
            if isinstance(spec, TwinsSpec) and spec.start.fingerprint:
                before.setdefault(_without_fingerprint(spec).run_id, spec)
        cells = [(cell, before.get(cell.spec.run_id) if cell.spec.start.checkpoint else cell.spec) for cell in self.cells]
        found = tuple(replace(cell, spec=spec) for cell, spec in cells if spec is not None)
        return found if len(found) == len(cells) else None

    @cached_property
    def _checkpoints(self) -> list[tuple[str, str]]:
        """Each checkpoint's name on the axis and its name for `start.checkpoint`; the random initialisation has an empty one."""
        if self.folder:
            return [(RANDOM, ""), *((stage.rpartition("/")[2], stage) for stage in self.stages)]
        run = self.pretraining.run_id if self.pretraining else ""
        return [(RANDOM, "") if not moment.at else (moment.text, f"{run}/epoch-{moment.at}") for moment in self.values]

    def _pretrained(self, name: str, checkpoint: str) -> Cell:
        spec = self.base.model_copy(update={"start": start_at(checkpoint)})
        return Cell({"start.checkpoint": checkpoint}, spec, name)

    def _check_pretraining(self) -> None:
        if any(moment.unit == "steps" for moment in self.values):
            raise LMCError("Pretraining keeps checkpoints at the end of epochs only; write epochs, such as 0, 1, 2, 4.")
        if strange := [path for path in self.source if path not in PRETRAINED_BY]:
            raise LMCError(f"{short(strange[0])} cannot differ in pretraining; these can: {', '.join(map(marked, PRETRAINED_BY))}.")
        if self.pretraining is None:
            return
        if reason := _misfit(self.pretraining, self.base):
            raise LMCError(reason)


def stages_in(folder: str, data_dir: Path, *, anywhere: bool = False) -> tuple[str, ...]:
    """The checkpoints in a folder as `start.checkpoint` names them, in their natural order, in which epoch-10 comes after epoch-9.

    A folder counts as one that has a configuration or weights; `left_out` names the others, such as a trainer's logs.

    Args:
        folder: its name below the models' folder, or a path.
        data_dir: the folder of data sets, in which `models` is.
        anywhere: whether it may be any folder of this machine.

    Raises:
        LMCError: there is no such folder.
    """
    models = models_folder(data_dir)
    return tuple(named(path, models) for path in _folders_in(folder, models, anywhere=anywhere) if is_begun(path))


def left_out(folder: str, data_dir: Path, *, anywhere: bool = False) -> str | None:
    """The sentence that names the folders beside the checkpoints in a folder that are none; None if there are no such.

    Its arguments and what it raises are those of `stages_in`.
    """
    others = [path.name for path in _folders_in(folder, models_folder(data_dir), anywhere=anywhere) if not is_begun(path)]
    if not others:
        return None
    more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
    return f"Not checkpoints, so left out of {short(folder)}: {', '.join(map(short, others[:MOST_NAMED]))}{more}."


def _folders_in(folder: str, models: Path, *, anywhere: bool) -> list[Path]:
    if not anywhere and (reason := path_refusal(folder)):
        raise LMCError(reason)
    root = next(iter(folders_named(folder, models, anywhere=anywhere)), None)
    try:
        inside = [path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")] if root else None
    except OSError:  # not to be looked into
        inside = None
    if inside is None:
        raise LMCError(f"There is no folder {short(folder)} with checkpoints in it.")
    return sorted(inside, key=lambda path: _natural(path.name))


def amounts_of(names: Sequence[str]) -> list[float]:
    """The last number in each name, 0 for the random initialisation; NaN for all where a name has none."""
    numbers = [["0"] if name == RANDOM else NUMBER.findall(name) for name in names]
    return [float(found[-1]) for found in numbers] if all(numbers) else [float("nan")] * len(names)


def command_of_study(study: Emergence) -> str:
    """The command line that makes the whole study again."""
    words = ["python", "-m", "lmc_core", "emergence", "--by", study.way]
    words += ["--checkpoints", study.folder] if study.folder else ["--values", written_values(study.values)]
    words += ["--pretrain", *(f"{path}={text}" for path, text in study.source.items())] if study.source else []
    settings = [f"{path}={text}" for path, text in overrides_of(study.base).items()]
    return shlex.join([*words, *(["--set", *settings] if settings else [])])


def heading_of(study: Emergence) -> Heading:
    """What stands above a report of the study."""
    return Heading("When linear mode connectivity emerges", (f"Made by: {command_of_study(study)}",))


def doubling(epochs: int) -> tuple[Moment, ...]:
    """Moments to begin with: the start, then epochs that double, within a training of so many."""
    return (Moment(0), *(Moment(2**power) for power in range(epochs.bit_length()) if 2**power <= epochs))


def _spawned(base: TwinsSpec, moment: Moment) -> Cell:
    spec = with_overrides({"spawn.at": str(moment.at), "spawn.unit": moment.unit}, canonical(base))
    return Cell({path: text_at(spec, path) for path in ("spawn.at", "spawn.unit")}, spec, moment.text)


def _without_fingerprint(spec: TwinsSpec) -> TwinsSpec:
    return spec.model_copy(update={"start": Start(checkpoint=spec.start.checkpoint)})


def _misfit(source: TwinsSpec, target: TwinsSpec) -> str | None:
    """Why weights that learnt on one data set cannot go on with the other; None if they can."""
    before, after = CATALOG[source.dataset], CATALOG[target.dataset]
    if before.channels != after.channels:
        return (
            f"{before.title} has {before.channels}-channel images and {after.title} {after.channels}-channel ones; "
            "pretrain on images with as many channels."
        )
    if before.side != after.side and not target.architecture.fits_any_side:
        return (
            f"The images of {before.title} are {before.side} pixels wide and those of {after.title} {after.side}; "
            "choose data sets of one size, or a CNN or ViT, whose weights fit any size."
        )
    return None


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
