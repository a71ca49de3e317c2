"""The mask of the first layer as a picture: which places of the image the network still looks at."""

from lmc_core.figures.chart import Chart, axis, empty, layout
from lmc_core.figures.density import density_words
from lmc_core.figures.numbers import count

NAME, TITLE = "mask-picture", "First layer's mask"


def mask_picture(kept: list[list[int]], weights: int, words: str = "", height: int = 360) -> Chart:
    """A pixel for each place of the image (or of the patch that a kernel sees), brighter the more of its weights are kept.

    Args:
        kept: weights kept at each place, rows from the top, summed over channels and units.
        weights: of the first layer in all, kept or not.
        words: which network it is.
        height: pixels.
    """
    places = sum(map(len, kept))
    if not places or weights < places:
        return empty(NAME, TITLE, "not measured yet" if not kept else "the first layer is not pruned", height)
    each = weights / places
    shares = [[round(number / each, 5) for number in row] for row in kept]
    top = max(max(row) for row in shares)
    blind = sum(number == 0 for row in kept for number in row)
    trace = {
        "type": "heatmap",
        "z": shares,
        "text": [[f"{count(number)} of {each:,.0f} weights" for number in row] for row in kept],
        "hovertemplate": "row %{y}, column %{x}: %{text} (%{z:.1%})<extra></extra>",
        "colorscale": [[0, "$grid"], [0.02, "$a/0.12"], [1, "$a"]],
        "zmin": 0,
        "zmax": top or 1.0,
        "xgap": 1,
        "ygap": 1,
        "colorbar": {
            "tickformat": ".0%" if top > 0.04 else ".1%",
            "thickness": 10,
            "outlinewidth": 0,
            "len": 0.9,
            "tickfont": {"color": "$muted", "size": 11},
            "title": {"text": "kept", "font": {"color": "$muted", "size": 12}},
        },
    }
    blank = {"showticklabels": False, "ticks": "", "showgrid": False}
    whole = sum(map(sum, kept)) / weights
    seen = f"{density_words(whole)} kept, {count(blind)} of {count(places)} pixels without any weight"
    return Chart(
        NAME,
        TITLE,
        f"{TITLE}{f', {words}' if words else ''}: a picture of {len(kept)} by {len(kept[0])} places; {seen}.",
        [trace],
        layout(
            axis("", constrain="domain", **blank),
            axis("", autorange="reversed", scaleanchor="x", constrain="domain", **blank),
            hovermode="closest",
            margin={"l": 8, "r": 8, "t": 10, "b": 10},
        ),
        note=seen,
        revision=NAME,
        height=height,
    )
