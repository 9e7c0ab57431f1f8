#!/usr/bin/python3
"""totals.py FOLDER: adds up the JUnit files beneath it. The last line printed is the total, "N passed, N failed"."""
import glob
import os
import sys
import xml.etree.ElementTree as xml

ASKED_TO_SKIP = ("SKIP_RETURN_CODE", "SKIP_REGULAR_EXPRESSION", "Disabled")


def outcome(case, from_ctest):
    """passed, failed or skipped; a test that ctest could not start is a failed one."""
    if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
        return "failed"
    skipped = case.find("skipped")
    if skipped is None:
        return "passed"
    if from_ctest and not any(word in skipped.get("message", "") for word in ASKED_TO_SKIP):
        return "failed"
    return "skipped"


def count(path):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    suite = xml.parse(path).getroot()
    # The conformance suite's cases have classes (chapters) like ctest's; those that do not apply to a token are many.
    judged = suite.get("name") == "jpki-conformance"
    for case in suite.iter("testcase"):
        result = outcome(case, from_ctest=case.get("classname") is not None and not judged)
        counts[result] += 1
        if result == "failed" or (result == "skipped" and not judged):
            skipped = case.find("skipped")
            reason = skipped.get("message", "") if skipped is not None else ""
            print(f"{result}: {case.get('name')} {reason}")
    return counts


def main():
    totals, folder = {"passed": 0, "failed": 0, "skipped": 0}, sys.argv[1]
    for path in sorted(glob.glob(os.path.join(folder, "**", "*.xml"), recursive=True)):
        counts = count(path)
        name = os.path.relpath(path, folder)[:-4]
        print(f"{name:32} {counts['passed']:5} passed {counts['failed']:4} failed {counts['skipped']:4} skipped")
        for key, value in counts.items():
            totals[key] += value
    print(f"{totals['passed']} passed, {totals['failed']} failed"
          + (f", {totals['skipped']} skipped" if totals["skipped"] else ""))
    return 1 if totals["failed"] or not totals["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
