"""In a worker process: which runs were asked to stop. The loop looks at this after every step, so it costs next to nothing."""

_LAST_STOPPED: dict[str, int] = {}


def request(run_id: str, attempt: int) -> None:
    """Ask this attempt at a run, and earlier ones, to stop at a checkpoint."""
    _LAST_STOPPED[run_id] = max(attempt, _LAST_STOPPED.get(run_id, 0))


def requested(run_id: str, attempt: int) -> bool:
    """Whether this attempt at a run shall stop."""
    return attempt <= _LAST_STOPPED.get(run_id, 0)
