# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of a program and tells of each as TAP: "ok 1 - what it says"."""

import sys
import unittest


class _Tap(unittest.TestResult):
    def startTestRun(self):
        self.number = 0
        self.sound = True

    def startTest(self, test):
        super().startTest(test)
        self.sound = True

    def _tell(self, good, test, error=None):
        self.number += 1
        name = getattr(test, "_testMethodName", str(test)).removeprefix("test_").replace("_", " ")
        kind = type(test).__name__.removeprefix("Test")
        if error is not None:
            trace = error if isinstance(error, str) else self._exc_info_to_string(error, test)
            print("".join(f"# {line}\n" for line in trace.splitlines()), end="")
        print(f"{'ok' if good else 'not ok'} {self.number} - {kind}: {name}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        if self.sound:
            self._tell(True, test)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.sound = False
            print(f"# {subtest._subDescription()}")
            self._tell(False, test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self._tell(False, test, error)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._tell(False, test, error)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._tell(False, test, f"skipped: {reason}")


def main():
    """With names as arguments (TestCase.test_name), runs these alone."""
    module = sys.modules["__main__"]
    loader = unittest.defaultTestLoader
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    result = _Tap()
    result.startTestRun()
    suite.run(result)
    print(f"1..{result.number}", flush=True)
    sys.exit(0 if result.wasSuccessful() and result.number > 0 else 1)
