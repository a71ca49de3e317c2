"""The pruning experiment that a visitor is putting together, kept in step with the page's link."""

from collections.abc import Mapping
from dataclasses import replace

from lmc_core.errors import LMCError
from lmc_core.experiment import PruneSpec
from lmc_core.overrides import field_paths
from lmc_core.ui.controls import set_controls
from lmc_core.ui.gallery import is_finished
from lmc_core.ui.pruning_link import Networks, Over, PruneLink, read_prune_link
from lmc_core.ui.run_link import spec_of_run
from lmc_core.ui.standing import Standing
from lmc_core.ui.wording import in_words


def current_pruning() -> PruneLink:
    """What the page stands at: its link, or the controls."""
    return _STANDING.current()


def keep_pruning(draft: PruneLink) -> None:
    """Remember where the page stands, and write it into the link."""
    _STANDING.keep(draft if draft.spec == _STANDING.draft.spec else replace(draft, complaints=()))


def kept_pruning() -> PruneLink:
    """Where the page stands, for a part of it that is drawn anew by itself."""
    return _STANDING.draft


def prune_from(spec: PruneSpec) -> None:
    """Set the whole experiment, from a widget's callback or before the controls are drawn; its own run is shown where it is there."""
    run = None if is_finished(spec) else _STANDING.draft.run
    _STANDING.put(replace(_STANDING.draft, spec=spec, run=run, complaints=()))
    set_controls(spec)


def show_pruning(run_id: str) -> None:
    """Let the page show a run and choose what of it is looked at, from a widget's callback."""
    _STANDING.put(replace(_STANDING.draft, run=run_id, networks=None, density=None))


def look_at(networks: Networks | None, density: float | None) -> None:
    """Let the page look at these networks, from a widget's callback; the link follows at once."""
    keep_pruning(replace(_STANDING.draft, networks=networks, density=density))


def lay_over(over: Over) -> None:
    """Let the open question's chart lie over the density or the rewinding point, from a widget's callback."""
    keep_pruning(replace(_STANDING.draft, over=over))


def open_pruning(spec: PruneSpec, run_id: str) -> None:
    """Let the page stand at a run and its experiment when it is next opened."""
    _STANDING.leave_at(PruneLink(spec, run_id))


def _read(parameters: Mapping[str, str]) -> PruneLink:
    """A link that names a run alone stands at the run's own experiment; one that names no run that can be shows none."""
    link = read_prune_link(parameters)
    if link.run is None:
        return link
    try:
        spec = spec_of_run(link.run, PruneSpec)
    except LMCError as fault:
        return replace(link, run=None, complaints=(*link.complaints, in_words(fault)))
    alone = not set(parameters) & set(field_paths(PruneSpec))
    return replace(link, spec=spec) if alone and spec is not None else link


_STANDING = Standing("pruning", _read, lambda draft: set_controls(draft.spec))
