"""Experiments in words, and the names of fields and values as a reader knows them."""

from lmc_core.data.spec import CATALOG
from lmc_core.errors import LMCError
from lmc_core.experiment import Experiment, PruneSpec, TwinsSpec
from lmc_core.figures.density import density_words
from lmc_core.figures.level_kinds import LOOKS
from lmc_core.figures.numbers import count, counted
from lmc_core.models.spec import ARCHITECTURES
from lmc_core.optim.spec import SGD
from lmc_core.overrides import UNIONS
from lmc_core.plan import LevelKind
from lmc_core.pruning.spec import METHODS

MOST_DENSITIES = 7
"""So many densities are told one by one."""

LABELS = {
    "dataset": "Data set",
    "train_samples": "Training images",
    "test_samples": "Test images",
    "augmentation": "Augmentation",
    "architecture.name": "Network",
    "architecture.depth": "Weight layers",
    "architecture.slope": "Leaky-ReLU slope p",
    "architecture.head_dim": "Head dimension",
    "architecture.kernel": "Kernel = stride",
    "start.checkpoint": "Begin with checkpoint",
    "start.fingerprint": "Fingerprint of its weights",
    "optimizer.name": "Optimiser",
    "optimizer.lr": "Learning rate",
    "optimizer.clip_norm": "Gradient clipping (0 = off)",
    "schedule.name": "Schedule",
    "schedule.warmup_epochs": "Warm-up epochs",
    "seeds.init": "Initialisation seed",
    "seeds.order": "Order seeds A, B",
    "seeds.augmentation": "Augment seeds A, B",
    "spawn.at": "Spawn point",
    "spawn.unit": "Counted in",
    "repeats": "Repeats, pairs of twins",
    "measurement.alphas": "Points on the line",
    "measurement.every": "Measure every … epochs",
    "measurement.precision": "Precision of measuring",
    "pruning.name": "Method",
    "pruning.scope": "Threshold",
    "pruning.schedule": "When",
    "pruning.interval": "Masking interval",
    "pruning.beta1": "β1, importance",
    "pruning.beta2": "β2, uncertainty",
    "pruning.rewind": "Rewind to",
    "pruning.rewind_unit": "Counted in",
    "pruning.twins": "Train tickets as twins",
    "pruning.random_control": "Random masks, too",
    "pruning.redrawn_control": "Redrawn starts, too",
    "pruning.images": "Images for the gradient",
    "pruning.densities": "Densities (shares kept)",
    "pruning.initial_epochs": "Epochs before ramp",
    "pruning.final_epochs": "Epochs after ramp",
    "pruning.masking": "Masking in the ramp",
}
"""Labels of the fields whose name alone does not say enough."""

VALUES: dict[str, str] = {
    **{str(name): facts.title for name, facts in CATALOG.items()},
    **{name: model.title for name, model in ARCHITECTURES.items()},
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "none": "None",
    "shift_flip": "Shift and flip",
    "crop_flip_jitter": "Crop, flip and jitter",
    "constant": "Constant",
    "cosine": "Cosine",
    "cpu": "CPU",
    "cuda": "GPU (CUDA)",
    "auto": "Automatic",
    "float32": "float32",
    "bfloat16": "bfloat16",
    **{name: model.title for name, model in METHODS.items()},
    "global": "Global",
    "layer": "By layer",
    "one_shot": "One-shot",
    "gradual": "Gradual",
    "soft": "Soft",
    "hard": "Hard",
}
"""Words for the values that are names."""

AUGMENTED = {"none": "", "shift_flip": ", shifted and flipped", "crop_flip_jitter": ", cropped, flipped and jittered"}
"""What a title says of each augmentation."""


def label(path: str) -> str:
    """A field's name as a reader knows it."""
    return LABELS.get(path) or path.split(".")[-1].replace("_", " ").capitalize()


def field_title(path: str) -> str:
    """A field's name with its section where the name alone could be another's."""
    section, _, field = path.rpartition(".")
    if section in UNIONS or not section or field == "name" or path in ("spawn.at", "seeds.init"):
        return label(path)
    return f"{section.capitalize()}: {label(path)[0].lower()}{label(path)[1:]}" if section == "measurement" else label(path)


def in_words(fault: LMCError | str) -> str:
    """A sentence as a page says it: with the labels of fields, in quotation marks, in the place of their paths."""
    return (fault if isinstance(fault, LMCError) else LMCError(fault)).worded(lambda path: f"“{label(path)}”")


