"""A page's link: the fields in which its experiment differs from the default, and the run that it shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, get_args

from lmc_core.errors import LMCError
from lmc_core.experiment import Spec, TwinsSpec
from lmc_core.figures.interpolation import Measure
from lmc_core.overrides import LONGEST_LINK, LONGEST_VALUE, MOST_PARAMETERS, field_paths, overrides_of, short, with_overrides
from lmc_core.ui.run_link import RUN
from lmc_core.ui.wording import in_words

MEASURE = "measure"
MEASURES: tuple[Measure, ...] = get_args(Measure)
FOLLOWERS = (
    "dclid",
    "fbclid",
    "gad_source",
    "gbraid",
    "gclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "msclkid",
    "ref",
    "twclid",
    "wbraid",
    "yclid",
)
"""Parameters that search engines, networks and mail programs add to links that pass through them; `utm_` begins more of them."""

MOST_TOGETHER = 6
"""Of so many texts that fit none alone, two are tried together: each try costs as much as a whole spec."""


@dataclass(frozen=True)
class Link:
    """What a link says; `complaints` are sentences on what in it was not understood and is left at its default."""

    spec: TwinsSpec
    run: str | None = None
    measure: Measure = "error"
    complaints: tuple[str, ...] = ()

    def parameters(self) -> dict[str, str]:
        """The link as query parameters; an experiment at its defaults leaves them short."""
        parameters = overrides_of(self.spec)
        if self.run:
            parameters[RUN] = self.run
        if self.measure != MEASURES[0]:
            parameters[MEASURE] = self.measure
        return parameters


def read_link(parameters: Mapping[str, str]) -> Link:
    """The link that query parameters make; a field that does not fit keeps its default and the rest holds."""
    texts, complaints = readable(parameters)
    run, wanted = texts.pop(RUN, None) or None, texts.pop(MEASURE, MEASURES[0])
    measure = next((measure for measure in MEASURES if measure == wanted), None)
    complaints += [] if measure else [f"{MEASURE} is {short(wanted)}; allowed: {', '.join(MEASURES)}."]
    found = closest_spec(texts, TwinsSpec)
    return Link(found.spec, run, measure or MEASURES[0], (*complaints, *found.complaints))


def readable(parameters: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The parameters of a link that are looked into, and a sentence for each that is too much.

    What others add to links to follow their readers is left out without a word.
    """
    texts: dict[str, str] = {}
    complaints: list[str] = []
    left = LONGEST_LINK
    for place, (path, text) in enumerate(parameters.items()):
        if place >= MOST_PARAMETERS:
            complaints.append(f"it has {len(parameters):,} parameters; {MOST_PARAMETERS} is the most.")
            break
        if path in FOLLOWERS or path.startswith("utm_"):
            continue
        if len(path) + len(text) > LONGEST_VALUE:
            complaints.append(f"{short(path)[1:-1]} has {len(text):,} characters; {LONGEST_VALUE:,} is the most.")
            continue
        left -= len(path) + len(text)
        if left < 0:
            complaints.append(f"it is longer than {LONGEST_LINK:,} characters; the rest of it was not read.")
            break
        texts[path] = text
    return texts, complaints


@dataclass(frozen=True)
class Closest(Generic[Spec]):
    """The spec that comes closest to what texts say.

    Attributes:
        spec: with as many of the texts as are settings and fit together.
        taken: the texts that it has, by their paths.
        complaints: a sentence for each text that is no setting or does not fit.
    """

    spec: Spec
    taken: Mapping[str, str]
    complaints: tuple[str, ...]


def closest_spec(parameters: Mapping[str, str], model: type[Spec]) -> Closest[Spec]:
    """The spec with as many of the texts as are settings and fit together, and a sentence for each that is not or does not.

    Whether a text fits can hang on another one, such as a batch on the data set, so all are tried until none is taken any more;
    of a section also two together, such as a mean and a standard deviation, of which neither fits without the other.
    """
    known = set(field_paths(model))
    texts = {path: text for path, text in parameters.items() if path in known}
    strange = [f"there is no setting {short(path)}." for path in parameters if path not in known]
    taken: dict[str, str] = {}
    spec, faults = model(), dict.fromkeys(texts, "")
    while True:
        left = sorted((path for path in texts if path not in taken), key=lambda path: not path.endswith(".name"))
        together = [pair for pair in combinations(left[:MOST_TOGETHER], 2) if len({path.rpartition(".")[0] for path in pair}) == 1]
        for paths in [*((path,) for path in left), *together]:
            if taken.keys() & set(paths):
                continue
            try:
                spec = with_overrides({**taken, **{path: texts[path] for path in paths}}, model=model)
            except LMCError as fault:
                faults |= {path: in_words(fault) for path in paths} if len(paths) == 1 else {}
            else:
                taken |= {path: texts[path] for path in paths}
        if len(left) == len(texts) - len(taken):
            return Closest(spec, taken, (*strange, *(faults[path] for path in texts if path in left)))
