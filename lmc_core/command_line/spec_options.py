"""The options by which a command takes a spec."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lmc_core.checkpoints.resolve import resolve, with_start
from lmc_core.errors import LMCError
from lmc_core.experiment import SPECS, AnySpec, Spec, canonical, spec_model
from lmc_core.overrides import LONGEST_FILE, parse_spec, short, text_of, with_overrides
from lmc_core.settings import Settings
from lmc_core.studies.presets import PRESETS, Preset
from lmc_core.studies.pruning_presets import PRUNING_PRESETS

ALL_PRESETS: Mapping[str, Preset[Any]] = {**PRESETS, **PRUNING_PRESETS}
"""The presets of single runs of every kind."""


def add_spec_options(
    parser: argparse.ArgumentParser,
    presets: Mapping[str, Preset[Any]],
    example: str = "architecture.depth=4 optimizer.name=adam seeds.order=1,2",
) -> None:
    """Add --spec, --preset and --set.

    Args:
        parser: of the command.
        presets: from which a spec may start.
        example: of settings, for the help.
    """
    parser.add_argument("--spec", type=Path, metavar="FILE", help="a JSON file with a spec, such as the page offers for download")
    parser.add_argument("--preset", choices=sorted(presets), metavar="NAME", help=f"start from one of: {', '.join(presets)}")
    parser.add_argument(
        "--set",
        dest="settings",
        nargs="+",
        action="extend",
        default=[],
        metavar="KEY=VALUE",
        help=f"set a field by its path, for example {example}",
    )


def spec_from(options: argparse.Namespace, model: type[Spec]) -> Spec:
    """The spec that the options describe: a file's, a preset's or the default one, with --set on top.

    `start.checkpoint` alone also sets the architecture, which further settings change; with `architecture.name` or
    `start.fingerprint` beside it, as in the commands that the program prints, the settings spell the architecture out.

    Raises:
        LMCError: a file that cannot be read or is not JSON, or holds another kind of spec; an unknown field, a value that does
            not fit; a checkpoint that is not to be had.
    """
    return spec_on(_base(options, model), options.settings, model)


def spec_on(base: dict[str, Any], settings: Sequence[str], model: type[Spec]) -> Spec:
    """The spec that texts such as `epochs=20` make of a base, with its checkpoint found.

    Raises:
        LMCError: as `spec_from`.
    """
    texts, data_dir = pairs(settings), Settings.from_environment().data_dir
    if (name := texts.get("start.checkpoint")) and not texts.keys() & {"architecture.name", "start.fingerprint"}:
        found = resolve(name, data_dir, anywhere=True)
        base = base | {"architecture": canonical(found.architecture), "start": canonical(found.start)}
        texts["start.checkpoint"] = found.name
    spec = with_overrides(texts, base, model)
    return spec if spec.start.fingerprint else with_start(spec, data_dir, anywhere=True)


def any_spec_from(options: argparse.Namespace) -> AnySpec:
    """The same for whichever kind the options name: the file's, the preset's, that of `options.kind`, or else twins.

    Raises:
        LMCError: as `spec_from`.
    """
    if options.kind is not None:
        return spec_from(options, SPECS[options.kind])
    if options.preset is not None:
        model: type[AnySpec] = ALL_PRESETS[options.preset].model
    else:
        model = spec_model(_read_json(options.spec) if options.spec is not None else {})
    return spec_from(options, model)


def _base(options: argparse.Namespace, model: type[Spec]) -> dict[str, Any]:
    if options.spec is not None and options.preset is not None:
        raise LMCError("--spec and --preset both name where to start; give one of them.")
    if options.preset is not None:
        preset = ALL_PRESETS[options.preset]
        _expect(preset.model, model, f"The preset {options.preset}")
        return canonical(preset.spec)
    if options.spec is not None:
        values = _read_json(options.spec)
        _expect(spec_model(values), model, f"The spec file {options.spec}")
        return canonical(parse_spec(values, model))
    return {}


def _expect(found: type[AnySpec], wanted: type[Spec], what: str) -> None:
    if found is not wanted:
        kind, other = (model.model_fields["kind"].default for model in (found, wanted))
        raise LMCError(f"{what} describes {kind}, not {other}; `python -m lmc_core {kind}` takes it.")


def _read_json(path: Path) -> object:
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_FILE + 1)
    except OSError as fault:
        raise LMCError(f"The spec file {path} cannot be read: {fault.strerror}.") from None
    if len(content) > LONGEST_FILE:
        raise LMCError(f"The spec file {path} has more than {LONGEST_FILE:,} bytes; a spec is a short JSON object.")
    try:
        return json.loads(text_of(content))
    except (ValueError, RecursionError):
        raise LMCError(f"The spec file {path} is not JSON.") from None


def pairs(texts: Sequence[str], option: str = "--set") -> dict[str, str]:
    """The keys and values of texts such as `epochs=20`.

    Raises:
        LMCError: one is not of that form; the sentence names the option.
    """
    return dict(_pair(text, option) for text in texts)


def _pair(text: str, option: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise LMCError(f"{option} takes KEY=VALUE, such as epochs=20; {short(text)} is not of that form.")
    return key, value
