"""What tells experiments apart."""

from collections.abc import Sequence

from lmc_core.experiment import AnySpec
from lmc_core.frozen import Frozen
from lmc_core.overrides import UNIONS
from lmc_core.ui.wording import label, title_of, value_name

SHORT = {
    "architecture.depth": "{} layers",
    "architecture.slope": "slope {}",
    "batch_size": "batch {}",
    "epochs": "{} epochs",
    "optimizer.lr": "lr {}",
    "repeats": "{} pairs",
    "schedule.warmup_epochs": "warm-up {}",
    "seeds.init": "init {}",
    "spawn.at": "spawn at {}",
    "train_samples": "{} images",
}
"""How a field's value reads in the label of a run."""
LONGEST_LABEL = 4
"""Fields in the label of a run, where so many tell all runs apart."""

Leaves = dict[str, object]
"""The fields of a spec by their dotted path."""


def short(path: str, value: str) -> str:
    """A field's value with its name in few words, as in `4 layers`; for the fields of `SHORT`."""
    words = SHORT[path].format(value)
    return words.removesuffix("s") if value == "1" and SHORT[path].endswith("s") else words


def leaves(part: Frozen, prefix: str = "") -> Leaves:
    """All fields of a spec by their dotted path, without the kind."""
    found: Leaves = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, Frozen):
            found |= leaves(value, f"{prefix}{name}.")
        elif name != "kind":
            found[prefix + name] = value
    return found


def differences(specs: Sequence[AnySpec]) -> dict[str, list[str]]:
    """The labels of the fields in which specs differ, each with its value in every spec; a missing field is a dash."""
    tables = [leaves(spec) for spec in specs]
    rows = {path: [value_name(table[path]) if path in table else "–" for table in tables] for path in _paths(tables)}
    return {label(path): row for path, row in rows.items() if len(set(row)) > 1}


def short_labels(specs: Sequence[AnySpec]) -> list[str]:
    """A name for each spec that says only what tells it from the others, in few words."""
    tables = [leaves(spec) for spec in specs]
    paths = [path for path in _paths(tables) if _tells_apart(path, tables)]
    names = _names(specs, tables, paths[:LONGEST_LABEL])
    if len(set(names)) < len(names):
        names = _names(specs, tables, paths)
    return [f"{name} ({place + 1})" if names.count(name) > 1 else name for place, name in enumerate(names)]


def _paths(tables: list[Leaves]) -> list[str]:
    return list(dict.fromkeys(path for table in tables for path in table))


def _tells_apart(path: str, tables: list[Leaves]) -> bool:
    """Whether a field differs, and not only because one network or optimiser has it and the others do not."""
    union = path.split(".")[0] in UNIONS and not path.endswith(".name")
    return len({str(table.get(path)) for table in tables if path in table or not union}) > 1


def _names(specs: Sequence[AnySpec], tables: list[Leaves], paths: list[str]) -> list[str]:
    pairs = zip(specs, tables, strict=True)
    names = [", ".join(_short(path, table[path]) for path in paths if path in table) or title_of(spec) for spec, table in pairs]
    return [name[0].upper() + name[1:] for name in names]


def _short(path: str, value: object) -> str:
    if path in SHORT:
        return short(path, value_name(value))
    if path == "dataset" or path.endswith(".name"):
        return value_name(value)
    return f"{label(path).lower()} {value_name(value)}"
