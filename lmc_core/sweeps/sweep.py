"""A base experiment with one or two factors, and the cells that they make."""

import math
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Generic

from typing_extensions import TypeVar

from lmc_core.errors import LMCError, field, unmarked
from lmc_core.experiment import AnySpec, PruneSpec, TwinsSpec, canonical
from lmc_core.frozen import Frozen
from lmc_core.overrides import LONGEST_FACTOR, choices_of, field_paths, overrides_of, short, unknown, with_overrides

Swept = TypeVar("Swept", TwinsSpec, PruneSpec, default=TwinsSpec)
"""The kind of run that a sweep is of: twins, where nothing else is said."""
TWINS = "twins"
"""The kind that a command means without `--kind`."""
MOST_CELLS = 1000
"""A sweep with more cells is refused before they are made; a server's own limit is lower."""
MAY_BE_EMPTY = ("train_samples", "test_samples", "start.checkpoint")
"""Fields of which nothing is a value: all images, a random initialisation."""
PAIRS = ("seeds.order", "seeds.augmentation", "pruning.densities", "pruning.rewind")
"""Fields whose one value can hold commas; their values stand apart by a semicolon."""
DIGITS = 6
"""Digits of a range's count, at most; a text with more is no range."""
FACTORS = ("factor", "factor2")
"""The query parameters that hold the factors."""


@dataclass(frozen=True)
class Factor:
    """A field of the spec by its dotted path, and the texts of the values that it takes."""

    path: str
    values: tuple[str, ...]

    @property
    def text(self) -> str:
        """The factor as `parse_factor` reads it."""
        return f"{self.path}={(';' if self.path in PAIRS else ',').join(self.values)}"


@dataclass(frozen=True)
class Cell(Generic[Swept]):
    """One ordinary run of a sweep or a preset, with what tells it apart from the others."""

    factors: dict[str, str]
    """Text of its value at each path that varies."""
    spec: Swept
    name: str = ""
    """What a preset calls it, such as `Adam 0.005, warm-up`; empty in a sweep."""
    paper: dict[str, str] | None = None
    """The paper's own values at those paths where it stands for a cell of the paper, which a smaller size has otherwise."""

    @property
    def label(self) -> str:
        """Its name, or its factors as one writes them."""
        return self.name or written(self.factors)


@dataclass(frozen=True)
class Sweep(Generic[Swept]):
    """A base spec and one or two factors; one that exists has cells that are all valid.

    A factor `architecture.name` or `optimizer.name` takes along what the base sets apart from its kind's defaults, where the
    other kind has such a field; the rest starts from that kind's own defaults.

    Raises:
        LMCError: no factor or more than two, the same one twice, an unknown field, a value twice or one that does not fit.
    """

    base: Swept
    factors: tuple[Factor, ...]

    def __post_init__(self) -> None:
        """Refuse what cannot be run, and give each value its usual text."""
        if not 1 <= len(self.factors) <= len(FACTORS):
            raise LMCError(f"A sweep has one or two factors, such as architecture.slope=0,0.1,0.5; here are {len(self.factors)}.")
        paths, model = [factor.path for factor in self.factors], type(self.base)
        if len(set(paths)) < len(paths):
            raise LMCError(f"Both factors are {field(paths[0])}; a sweep's two factors are different fields.")
        for factor in self.factors:
            if factor.path not in field_paths(model):
                raise LMCError(unknown(factor.path, model))
            if not factor.values:
                raise LMCError(f"{field(factor.path)} has no values; give some, such as 0, 0.1.")
        if (count := math.prod(len(factor.values) for factor in self.factors)) > MOST_CELLS:
            raise LMCError(f"The sweep has {count:,} cells; {MOST_CELLS:,} is the most, so give the factors fewer values.")
        cells = self.cells
        usual = tuple(Factor(path, tuple(dict.fromkeys(cell.factors[path] for cell in cells))) for path in paths)
        for given, factor in zip(self.factors, usual, strict=True):
            if len(factor.values) < len(given.values):
                twice = next(text for text in given.values if given.values.count(text) > 1 or text not in factor.values)
                raise LMCError(f"{field(factor.path)} has the value {short(twice)[1:-1]} twice.")
        object.__setattr__(self, "factors", usual)

    @property
    def command(self) -> str:
        """The command line that makes the whole sweep again."""
        return _command(self.base, self.factors)

    @cached_property
    def cells(self) -> tuple[Cell[Swept], ...]:
        """The cross product of the factors' values, the first factor outermost."""
        paths = [factor.path for factor in self.factors]
        return tuple(self._cell(dict(zip(paths, texts, strict=True))) for texts in product(*(factor.values for factor in self.factors)))

    def _cell(self, texts: dict[str, str]) -> Cell[Swept]:
        base = canonical(self.base)
        sections = choices_of(type(self.base))
        kept = {path: text for section in sections for path, text in _taken_along(self.base, section, texts.get(f"{section}.name")).items()}
        try:
            spec = with_overrides({**kept, **texts}, base, type(self.base))
        except LMCError as fault:
            cell = ", ".join(f"{field(path)}={unmarked(text)}" for path, text in texts.items())
            raise LMCError(fault.sentence if len(self.factors) == 1 else f"The cell {cell}: {fault.sentence}") from None
        return Cell({path: text_at(spec, path) for path in texts}, spec)

    @property
    def parameters(self) -> dict[str, str]:
        """The whole sweep as query parameters: the base's settings, then the factors."""
        return overrides_of(self.base) | dict(zip(FACTORS, (factor.text for factor in self.factors), strict=False))


