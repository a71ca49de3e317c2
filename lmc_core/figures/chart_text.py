"""Texts from outside in a chart, which Plotly would read as HTML."""

BREAK = "\N{WORD JOINER}"
"""Has no width, and makes a tag that Plotly knows one that it does not know and shows as it stands."""


def chart_text(text: str) -> str:
    """The text as a chart can show it as it stands."""
    return text.replace("<", f"<{BREAK}")
