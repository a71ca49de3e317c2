"""The theme, which Streamlit reads from its options anew for each run of a page or of a part of it, read once."""

from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session


def read_theme_once() -> None:
    """From now on, let each run of a page take the theme as it was read first; options do not change while a server runs.

    With sixty visitors who watch, reading took a tenth of the web process's time, in the one thread that serves them all.
    """
    read = app_session._populate_theme_msg
    if getattr(read, "reads_once", False):
        return
    kept: dict[str, CustomThemeConfig] = {}

    def take(msg: CustomThemeConfig, section: str = "theme") -> None:
        if section not in kept:
            fresh = CustomThemeConfig()
            read(fresh, section)
            kept[section] = fresh
        msg.MergeFrom(kept[section])

    take.reads_once = True  # type: ignore[attr-defined]
    app_session._populate_theme_msg = take
