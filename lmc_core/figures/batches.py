"""The first images of the first batch under different seeds, each drawn again to show that it is the same (paper, figure 4)."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from lmc_core.figures.chart import Chart, Trace, axis, empty, layout
from lmc_core.figures.numbers import counted

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]

GAP = 1
"""Pixels of a data set's image between two of them."""
IMAGE_PIXELS = 54
"""Height of an image on the page."""


@dataclass(frozen=True)
class Batch:
    """What one seed gave in one drawing: images [number, height, width] or [number, height, width, 3], from 0 to 255."""

    seed: str
    draw: int
    images: Pixels


def batches(drawn: Sequence[Batch], name: str = "figure4") -> Chart:
    """A row of images for each drawing, drawings of one seed below each other; the note says whether they are equal."""
    title = "The first images that each seed draws"
    if not drawn:
        return empty(name, title, "no batch drawn yet")
    seeds = list(dict.fromkeys(batch.seed for batch in drawn))
    rows = [batch for seed in seeds for batch in drawn if batch.seed == seed]
    side, most = rows[0].images.shape[1] + GAP, max(len(batch.images) for batch in rows)
    traces: list[Trace] = [
        {
            "type": "image",
            "source": _png(_strip(batch.images)),
            "x0": 0.5,
            "dx": 1,
            "y0": place * side + 0.5,
            "dy": 1,
            "name": f"Seed {batch.seed}, drawing {batch.draw}",
            "hovertemplate": f"Seed {batch.seed}, drawing {batch.draw}<extra></extra>",
        }
        for place, batch in enumerate(rows)
    ]
    middles = [place * side + side / 2 for place in range(len(rows))]
    labels = [f"seed {batch.seed}, drawing {batch.draw}" for batch in rows]
    blank = {"showgrid": False, "ticks": "", "zeroline": False}
    verdicts = {seed: all_same([batch for batch in rows if batch.seed == seed]) for seed in seeds}
    apart = len({rows_of.images.tobytes() for seed in seeds for rows_of in [next(batch for batch in rows if batch.seed == seed)]}) == len(
        seeds
    )
    same = "each seed draws the same images every time" if all(verdicts.values()) else "∗ a seed draws different images the second time"
    other = "different seeds draw different images" if apart else "∗ two seeds draw the same images"
    return Chart(
        name,
        title,
        f"{counted(most, 'image')} a row, {counted(len(rows), 'row')}: {', '.join(labels)}; {same}, {other}.",
        traces,
        layout(
            axis("", range=[0, most * side], showticklabels=False, **blank),
            axis("", range=[len(rows) * side, 0], tickvals=middles, ticktext=labels, **blank),
            hovermode="closest",
        ),
        note=f"{same}, {other}" if len(seeds) > 1 else same,
        height=len(rows) * IMAGE_PIXELS + 60,
        width=most * IMAGE_PIXELS // 2 + 140,
    )


def all_same(drawn: Sequence[Batch]) -> bool:
    """Whether all drawings hold the same images, bit by bit."""
    return all(np.array_equal(batch.images, drawn[0].images) for batch in drawn)


def _strip(images: Pixels) -> Pixels:
    """The images side by side, with clear pixels between them: [height, width, 4]."""
    coloured = images if images.ndim == 4 else np.repeat(images[..., None], 3, axis=-1)
    number, height, width, _ = coloured.shape
    strip = np.zeros((height, number * (width + GAP), 4), np.uint8)
    for place, image in enumerate(coloured):
        start = place * (width + GAP)
        strip[:, start : start + width, :3], strip[:, start : start + width, 3] = image, 255
    return strip


def _png(pixels: Pixels) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
