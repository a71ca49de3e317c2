"""Whether anything is lost, whoever dies: `python -m benchmarks.soak` kills workers and servers under load and prints what it counts.

Two servers and command lines share one cache, and train runs of every kind. Their workers are killed, also several in quick
succession, and so are they themselves; logs and the journal are torn while nobody runs; a disk runs full. In the end each run is
compared with the same run made undisturbed. Everything is on this machine, and ends by itself.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.soak_runs import Findings, batch, compare
from benchmarks.soak_server import end, kill, start_command_line, start_server, workers_of
from lmc_core.experiment import AnySpec
from lmc_core.jobs.journal import Journal

PAUSE_SECONDS = 0.1
BURST = (1, 1, 2, 3)
"""How many workers are killed one after the other, each as soon as it is there; one of these is drawn."""
PATIENCE_SECONDS = 60.0
"""For a worker to come back, or a run to get further, before something is killed all the same."""
DISK_MIB = 12
VISITOR = "soak"
MOST_QUEUED = 10_000


class Soak:
    """Two servers on one cache, and what is done to them.

    Args:
        cache: theirs.
        epochs: of the runs; the more, the longer each can be killed.
        deadline: in seconds of `time.monotonic`; nothing is waited for after it.
        chance: what draws.
    """

    def __init__(self, cache: Path, epochs: int, deadline: float, chance: random.Random) -> None:
        self._cache = cache
        self._epochs = epochs
        self._deadline = deadline
        self.chance = chance
        self._journal = Journal(cache / "journal.sqlite")
        self._servers = [start_server(cache) for _ in range(2)]
        self._commands: list[subprocess.Popen[bytes]] = []
        self.counts: Counter[str] = Counter()
        self.specs: list[AnySpec] = []

    def close(self) -> None:
        """End servers and command lines."""
        for process in (*self._commands, *self._servers):
            end(process)
        self._journal.close()

    def ask(self) -> None:
        """Ask for one more batch of runs: a sweep, single runs, and one of those by command line."""
        self.counts["batches"] += 1
        single, sweep = batch(self.counts["batches"], self._epochs)
        self._submit(sweep, "sweep")
        for spec in single[1:]:
            self._submit([spec], None)
        self._commands.append(start_command_line(self._cache, single[0]))
        self.specs += [*single, *sweep]

    def _submit(self, specs: Sequence[AnySpec], sweep: str | None) -> None:
        name = f"{sweep} {self.counts['batches']}" if sweep else None
        self._journal.submit_all({spec.run_id: spec.model_dump_json() for spec in specs}, VISITOR, MOST_QUEUED, name)

    def kill_workers(self, most: int) -> None:
        """Kill workers while something trains, one or several in quick succession, and wait until a run has got further."""
        for _ in range(min(most, self.chance.choice(BURST))):
            self._until(lambda: self._busy() and self._workers())
            if there := self._workers():
                self.counts["workers killed"] += kill(self.chance.choice(there))
                self._until(lambda there=there: set(self._workers()) - set(there), PATIENCE_SECONDS)  # type: ignore[misc]
        self._further()

    def kill_server(self) -> None:
        """Kill a server while something trains, and start another in its place."""
        self._until(self._busy)
        place = self.chance.randrange(len(self._servers))
        self._servers[place].kill()
        self._servers[place].wait()
        self._servers[place] = start_server(self._cache)
        self.counts["servers killed"] += 1
        self._further()

    def tear(self) -> None:
        """Kill everybody in mid-training, tear the logs and the journal as a power failure might, and start again."""
        self._until(self._busy)
        self._further()
        for process in (*self._servers, *self._commands):
            process.kill()
            process.wait()
        self.counts["servers killed"] += len(self._servers)
        self._commands.clear()
        journal, wal = self._cache / "journal.sqlite", self._cache / "journal.sqlite-wal"
        whole, content = journal.read_bytes(), wal.read_bytes() if wal.exists() else b""
        self._journal.close()  # which would write the log of the journal into it
        journal.write_bytes(whole)
        for leftover in (wal, self._cache / "journal.sqlite-shm"):
            leftover.unlink(missing_ok=True)
        if content:
            wal.write_bytes(content[: len(content) * 2 // 3])
            self.counts["journals torn"] += 1
        for log in self._cache.glob("checkpoints/*/events.jsonl"):
            told = log.read_bytes()
            log.write_bytes(told[: len(told) // 2])
            self.counts["logs torn"] += 1
        self._journal = Journal(self._cache / "journal.sqlite")
        self._servers = [start_server(self._cache) for _ in range(2)]
        self.ask_again()

    def fill_disk(self) -> None:
        """Fill the disk that holds the cache while something trains, until a run meets it or nothing gets further, then free it."""
        self._until(self._busy)
        self._further()
        filler = self._cache / "filler"
        with filler.open("wb", buffering=0) as file:
            for size in (2**16, 2**12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue
        self._until(lambda: not self._busy(), PATIENCE_SECONDS / 2)
        filler.unlink()
        self.counts["disks filled"] += 1
        self._until(lambda: not self._waiting(), PATIENCE_SECONDS / 2)

    def ask_again(self) -> None:
        """Ask for those runs that a torn journal has forgotten or a full disk has failed, as whoever misses them would."""
        for spec in self.specs:
            job = self._journal.job(spec.run_id)
            forgotten = job is None or job.state == "cancelled"
            if not self._is_stored(spec) and (forgotten or (job and "disk" in (job.error or ""))):
                self._submit([spec], None)
                self.counts["asked for again"] += 1

    def finish(self) -> None:
        """Wait until every run has ended, asking once more for what a full disk failed."""
        for _ in range(2):
            self._until(lambda: all(self._is_stored(spec) for spec in self.specs) or not self._waiting())
            self.ask_again()
        self._until(lambda: not self._waiting())

    @property
    def unfinished(self) -> list[AnySpec]:
        """What still waits or runs."""
        running, queued = self._journal.queue()
        waiting = {job.run_id for job in (*running, *queued)}
        return [spec for spec in self.specs if spec.run_id in waiting]

    @property
    def idle(self) -> bool:
        """Whether little is left to train."""
        return self._waiting() < 3

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self._deadline

    def _is_stored(self, spec: AnySpec) -> bool:
        return (self._cache / "runs" / spec.run_id / "manifest.sha256").exists()

    def _workers(self) -> list[int]:
        return workers_of({process.pid for process in (*self._servers, *self._commands)})

    def _busy(self) -> bool:
        return bool(self._journal.queue()[0])

    def _waiting(self) -> int:
        running, queued = self._journal.queue()
        return len(running) + len(queued)

    def _further(self) -> None:
        """Wait until a run tells more or ends."""
        told = self._told()
        self._until(lambda: self._told() != told or not self._busy(), PATIENCE_SECONDS)

    def _told(self) -> dict[Path, int]:
        logs = self._cache.glob("checkpoints/*/events.jsonl")
        return {log: log.stat().st_size for log in logs if log.exists()}

    def _until(self, condition: Callable[[], object], seconds: float = float("inf")) -> bool:
        deadline = min(self._deadline, time.monotonic() + seconds)
        while not condition():
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_SECONDS)
        return True


def kill_and_tear(soak: Soak, workers: int, servers: int) -> None:
    """Kill as many workers and servers, in an order that is drawn, and tear logs and journal on the way."""
    tears = [workers // 3, 2 * workers // 3]
    while not soak.over and (soak.counts["workers killed"] < workers or soak.counts["servers killed"] < servers):
        if soak.idle:
            soak.ask()
        left = workers - soak.counts["workers killed"], servers - soak.counts["servers killed"]
        if tears and soak.counts["workers killed"] >= tears[0]:
            tears.pop(0)
            soak.tear()
        elif soak.chance.random() * sum(left) < left[0]:
            soak.kill_workers(left[0])
        else:
            soak.kill_server()


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of its own in a folder, of a few megabytes; False where only root could make one and this is not root."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "none", str(folder)]
    made = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", "--lazy", folder], check=True)


def ask_and_fill(soak: Soak) -> None:
    """Ask for runs, and fill the disk under them."""
    soak.ask()
    soak.fill_disk()


def still_under_way(soak: Soak) -> list[AnySpec]:
    """Wait for the runs; those that are still under way, for the time is up."""
    soak.finish()
    return soak.unfinished


def report(title: str, counts: Counter[str], runs: int, unfinished: Sequence[AnySpec], findings: Findings) -> str:
    """What was done and found, as Markdown."""
    done = ", ".join(f"{count} {what}" for what, count in counts.items() if what != "batches")
    rows = {
        "runs under way when the time was up": [spec.run_id for spec in unfinished],
        "runs lost": findings.lost,
        "runs with incomplete tables": findings.incomplete,
        "runs with a wrong bit": findings.wrong,
    }
    lines = [f"| {what} | {len(found)} | {' '.join(found)} |" for what, found in rows.items()]
    return "\n".join([f"{title}: {runs} runs; {done or 'nothing'}", "", "| what | count | which |", "| --- | ---: | --- |", *lines, ""])


def main() -> None:
    """Soak, compare, print, and exit with status 1 if anything was lost or is wrong."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--workers", type=int, default=100, help="how many workers are killed")
    arguments.add_argument("--servers", type=int, default=20, help="how many servers are killed")
    arguments.add_argument("--epochs", type=int, default=1_200, help="of the runs, which train for some ten seconds by default")
    arguments.add_argument("--minutes", type=float, default=90.0, help="after which it ends, whatever is left")
    arguments.add_argument("--seed", type=int, default=0)
    options = arguments.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("The soak was ended."))  # and its servers with it
    with tempfile.TemporaryDirectory(prefix="lmc-soak-", ignore_cleanup_errors=True) as name:
        folder, chance = Path(name), random.Random(options.seed)

        def soaked(cache: Path, title: str, minutes: float, act: Callable[[Soak], None]) -> bool:
            """Do something to two servers on a cache, and print what came of it; whether all is well."""
            soak = Soak(cache, options.epochs, time.monotonic() + 60 * minutes, chance)
            try:
                act(soak)
                left = still_under_way(soak)
            finally:
                soak.close()
            findings = compare(cache, folder / "reference", [spec for spec in soak.specs if spec not in left])
            print(report(title, soak.counts, len(soak.specs), left, findings), flush=True)
            return not (findings.any or left)

        well = soaked(
            folder / "cache",
            "Two servers and command lines on one cache",
            options.minutes,
            partial(kill_and_tear, workers=options.workers, servers=options.servers),
        )
        with small_disk(folder / "small") as made:
            if made:
                title = f"A disk of {DISK_MIB} MiB that runs full"
                well = soaked(folder / "small", title, max(10.0, options.minutes / 5), ask_and_fill) and well
            else:
                print("No disk was filled: only root can mount a small one.")
    raise SystemExit(0 if well else 1)


if __name__ == "__main__":
    main()
