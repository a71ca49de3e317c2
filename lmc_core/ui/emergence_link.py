"""The link of the page of emergence: what twins share, until when, and what the chart shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from lmc_core.data.spec import Split
from lmc_core.errors import LMCError
from lmc_core.experiment import TwinsSpec
from lmc_core.figures.cell_lines import Quantity
from lmc_core.overrides import overrides_of, short
from lmc_core.studies.emergence import PRETRAINED_BY, WAYS, Emergence, Way, parse_values, written_values
from lmc_core.studies.emergence_presets import EMERGENCE, NETWORKS
from lmc_core.sweeps.plan import SIZES, Size
from lmc_core.ui.emergence_drawing import QUANTITIES
from lmc_core.ui.link import closest_spec, readable
from lmc_core.ui.sweep_link import ON, SHOWS, SPLITS
from lmc_core.ui.wording import in_words

BY, VALUES, FOLDER, PRETRAIN = "by", "values", "checkpoints", "pretrain."

Name = TypeVar("Name", bound=str)


@dataclass(frozen=True)
class EmergenceLink:
    """What the link says; values stand as they were typed, and `complaints` say what was not understood."""

    way: Way
    spec: TwinsSpec
    values: str
    source: Mapping[str, str] = field(default_factory=dict)
    folder: str = ""
    quantity: Quantity = "error"
    split: Split = "test"
    complaints: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """The link as query parameters."""
        first = example()
        same = (self.way, self.spec, self.values, self.folder) == (first.way, first.spec, first.values, "")
        parameters = {} if same else {BY: self.way, VALUES: self.values, **overrides_of(self.spec)}
        if self.way == "pretraining":
            parameters |= {PRETRAIN + path: text for path, text in self.source.items()}
            parameters |= {FOLDER: self.folder} if self.folder else {}
        parameters |= {SHOWS: self.quantity} if self.quantity != QUANTITIES[0] else {}
        return parameters | ({ON: self.split} if self.split != SPLITS[0] else {})

    def study(self, stages: tuple[str, ...] = ()) -> Emergence:
        """The study that the link describes.

        Args:
            stages: the checkpoints in its folder, as `stages_in` lists them.

        Raises:
            LMCError: the values do not fit together; one sentence says which.
        """
        source, folder = (self.source, self.folder) if self.way == "pretraining" else ({}, "")
        return Emergence(self.way, self.spec, parse_values(self.values), source, folder, stages if folder else ())


def read_emergence_link(parameters: Mapping[str, str]) -> EmergenceLink:
    """The link that query parameters make; what does not fit keeps its default and the rest holds. An empty one is the example."""
    texts, complaints = readable(parameters)
    way = _known(BY, texts.pop(BY, WAYS[0]), WAYS, complaints)
    quantity = _known(SHOWS, texts.pop(SHOWS, QUANTITIES[0]), QUANTITIES, complaints)
    split = _known(ON, texts.pop(ON, SPLITS[0]), SPLITS, complaints)
    values, folder = texts.pop(VALUES, ""), texts.pop(FOLDER, "")
    source = {path.removeprefix(PRETRAIN): texts.pop(path) for path in list(texts) if path.startswith(PRETRAIN)}
    if strange := [path for path in source if path not in PRETRAINED_BY]:
        complaints.append(f"there is no setting {short(PRETRAIN + strange[0])}.")
        source = {path: text for path, text in source.items() if path in PRETRAINED_BY}
    base = closest_spec(texts, TwinsSpec)
    complaints += base.complaints
    if values:
        try:
            parse_values(values)
        except LMCError as fault:
            complaints.append(in_words(fault))
            values = ""
    if not values and not base.taken:
        start = started(way, next(iter(NETWORKS)), SIZES[0])
        return EmergenceLink(way, start.spec, start.values, {**start.source, **source}, folder, quantity, split, tuple(complaints))
    return EmergenceLink(way, base.spec, values or "0", source, folder, quantity, split, tuple(complaints))


def started(way: Way, network: str, size: Size) -> EmergenceLink:
    """The page at a network's study of a size."""
    study = EMERGENCE[f"{way}_{network}"].make(size)
    return EmergenceLink(way, study.base, written_values(study.values), dict(study.source))


def example() -> EmergenceLink:
    """What the page opens with."""
    return started(WAYS[0], next(iter(NETWORKS)), SIZES[0])


def place_of(link: EmergenceLink) -> tuple[str, Size] | None:
    """The network and the size of the study that a link stands at; None where it is one of the visitor's own."""
    if link.way == "pretraining" and link.folder:
        return None
    try:
        study = link.study()
    except LMCError:
        return None
    return next(((network, size) for network in NETWORKS for size in SIZES if EMERGENCE[f"{link.way}_{network}"].make(size) == study), None)


def _known(name: str, wanted: str, allowed: tuple[Name, ...], complaints: list[str]) -> Name:
    for option in allowed:
        if option == wanted:
            return option
    complaints.append(f"{name} is {short(wanted)}; allowed: {', '.join(allowed)}.")
    return allowed[0]
