#!/usr/bin/python3
"""Runs the tests written in Python: one line a test, JUnit for scripts/totals.py, a total as the last line.

    tests/run.py [-j N] [-k PATTERN] [--junit FILE] [--limit SECONDS] FOLDER...      (tests/pcsc, tests/scenarios)

Each of the N worker processes takes one test after another; a test that crashes its worker or passes its time
limit is a failed one, and the others go on. The order is random; --seed repeats one.
"""
import argparse
import json
import os
import queue
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest
from xml.sax.saxutils import escape, quoteattr

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "pcsc"), os.path.join(HERE, "support")]
WORDS = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}


def discover(folders):
    """Names of all tests beneath the folders, as unittest's loader takes them."""
    def names(suite):
        for item in suite:
            if isinstance(item, unittest.TestSuite):
                yield from names(item)
            elif isinstance(item, unittest.loader._FailedTest):
                raise SystemExit(f"cannot load {item.id()}: {item._exception}")
            else:
                yield item.id()

    for folder in folders:
        for file in sorted(os.listdir(folder)):
            if file.startswith("test_") and file.endswith(".py"):
                tests = unittest.defaultTestLoader.loadTestsFromName(file[:-3])
                found = getattr(sys.modules.get(file[:-3]), "__file__", None)
                if found and not os.path.samefile(found, os.path.join(folder, file)):
                    raise SystemExit(f"{os.path.join(folder, file)} is hidden by {found}: give it another name")
                for name in names(tests):
                    yield os.path.abspath(folder), name


def ours(trace):
    """A traceback without the frames of the standard library."""
    if trace is None:
        return None
    trace.tb_next = ours(trace.tb_next)
    return trace if trace.tb_frame.f_code.co_filename.startswith(HERE) else trace.tb_next


class Outcome(unittest.TestResult):
    """The outcome of one test with its sub-tests."""

    def __init__(self):
        super().__init__()
        self.status, self.text = "passed", ""

    def _fail(self, test, error):
        self.status = "failed"
        evidence = getattr(test, "evidence", None) or getattr(getattr(test, "test_case", None), "evidence", None)
        self.text += f"{test}\n" + "".join(traceback.format_exception(error[0], error[1], ours(error[2])))
        if evidence:
            self.text += evidence()

    def addFailure(self, test, err):
        self._fail(test, err)

    def addError(self, test, err):
        self._fail(test, err)

    def addSubTest(self, test, subtest, err):
        if err:
            self._fail(subtest, err)

    def addSkip(self, test, reason):
        if self.status == "passed":
            self.status, self.text = "skipped", reason

    def addUnexpectedSuccess(self, test):
        self.status, self.text = "failed", "was expected to fail"


def work():
    """A worker: names in, outcomes out."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what tests print goes to standard error
    for line in sys.stdin:
        folder, name = json.loads(line)
        if folder not in sys.path:
            sys.path.insert(0, folder)
        outcome = Outcome()
        unittest.defaultTestLoader.loadTestsFromName(name).run(outcome)
        print(json.dumps([outcome.status, outcome.text]), file=answers, flush=True)


class Worker:
    def __init__(self, limit):
        self.limit, self.process = limit, None

    def run(self, test):
        if self.process is None:
            self.process = subprocess.Popen([sys.executable, __file__, "--worker"], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, text=True, start_new_session=True)
        watchdog = threading.Timer(self.limit, self.kill)
        watchdog.start()
        try:
            print(json.dumps(test), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        watchdog.cancel()
        if line:
            return json.loads(line)
        self.kill()
        status, self.process = self.process.wait(), None
        return ["failed", f"the test process ended with status {status} (time limit {self.limit} s)"]

    def kill(self):
        """Ends the worker and all that its test has started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, AttributeError):
            pass

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()


def run_all(tests, jobs, limit, report):
    waiting = queue.Queue()
    for test in tests:
        waiting.put(test)

    workers = [Worker(limit) for _ in range(jobs)]

    def drain(worker):
        while True:
            try:
                test = waiting.get_nowait()
            except queue.Empty:
                worker.close()
                return
            begin = time.monotonic()
            status, text = worker.run(test)
            report(test[1], status, text, time.monotonic() - begin)

    threads = [threading.Thread(target=drain, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except KeyboardInterrupt:
        with waiting.mutex:
            waiting.queue.clear()
        for worker in workers:
            worker.kill()
        raise


def write_junit(path, suite, results):
    inner = {"passed": "", "failed": "<failure message='failed'>{}</failure>", "skipped": "<skipped message={}/>"}
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"<testsuite name={quoteattr(suite)} tests='{len(results)}'>\n")
        for name, status, text, seconds in results:
            text = "".join(c for c in text if c in "\n\t" or c >= " ")
            body = inner[status].format(quoteattr(text) if status == "skipped" else escape(text))
            file.write(f"<testcase name={quoteattr(name)} time='{seconds:.3f}' status='run'>{body}</testcase>\n")
        file.write("</testsuite>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+")
    parser.add_argument("-j", dest="jobs", type=int, default=2)
    parser.add_argument("-k", dest="pattern", default="", metavar="PATTERN")
    parser.add_argument("--junit")
    parser.add_argument("--limit", type=float, default=120)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10000))
    options = parser.parse_args()
    sys.path[:0] = [os.path.abspath(folder) for folder in options.folders]
    tests = [test for test in discover(options.folders) if re.search(options.pattern, test[1])]
    random.Random(options.seed).shuffle(tests)
    print(f"{len(tests)} tests, order {options.seed}")
    results, lock = [], threading.Lock()

    def report(name, status, text, seconds):
        with lock:
            results.append((name, status, text, seconds))
            print(f"{WORDS[status]} {seconds:6.2f} s  {name}" + (f"  ({text})" if status == "skipped" else ""),
                  flush=True)
            if status == "failed":
                print("        " + text.rstrip().replace("\n", "\n        "), flush=True)

    with tempfile.TemporaryDirectory(prefix="jpki-test-") as folder:
        os.environ["JPKI_TEST_FOLDER"] = folder
        run_all(tests, options.jobs, options.limit, report)
    if options.junit:
        write_junit(options.junit, os.path.basename(os.path.normpath(options.folders[0])), sorted(results))
    counts = {word: sum(status == word for _, status, _, _ in results) for word in WORDS}
    print(f"{counts['passed']} passed, {counts['failed']} failed"
          + (f", {counts['skipped']} skipped" if counts["skipped"] else ""))
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--worker"]:
        work()
    else:
        try:
            sys.exit(main())
        except KeyboardInterrupt:
            sys.exit(130)
