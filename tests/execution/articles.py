"""Articles for tests of the scheduler, and an encoder whose passes wait."""

import threading
import time
from threading import Event

from service.enrichment.timings import StageTimer
from service.execution.job import JobLimits

UNBOUNDED = JobLimits(bounded=False)


class Encoder:
    """Its passes block until ``gate`` is released; ``order`` lists those that have begun."""

    def __init__(self):
        self.order = []
        self.gate = threading.Semaphore(0)

    def run(self, name):
        self.order.append(name)
        assert self.gate.acquire(timeout=10)
        return name


class Caller(threading.Thread):
    """A thread that sends an article of ``windows``, each of ``size`` tokens."""

    def __init__(self, scheduler, run, windows, size, limits=UNBOUNDED):
        super().__init__(daemon=True)
        self.scheduler, self.run_pass, self.windows = scheduler, run, windows
        self.size, self.limits = size, limits
        self.timer, self.outcome, self.error = StageTimer(), None, None
        self.start()

    def run(self):
        length = self.size * len(self.windows)
        try:
            with self.scheduler.admit(length, self.timer, self.limits) as run_passes:
                sizes = [self.size] * len(self.windows)
                self.outcome = list(run_passes(self.run_pass, self.windows, sizes))
        except Exception as error:
            self.error = error


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


class Thread(threading.Thread):
    """The thread of an article: its turn goes on until ``gate`` is set, and yields if it checks."""

    def __init__(self, scheduler, limits=UNBOUNDED, checks=False):
        super().__init__(daemon=True)
        self.checks = checks
        self.scheduler, self.limits, self.timer = scheduler, limits, StageTimer()
        self.begun, self.gate, self.error = Event(), Event(), None
        articles = scheduler.articles
        self.start()
        wait_until(lambda: scheduler.articles > articles or self.error)

    def run(self):
        try:
            with self.scheduler.admit(10, self.timer, self.limits) as job:
                job.begin()
                self.begun.set()
                while not self.gate.wait(0.002):
                    if self.checks:
                        job.check()
        except Exception as error:
            self.error = error

    def end(self):
        self.gate.set()
        self.join(10)
        assert not self.is_alive()
