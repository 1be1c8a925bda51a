# SPDX-License-Identifier: Apache-2.0
"""What the lints share.

A lint is a function from the root of a tree to findings (file, line, what). run() first tries it on
small trees that are known bad and known good, so that a lint which went blind fails too.
"""

import os
import re
import sys
import tempfile

ROOMS = ["base", "xml", "net", "store", "core", "transport"]

_SKIPPED = {".git", "build", "var", "build-aux", "autom4te.cache", "__pycache__", ".libs", ".deps"}


def files(root, *folders, suffixes=(".h", ".cpp")):
    """Paths below the folders, relative to root, in a steady order."""
    for folder in folders:
        for place, inner, names in os.walk(os.path.join(root, folder)):
            inner[:] = sorted(set(inner) - _SKIPPED)
            for name in sorted(names):
                if name.endswith(suffixes):
                    yield os.path.relpath(os.path.join(place, name), root)


def text(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def lines(source):
    return enumerate(source.split("\n"), start=1)


_TOKEN = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'
    """,
    re.DOTALL | re.VERBOSE,
)


def code(source):
    """The source with comments gone and literals emptied; every line keeps its number."""

    def blank(match):
        token = match.group()
        newlines = "\n" * token.count("\n")
        if token.startswith("/"):
            return " " + newlines
        return ("''" if token.startswith("'") else '""') + newlines

    return _TOKEN.sub(blank, source)


_INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(source):
    """(line, quote, name) of each include: the quote is '<' or '\"'."""
    for number, line in lines(source):
        match = _INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def line_of(source, offset):
    return source.count("\n", 0, offset) + 1


def _findings(check, tree):
    with tempfile.TemporaryDirectory() as root:
        for path, content in tree.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(content)
        return list(check(root))


def _broken(what, tree):
    print(f"{sys.argv[0]}: broken: {what} in its sample", file=sys.stderr)
    for path, content in tree.items():
        print(f"--- {path}\n{content}", file=sys.stderr)
    sys.exit(2)


def run(check, bad=(), good=()):
    """Tries the lint, then runs it: `LINT [ROOT]`. Ends the process; 2 means the lint is broken."""
    for tree in bad:
        if not _findings(check, tree):
            _broken("finds nothing", tree)
    for tree in good:
        for path, line, what in _findings(check, tree):
            _broken(f"finds {path}:{line}: {what}", tree)

    root = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../..")
    found = sorted(check(root))
    for path, line, what in found:
        print(f"{path}:{line}: {what}")
    sys.exit(1 if found else 0)
