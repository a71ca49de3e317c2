"""Whether the kernel has ended processes because memory ran out, which a process's exit status does not tell."""

import re
from pathlib import Path

PROC, CGROUP = Path("/proc"), Path("/sys/fs/cgroup")


def oom_kills(proc: Path = PROC, cgroup: Path = CGROUP) -> int:
    """How many processes the kernel has killed for want of memory, of this process's control group if that tells, else of the machine.

    Args:
        proc: where /proc is.
        cgroup: where control groups are, of either version.
    """
    for path in (*_counters(proc, cgroup), proc / "vmstat"):
        try:
            found = re.search(r"^oom_kill (\d+)$", path.read_text(), re.MULTILINE)
        except OSError:
            continue
        if found:
            return int(found[1])
    return 0


def _counters(proc: Path, cgroup: Path) -> list[Path]:
    """The files that may count for this process's control group; in a container its own group is the root of what it sees."""
    try:
        lines = [line.split(":", 2) for line in (proc / "self" / "cgroup").read_text().splitlines()]
    except OSError:
        return []
    groups = {kind: path.lstrip("/") for _, kind, path in lines}
    found = []
    if "" in groups:
        found += [cgroup / groups[""] / "memory.events", cgroup / "memory.events"]
    if "memory" in groups:
        found += [cgroup / "memory" / groups["memory"] / "memory.oom_control", cgroup / "memory" / "memory.oom_control"]
    return found
