"""Small pieces of HTML that a page is made of; every text is escaped."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Tile:
    """A number with its name and a remark below it."""

    name: str
    value: str
    remark: str = ""


def valley(connected: bool | None) -> str:
    """A drawing of the twins in one valley or in two."""
    name, words = ("one", "one valley") if connected else ("two", "two valleys with a barrier between them")
    return f'<span class="lmc-valley {name}" role="img" aria-label="Drawing: {words}"><i></i><b></b><b></b></span>'


def status(headline: str, sentence: str, connected: bool | None = None, drawing: bool = False) -> str:
    """What is known of a run, in large letters and one sentence."""
    words = f'<div class="headline">{escape(headline)}</div><div class="sentence">{_sentence(sentence)}</div>'
    return f'<div class="lmc-status">{valley(connected) if drawing else ""}<div class="words">{words}</div></div>'


def working(headline: str, sentence: str, fraction: float | None) -> str:
    """A run that is not there yet, with a bar of how far it is; None where that is not known."""
    share = "" if fraction is None else f' style="width:{100 * min(max(fraction, 0.0), 1.0):.1f}%"'
    value = "" if fraction is None else f' aria-valuenow="{100 * fraction:.0f}"'
    bar = (
        f'<div class="lmc-bar{" unknown" if fraction is None else ""}" role="progressbar" aria-label="Training" aria-valuemin="0" '
        f'aria-valuemax="100"{value}><div{share}></div></div>'
    )
    words = f'<div class="headline">{escape(headline)}</div><div class="sentence">{_sentence(sentence)}</div>'
    return f'<div class="lmc-status"><div class="words">{words}{bar}</div></div>'


def _sentence(text: str) -> str:
    """A sentence whose commands, in backticks, are set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def field_fault(sentence: str) -> str:
    """What is wrong with what stands in a field, to be put below it."""
    return f'<div class="lmc-fault" role="alert">{escape(sentence)}</div>'


def heading(kicker: str, title: str = "", more: str = "") -> str:
    """Which run is shown, in words."""
    parts = (("kicker other" if title else "kicker", kicker), ("title", title), ("more", more))
    lines = "".join(f'<div class="{name}">{escape(text)}</div>' for name, text in parts if text)
    return f'<div class="lmc-experiment">{lines}</div>'


def tiles(items: Sequence[Tile]) -> str:
    """Numbers side by side, as many in a row as there is room for."""
    parts = (f"<div><dt>{escape(tile.name)}</dt><dd>{escape(tile.value)}<small>{escape(tile.remark)}</small></dd></div>" for tile in items)
    return f'<dl class="lmc-tiles">{"".join(parts)}</dl>'


def experiment(title: str, more: str, costs: Mapping[str, str]) -> str:
    """An experiment in words, with what it will cost."""
    cost = "".join(f"<span><b>{escape(value)}</b> {escape(name)}</span>" for name, value in costs.items())
    return (
        f'<div class="lmc-experiment"><div class="title">{escape(title)}</div><div class="more">{escape(more)}</div>'
        f'<div class="cost">{cost}</div></div>'
    )


def facts(items: Mapping[str, str]) -> str:
    """Names with their values, one a line."""
    return '<dl class="lmc-facts">' + "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in items.items()) + "</dl>"


def scrolled_table(columns: Mapping[str, Sequence[str]]) -> str:
    """A table that is scrolled from side to side where it is wider than the page."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(f"<tr>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>" for row in zip(*columns.values(), strict=True))
    return f'<div class="lmc-paper" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
