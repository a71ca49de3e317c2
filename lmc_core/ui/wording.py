"""Experiments in words, and the names of fields and values as a reader knows them."""

from lmc_core.data.catalog import CATALOG
from lmc_core.figures.numbers import count, counted
from lmc_core.spec import CNN, MLP, SGD, Attention, LinearNet, LocallyConnected, TwinsSpec

LABELS = {
    "dataset": "Data set",
    "train_samples": "Training images",
    "augmentation": "Augmentation",
    "architecture.name": "Network",
    "architecture.depth": "Weight layers",
    "architecture.slope": "Leaky-ReLU slope p",
    "architecture.head_dim": "Head dimension",
    "architecture.kernel": "Kernel = stride",
    "optimizer.name": "Optimiser",
    "optimizer.lr": "Learning rate",
    "optimizer.clip_norm": "Clip norm",
    "schedule.name": "Schedule",
    "schedule.warmup_epochs": "Warm-up epochs",
    "seeds.init": "Initialisation seed",
    "seeds.order": "Order seeds A, B",
    "seeds.augmentation": "Augment seeds A, B",
    "spawn.at": "Spawn point",
    "spawn.unit": "Counted in",
    "repeats": "Pairs of twins",
    "measurement.alphas": "Points on the line",
    "measurement.every": "Measure every … epochs",
}
"""Labels of the fields whose name alone does not say enough."""

VALUES: dict[str, str] = {
    **{str(name): facts.title for name, facts in CATALOG.items()},
    "linear": "Linear net",
    "mlp": "MLP",
    "cnn": "CNN",
    "lc_cnn": "Locally connected CNN",
    "attention": "One attention layer",
    "sgd": "SGD",
    "adam": "Adam",
    "adamw": "AdamW",
    "none": "None",
    "shift_flip": "Shift and flip",
    "constant": "Constant",
    "cosine": "Cosine",
    "cpu": "CPU",
    "cuda": "GPU (CUDA)",
    "auto": "Automatic",
    "float32": "float32",
    "bfloat16": "bfloat16",
}
"""Words for the values that are names."""


def label(path: str) -> str:
    """A field's name as a reader knows it."""
    return LABELS.get(path) or path.split(".")[-1].replace("_", " ").capitalize()


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


def network_in_words(spec: TwinsSpec) -> str:
    """The network in a few words, as in: MLP, 1 hidden layer of 512, ReLU."""
    match spec.architecture:
        case LinearNet(depth=1):
            return "Logistic regression"
        case LinearNet(depth=depth, width=width):
            return f"Linear net, {depth} layers of {count(width)}"
        case MLP(depth=depth, width=width, slope=slope):
            return (
                f"MLP, {counted(depth - 1, 'hidden layer')} of {count(width)}, {_activation(slope)}"
                if depth > 1
                else "MLP without hidden layer"
            )
        case CNN(filters=filters, kernel=kernel, slope=slope):
            return f"CNN, {count(filters)} filters of {kernel}×{kernel}, {_activation(slope)}"
        case LocallyConnected(filters=filters, kernel=kernel, slope=slope):
            return f"Locally connected CNN, {count(filters)} filters of {kernel}×{kernel}, {_activation(slope)}"
        case Attention(patch=patch, heads=heads, head_dim=width):
            return f"One attention layer, {heads} heads of {width}, patches of {patch}×{patch}"


def training_in_words(spec: TwinsSpec) -> str:
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


def data_in_words(spec: TwinsSpec) -> str:
    """Data set, number of training images where it is not all, augmentation."""
    images = f", {count(spec.train_samples)} training images" if spec.train_samples is not None else ""
    return CATALOG[spec.dataset].title + images + (", shifted and flipped" if spec.augmentation != "none" else "")


def title_of(spec: TwinsSpec) -> str:
    """The experiment's headline: network and data."""
    return f"{network_in_words(spec)} on {data_in_words(spec)}"


def subtitle_of(spec: TwinsSpec) -> str:
    """The rest of the experiment in one line."""
    return f"{training_in_words(spec)} · {counted(spec.repeats, 'pair')}, {noise_in_words(spec)}"


def _activation(slope: float) -> str:
    return "ReLU" if slope == 0 else "linear" if slope == 1 else f"Leaky-ReLU {slope:g}"
