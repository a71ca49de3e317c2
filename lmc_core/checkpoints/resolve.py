"""From the name of a checkpoint to what a spec says of it, and from a spec back to the folder."""

import re
from pathlib import Path
from typing import TypeVar

from lmc_core.checkpoints import hub
from lmc_core.checkpoints.checkpoint import Checkpoint, is_whole, read_checkpoint
from lmc_core.checkpoints.naming import folders_named, is_hub_name, models_folder, named, path_refusal
from lmc_core.data.spec import CATALOG
from lmc_core.errors import MODELS_FOLDER, LMCError, place
from lmc_core.experiment import RUN_ID_LENGTH, Experiment
from lmc_core.models.spec import CNN, MLP, LinearNet, Start, ViT
from lmc_core.settings import Fetching

AnyExperiment = TypeVar("AnyExperiment", bound=Experiment)

FREE = frozenset({"side", "mean", "std", "resample", "crop", "attention", "slope"})
"""Fields of an architecture that may differ from the checkpoint's: its weights fit all the same."""

KEPT = re.compile(rf"([0-9a-f]{{{RUN_ID_LENGTH}}})/(?:pair\d+/)?epoch-\d+")
"""The name of a network that a run has kept."""


OWNERS = Fetching()
"""What the one whose machine it is may have fetched."""


def resolve(name: str, data_dir: Path, *, anywhere: bool = False, fetching: Fetching | None = OWNERS) -> Checkpoint:
    """The checkpoint of a name: one in the models' folder, a folder anywhere, or else one of the hub, which is fetched.

    Args:
        name: a folder, or a name on the hub.
        data_dir: the folder of data sets, in which `models` is.
        anywhere: whether any folder of this machine may be named, as on the command line and by the owner.
        fetching: what may be fetched; None fetches nothing.

    Raises:
        LMCError: one sentence that says what is wrong and what to do.
    """
    models = models_folder(data_dir)
    if not anywhere and (reason := path_refusal(name)):
        raise LMCError(reason)
    folder = _existing(name, models, anywhere=anywhere)
    if folder is None and (of_run := KEPT.fullmatch(name)):
        raise LMCError(
            f"There is no {name} in {place(models, MODELS_FOLDER)}: run {of_run[1]} puts it there when it has finished, if it keeps that "
            "epoch; start that run again to have it written."
        )
    if folder is None and is_hub_name(name):
        if fetching is None:
            raise LMCError(
                f"{name} is no longer in {place(models, MODELS_FOLDER)}: start the run again to have it fetched, or put it there by hand."
            )
        folder = hub.fetch(name, models, fetching)
    if folder is None:
        text = name if len(name) <= 100 else f"{name[:97]}..."
        raise LMCError(f"There is no folder {text}, and on the hub no model can have that name: check the spelling.")
    return read_checkpoint(named(folder, models), folder)


def at_hand(name: str, data_dir: Path, *, anywhere: bool = False) -> Checkpoint | None:
    """The checkpoint of a name, as `resolve` finds it, if it is on this machine; None where the hub would have to be asked.

    Raises:
        LMCError: it is there and cannot be used, or must not be looked for.
    """
    if not anywhere and (reason := path_refusal(name)):
        raise LMCError(reason)
    return resolve(name, data_dir, anywhere=anywhere) if _existing(name, models_folder(data_dir), anywhere=anywhere) else None


def with_start(spec: AnyExperiment, data_dir: Path, *, anywhere: bool = False, fetching: Fetching | None = OWNERS) -> AnyExperiment:
    """The spec with the name and the fingerprint of its checkpoint filled in, found and fit for it; itself where it has none.

    Args:
        spec: the experiment.
        data_dir: as in `resolve`, as what follows.
        anywhere: whether its checkpoint may be in any folder.
        fetching: what may be fetched.

    Raises:
        LMCError: as `resolve`; the checkpoint's network is not the spec's; the weights are not those of the fingerprint.
    """
    if not spec.start.checkpoint:
        if spec.start.fingerprint:
            raise LMCError("‹start.fingerprint› is set but ‹start.checkpoint› is empty; give the checkpoint, or clear the fingerprint.")
        return spec
    found = resolve(spec.start.checkpoint, data_dir, anywhere=anywhere, fetching=fetching)
    if reason := refusal(found, spec):
        raise LMCError(reason)
    return spec.model_copy(update={"start": found.start})


