"""In a worker process: which runs were asked to stop. The loop looks at this after every step, so it costs next to nothing."""

_LAST_STOPPED: dict[tuple[str, str], int] = {}


def request(cache_dir: str, run_id: str, attempt: int) -> None:
    """Ask this attempt at a cache's run, and earlier ones, to stop at a checkpoint."""
    _LAST_STOPPED[cache_dir, run_id] = max(attempt, _LAST_STOPPED.get((cache_dir, run_id), 0))


def requested(cache_dir: str, run_id: str, attempt: int) -> bool:
    """Whether this attempt at a cache's run shall stop."""
    return attempt <= _LAST_STOPPED.get((cache_dir, run_id), 0)