def read_sweep(parameters: Mapping[str, str]) -> Sweep:
    """The sweep that query parameters make, as `Sweep.parameters` gives them.

    Raises:
        LMCError: something in them does not fit, as one sentence.
    """
    settings = dict(parameters)
    factors = [settings.pop(name) for name in FACTORS if name in settings]
    return Sweep(with_overrides(settings), tuple(map(parse_factor, factors)))


_NUMBER = r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?"
_ALMOST_A_RANGE = re.compile(rf"({_NUMBER})\s*(?:-|–|…|\.\.\.?|:|to)\s*({_NUMBER})(?:\s*:\s*{_NUMBER})?", re.IGNORECASE)
"""How others write a range: 0-100, 0..1 without a count, 0:1:11, 0 to 100."""


@dataclass(frozen=True)
class Range:
    """Numbers at equal distance, ends included; they are counted before any of them is made."""

    first: float
    last: float
    count: int

    @property
    def values(self) -> Iterator[str]:
        """The numbers as texts."""
        return (_number(self.first + (self.last - self.first) * place / (self.count - 1)) for place in range(self.count))


def parse_factor(text: str, model: type[AnySpec] = TwinsSpec) -> Factor:
    """The factor that a text such as `architecture.slope=0,0.1,0.5` makes.

    A value of the form `0..1/11` is a range: 11 numbers from 0 to 1 at equal distance, ends included.
    Values that hold commas themselves stand apart by semicolons, as in `seeds.order=1,2;3,4` and `pruning.densities=0.5,0.2;0.1`.

    Args:
        text: of the factor.
        model: of the base.

    Raises:
        LMCError: not of that form, an unknown field, a range that is none, or more than a sweep can have.
    """
    if len(text) > LONGEST_FACTOR:
        raise LMCError(f"A factor has at most {LONGEST_FACTOR:,} characters; {short(text)} has {len(text):,}.")
    path, equals, values = text.partition("=")
    path = path.strip()
    if not equals or not path:
        raise LMCError(f"A factor is a field and its values, such as architecture.slope=0,0.1,0.5; {short(text)} is not of that form.")
    if path not in field_paths(model):
        raise LMCError(unknown(path, model))
    parts = [part.strip() for part in values.split(";" if path in PAIRS else ",")]
    if "" in parts and path not in MAY_BE_EMPTY:
        raise LMCError(f"{field(path)} has an empty value in {short(values)}; give values with commas between, such as 0,0.1,0.5.")
    read = [_range(path, part) or part for part in parts]
    if (count := sum(part.count if isinstance(part, Range) else 1 for part in read)) > MOST_CELLS:
        raise LMCError(f"{field(path)} has {count:,} values; {MOST_CELLS:,} is the most.")
    return Factor(path, tuple(value for part in read for value in (part.values if isinstance(part, Range) else (part,))))


def _range(path: str, part: str) -> Range | None:
    """The range that a text is; None if it is a value."""
    if meant := _ALMOST_A_RANGE.fullmatch(part):
        first, last = meant.groups()
        written_as = f"write {first}..{last}/11 for 11 numbers from {first} to {last}, ends included"
        raise LMCError(f"{field(path)} has {short(part)}, which is no value; for a range {written_as}.")
    ends, _, counted = part.rpartition("/")
    first, dots, last = ends.partition("..")
    if not (first and dots and last and "/" not in ends and counted.isdecimal() and len(counted) <= DIGITS):
        return None
    try:
        found = Range(float(first), float(last), int(counted))
    except ValueError:
        found = Range(math.nan, math.nan, 0)
    if not (math.isfinite(found.last - found.first) and 2 <= found.count <= MOST_CELLS):
        raise LMCError(f"{field(path)} has {short(part)}, which is no range; 0..1/11 is 11 numbers from 0 to 1, {MOST_CELLS:,} the most.")
    return found


def _number(value: float) -> str:
    """The number without what rounding left behind, a whole one without its point."""
    return f"{value:.12g}" if abs(value) < 1e12 else repr(value)


def _command(base: AnySpec, factors: Sequence[Factor]) -> str:
    kind = [] if base.kind == TWINS else ["--kind", base.kind]
    settings = [f"{path}={text}" for path, text in overrides_of(base).items()]
    varied = [word for factor in factors for word in ("--factor", factor.text)]
    return shlex.join(["python", "-m", "lmc_core", "sweep", *kind, *varied, *(["--set", *settings] if settings else [])])


def _taken_along(base: AnySpec, section: str, name: str | None) -> dict[str, str]:
    """What the base sets apart from its kind's defaults and another kind has too, as overrides."""
    part: Frozen = getattr(base, section)
    kinds = choices_of(type(base))[section]
    if name is None or name not in kinds or isinstance(part, kinds[name]):
        return {}
    default = type(part)()
    return {
        f"{section}.{own}": str(getattr(part, own))
        for own in type(part).model_fields
        if own != "name" and own in kinds[name].model_fields and getattr(part, own) != getattr(default, own)
    }


def text_at(spec: AnySpec, path: str) -> str:
    """The usual text of the spec's value at a path: what `--set` takes and a reader expects."""
    value: Any = spec
    for part in path.split("."):
        value = getattr(value, part)
    match value:
        case None:
            return "all"
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(map(str, value))
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e12 else repr(value)
    return str(value)


def written(factors: Mapping[str, str]) -> str:
    """Factors as one writes them, as in `architecture.depth=4, optimizer.lr=0.1`."""
    return ", ".join(f"{path}={text}" for path, text in factors.items())
