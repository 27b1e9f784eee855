"""A run that a person can watch: `snakemake ... --logger hmu`.

In the place of Snakemake's paragraph for each job that begins or ends stands a line at most every
ten seconds, and at least every minute: what runs, how many jobs are left, and for how long. Lines
follow each other, as those do that jobs print of their progress: nothing is drawn over, on a
terminal or in a file. (A panel that redraws itself, as that of the plugin rich, is torn apart by
what jobs print, and knows no time left.) All else that Snakemake says comes as it always does, and
its own log in .snakemake/log has everything.

Snakemake finds a plugin by the name of its module, which is why it stands beside the package: that
one never imports Snakemake. It imports every plugin whenever it starts, asked for or not, and
before it reads a Snakefile, which says where its package is: so this imports the package late.
"""

import sys
import threading
import time
from logging import LogRecord
from pathlib import Path
from typing import TYPE_CHECKING

from snakemake.logging import ColorizingTextHandler, is_quiet_about
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

if TYPE_CHECKING:
    from hmu.run.watch import Watch

_OFTEN, _SELDOM = 10.0, 60.0
"""Seconds between two lines: where jobs have begun or ended since, and where none has."""

_UNSAID = {
    LogEvent.JOB_INFO,
    LogEvent.JOB_STARTED,
    LogEvent.JOB_FINISHED,
    LogEvent.GROUP_INFO,
    LogEvent.PROGRESS,
}
"""What the lines say in the place of Snakemake."""

STAGES = ("all", "raw", "data", "concepts", "models")
"""Rules that name a stage: they make nothing, take no time, and leave no record of it."""


class LogHandler(LogHandlerBase):
    """Prints what Snakemake says, and of its jobs the state of the run."""

    def __post_init__(self) -> None:
        self._watch: Watch | None = None
        self._news = False
        self._said = 0.0
        self._ended = threading.Event()
        stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self._plain = ColorizingTextHandler(self.common_settings.nocolor, stream)

    @property
    def writes_to_stream(self) -> bool:
        return True

    @property
    def writes_to_file(self) -> bool:
        return False

    @property
    def has_filter(self) -> bool:
        return False  # Snakemake's own, which knows --quiet

    @property
    def has_formatter(self) -> bool:
        return False

    @property
    def needs_rulegraph(self) -> bool:
        return False

    def emit(self, record: LogRecord) -> None:
        """Take note of a job, or print the record. Snakemake calls it from one thread."""
        event = getattr(record, "event", None)
        if event in _UNSAID and not self.common_settings.dryrun:
            self._note(event, record)
        elif record.getMessage() != "Select jobs to execute...":
            self._plain.setFormatter(self.formatter)
            self._plain.emit(record)
        if event == LogEvent.JOB_ERROR and self._watch:
            self._watch.stopped(record.__dict__["jobid"])
        if event == LogEvent.RUN_INFO and self._watches():
            self._begin(record.__dict__["stats"], record.created)

    def _watches(self) -> bool:
        quiet = is_quiet_about(self.common_settings.quiet or (), "rules")
        return not (quiet or self.common_settings.dryrun)

    def _begin(self, stats: dict[str, int], now: float) -> None:
        from hmu import paths
        from hmu.run.forecast import Recorded
        from hmu.run.watch import Watch

        counts = {rule: n for rule, n in stats.items() if rule not in ("total", *STAGES)}
        known = Recorded.of(Path(paths.RESULTS), sizes=False)
        first = self._watch is None
        self._watch, self._said = Watch(counts, known, now), now
        if first:
            threading.Thread(target=self._lines, daemon=True).start()

    def _note(self, event: LogEvent, record: LogRecord) -> None:
        from hmu.run.forecast import Planned

        told, watch = record.__dict__, self._watch
        if watch is None:
            return
        if event == LogEvent.JOB_INFO and told["rule_name"] not in STAGES:
            name = " ".join([told["rule_name"], *map(str, told["wildcards"].values())])
            planned = Planned(told["rule_name"], told["benchmark"] or "")
            watch.started(told["jobid"], planned, name, record.created)
        elif event == LogEvent.JOB_FINISHED:
            watch.finished(told["job_id"], record.created)
        self._news = True

    def _lines(self) -> None:
        while not self._ended.wait(_OFTEN):
            self.acquire()  # as `handle` does to emit
            try:
                now = time.time()
                if self._watch and (self._news or now - self._said >= _SELDOM):
                    self._say(self._watch.line(now), now)
            finally:
                self.release()

    def _say(self, line: str, now: float) -> None:
        clock = time.strftime("%H:%M:%S", time.localtime(now))
        print(f"[{clock}] {line}", file=self._plain.stream, flush=True)
        self._said, self._news = now, False

    def close(self) -> None:
        """Say the last line, once."""
        self._ended.set()
        watch, self._watch = self._watch, None
        if watch:
            now = time.time()
            self._say(watch.last_line(now), now)
        super().close()