def value_name(value: object) -> str:
    """A value as a reader knows it."""
    if value is None:
        return "All"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, str):
        return VALUES.get(value, value.capitalize())
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def network_in_words(spec: Experiment) -> str:
    """The network in a few words, as in: MLP, 1 hidden layer of 512, ReLU."""
    return spec.architecture.words


def training_in_words(spec: Experiment) -> str:
    """Optimiser, schedule and length of the training in a few words."""
    parts = [f"{value_name(spec.optimizer.name)}, learning rate {spec.optimizer.lr:g}"]
    if isinstance(spec.optimizer, SGD) and spec.optimizer.momentum:
        parts.append(f"{'Nesterov ' if spec.optimizer.nesterov else ''}momentum {spec.optimizer.momentum:g}")
    parts += [f"weight decay {spec.optimizer.weight_decay:g}"] if spec.optimizer.weight_decay else []
    parts += [f"clipped at {spec.optimizer.clip_norm:g}"] if spec.optimizer.clip_norm else []
    parts += ["cosine schedule"] if spec.schedule.name == "cosine" else []
    parts += [f"{spec.schedule.warmup_epochs:g} warm-up epochs"] if spec.schedule.warmup_epochs else []
    parts.append(f"{counted(spec.epochs, 'epoch')} at batch size {count(spec.batch_size)}")
    return ", ".join(parts)


def noise_in_words(spec: TwinsSpec) -> str:
    """What tells the twins apart, and since when."""
    order, augmentation = spec.seeds.order, spec.seeds.augmentation
    sources = ["data order"] if order[0] != order[1] else []
    sources += ["augmentation"] if spec.augmentation != "none" and augmentation[0] != augmentation[1] else []
    words = f"twins differ in {' and '.join(sources)}" if sources else "twins get the same noise"
    return words + (f" from {spec.spawn.unit.removesuffix('s')} {count(spec.spawn.at)} on" if spec.spawn.at else "")


def data_in_words(spec: Experiment) -> str:
    """Data set, number of training images where it is not all, augmentation."""
    images = f", {count(spec.train_samples)} training images" if spec.train_samples is not None else ""
    return CATALOG[spec.dataset].title + images + AUGMENTED[spec.augmentation]


def title_of(spec: Experiment) -> str:
    """The experiment's headline: network and data, and by what it is pruned."""
    words = f"{network_in_words(spec)} on {data_in_words(spec)}"
    return f"{method_in_words(spec)}: {words}" if isinstance(spec, PruneSpec) else words


def subtitle_of(spec: Experiment) -> str:
    """The rest of the experiment in one line."""
    parts = [training_in_words(spec)]
    if isinstance(spec, PruneSpec):
        parts += [f"{densities_in_words(spec)} of the weights kept", tickets_in_words(spec), counted(spec.repeats, "repeat")]
    elif isinstance(spec, TwinsSpec):
        parts.append(f"{counted(spec.repeats, 'pair')}, {noise_in_words(spec)}")
    return " · ".join(parts)


def method_in_words(spec: PruneSpec) -> str:
    """How the weights that go are chosen, in a few words."""
    return spec.pruning.words


def densities_in_words(spec: PruneSpec) -> str:
    """The densities, or of many their number and ends."""
    words = [density_words(density) for density in spec.pruning.densities]
    if len(words) > MOST_DENSITIES:
        return f"{len(words)} densities from {words[0]} to {words[-1]}"
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def tickets_in_words(spec: PruneSpec) -> str:
    """Which tickets are trained and what stands beside them."""
    pruning = spec.pruning
    places = [rewind_words(spec, step) for step in spec.rewind_steps]
    controls = ["random masks"] if pruning.random_control else []
    controls += ["redrawn starts"] if pruning.redrawn_control and 0 in spec.rewind_steps else []
    words = f"tickets from {' and '.join(filter(None, (', '.join(places[:-1]), places[-1])))}"
    words += ", as twins" if pruning.twins else ""
    return words + (f", beside {' and '.join(controls)}" if controls else "")


def rewind_words(spec: PruneSpec, step: int) -> str:
    """A rewinding point as a reader knows it."""
    if step == 0:
        return "the initialisation"
    return f"step {count(step)}" if spec.pruning.rewind_unit == "steps" else f"epoch {step // spec.steps_per_epoch}"


def network_name(spec: PruneSpec, kind: LevelKind, rewind: int | None) -> str:
    """Networks of one kind as a list of choices calls them; from where they started only if there is more than one such point."""
    several = rewind is not None and len(spec.rewind_steps) > 1
    return LOOKS[kind].label + (f", from {rewind_words(spec, rewind).removeprefix('the ')}" if several and rewind is not None else "")