def checked(spec: Experiment, data_dir: Path, *, anywhere: bool = False, fetching: Fetching | None = OWNERS) -> None:
    """Return if a run of this spec will find its weights; its arguments are those of `with_start`.

    Raises:
        LMCError: it will not, or its fingerprint has not been filled in, by which a run is known.
    """
    if spec.start.checkpoint and not spec.start.fingerprint:
        raise LMCError(
            "‹start.fingerprint› is empty; fill it in with lmc_core.checkpoints.with_start, since runs are known by their weights."
        )
    found = with_start(spec, data_dir, anywhere=anywhere, fetching=fetching).start
    if found != spec.start:
        raise LMCError(f"‹start.checkpoint› is {spec.start.checkpoint}; on this machine it is named {found.checkpoint}.")


def located(spec: AnyExperiment, data_dir: Path) -> AnyExperiment:
    """The spec with its checkpoint as a folder of this machine: what trainers take; nothing is fetched for it.

    Raises:
        LMCError: as `with_start`.
    """
    start = with_start(spec, data_dir, anywhere=True, fetching=None).start
    if not start.checkpoint:
        return spec
    folder = resolve(start.checkpoint, data_dir, anywhere=True, fetching=None).folder
    return spec.model_copy(update={"start": Start(checkpoint=str(folder), fingerprint=start.fingerprint)})


def refusal(found: Checkpoint, spec: Experiment) -> str | None:
    """The sentence that says why a spec cannot begin with a checkpoint; None if it can."""
    name, wanted, own = found.name, spec.architecture, found.architecture
    if spec.start.fingerprint not in ("", found.fingerprint):
        return (
            f"{name} holds other weights than the run asks for (fingerprint {found.fingerprint}, not {spec.start.fingerprint}): "
            "put the former weights back, or clear ‹start.fingerprint› to take these."
        )
    if wanted.name != own.name:
        return f"{name} holds the weights of another network: {own.name}; ‹architecture.name› is {wanted.name}, so set it to {own.name}."
    for field in type(own).model_fields:
        if field not in FREE and getattr(wanted, field) != getattr(own, field):
            return (
                f"{name} has ‹architecture.{field}› {getattr(own, field)}, and the settings have {getattr(wanted, field)}; "
                f"set ‹architecture.{field}› to {getattr(own, field)}."
            )
    data = CATALOG[spec.dataset]
    if isinstance(wanted, ViT) and wanted.channels(data) != found.channels:
        return (
            f"{name} takes {found.channels}-channel images, and the settings give it {wanted.channels(data)}-channel ones; give "
            f"‹architecture.mean› and ‹architecture.std› one number for each channel ({found.channels})."
        )
    if not isinstance(wanted, ViT) and data.channels != found.channels:
        return f"{name} takes {found.channels}-channel images, and {spec.dataset} has {data.channels}-channel ones; take another data set."
    if isinstance(own, LinearNet | MLP) and own.depth == 1:
        return f"{name} is logistic regression, which has only a classifier layer, and that is always drawn anew; take a deeper network."
    if not isinstance(own, CNN | ViT) and data.side != found.side:
        return (
            f"{name} takes images {found.side} pixels wide, and those of {spec.dataset} are {data.side}; take another data set, "
            "or a CNN or ViT, whose weights fit every size."
        )
    return None


def _existing(name: str, models: Path, *, anywhere: bool) -> Path | None:
    """The folder of that name, one that holds a checkpoint sooner than another; None if there is none."""
    folders = folders_named(name, models, anywhere=anywhere)
    try:
        whole = [folder for folder in folders if is_whole(folder)]
    except OSError:  # not to be looked into
        return None
    return next(iter(whole + folders), None)
