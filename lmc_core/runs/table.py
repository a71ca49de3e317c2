"""Tables that grow with what a run tells, in little memory; where pages look at them, older moments are thinned out."""

import io
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

Row = tuple[int | float | str | bool | None, ...]
Column = np.ndarray | tuple[object, ...]

Key = TypeVar("Key", bound=Hashable)
Kept = TypeVar("Kept")

SHOWN_ROWS = 50_000
"""Most rows of a table that a process keeps to show them: a chart shows no more, and the whole table is on the disk."""
KEPT_ROWS = 1_000_000
"""Most rows of all runs together that a process keeps to show them; those that nobody looked at for longest go first."""
BATCH_ROWS = 65_536


@dataclass(frozen=True, eq=False)
class _Moment:
    """The rows that one event told."""

    epoch: int
    step: int
    count: int
    columns: tuple[Column, ...]


class Table:
    """Rows that come in order of their step, as many at a time as one event tells; told again, a moment is replaced.

    Args:
        columns: names and kinds.
        most_rows: beyond which every second moment is left out, but for the last; None keeps all.
    """

    def __init__(self, columns: Mapping[str, str], most_rows: int | None = None) -> None:
        self._columns = columns
        self._moments: list[_Moment] = []
        self.most_rows = most_rows

    def put(self, epoch: int, step: int, rows: tuple[Row, ...]) -> None:
        """Add the rows of one moment; what was told of this moment or later ones before is forgotten."""
        while self._moments and self._moments[-1].epoch >= epoch:
            self._moments.pop()
        values = zip(*rows, strict=True) if rows else [()] * len(self._columns)
        packed = tuple(_packed(kind, column) for kind, column in zip(self._columns.values(), values, strict=True))
        self._moments.append(_Moment(epoch, step, len(rows), packed))
        while self.most_rows is not None and len(self._moments) > 2 and self.rows > self.most_rows:
            self._moments = [*self._moments[:-1:2], self._moments[-1]]

    def back_to(self, step: int) -> None:
        """Forget what was told of later steps: the run goes on from here."""
        while self._moments and self._moments[-1].step > step:
            self._moments.pop()

    @property
    def last_epoch(self) -> int:
        """The epoch of the last rows; 0 where there are none."""
        return self._moments[-1].epoch if self._moments else 0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(moment.count for moment in self._moments)

    def last(self, name: str) -> list[object]:
        """A column's values in the rows of the last moment; a number that is not known is NaN."""
        return list(self._moments[-1].columns[list(self._columns).index(name)]) if self._moments else []

    def copy(self) -> "Table":
        """A table that can grow apart from this one."""
        table = Table(self._columns, self.most_rows)
        table._moments = list(self._moments)
        return table

    def frame(self) -> pd.DataFrame:
        """All rows as a data frame with the table's columns."""
        columns = list(zip(*(moment.columns for moment in self._moments), strict=True)) or [()] * len(self._columns)
        return pd.DataFrame({name: _series(kind, parts) for (name, kind), parts in zip(self._columns.items(), columns, strict=True)})


def frame_of(columns: Mapping[str, str], rows: Iterable[Row]) -> pd.DataFrame:
    """Rows as a data frame whose columns have their types, also where there are none."""
    values: Iterable[Iterable[object]] = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pd.DataFrame({name: pd.Series(list(column), dtype=kind) for (name, kind), column in zip(columns.items(), values, strict=True)})


def within_bounds(kept: "OrderedDict[Key, Kept]", most: int, rows: Callable[[Kept], int]) -> None:
    """Drop what was used longest ago, until what is left has no more rows than this; what was used last stays.

    Args:
        kept: what was used last stands at the end.
        most: rows.
        rows: of one of them.
    """
    total = 0
    for place, key in enumerate(reversed(list(kept))):
        total += rows(kept[key])
        if place and total > most:
            del kept[key]


def shown_part(content: bytes) -> tuple[pd.DataFrame, bool]:
    """A stored table as far as it is shown, and whether that is all of it: of a long one every so many steps, and the last.

    Args:
        content: of a Parquet file.
    """
    file = pq.ParquetFile(io.BytesIO(content))
    rows = file.metadata.num_rows
    if rows <= SHOWN_ROWS or "step" not in file.schema_arrow.names:
        return pd.read_parquet(io.BytesIO(content)), True
    steps = np.unique(file.read(["step"]).column("step").to_numpy())
    chosen = np.union1d(steps[:: -(-rows // SHOWN_ROWS)], steps[-1:])
    parts = [pa.Table.from_batches([batch]) for batch in file.iter_batches(BATCH_ROWS)]
    kept = [part.filter(pc.is_in(part.column("step"), value_set=pa.array(chosen))) for part in parts]
    return pa.concat_tables(kept).to_pandas().reset_index(drop=True), False


def _packed(kind: str, values: Iterable[object]) -> Column:
    """A column's values, numbers as plain numbers."""
    if kind in ("float64", "int64"):
        return np.array(tuple(values), dtype=kind)  # None becomes NaN
    return tuple(values)


def _series(kind: str, parts: Iterable[Column]) -> pd.Series:
    if kind in ("float64", "int64"):
        return pd.Series(np.concatenate([np.empty(0, kind), *map(np.asarray, parts)]), dtype=kind)
    return pd.Series(list(chain.from_iterable(parts)), dtype=kind)
