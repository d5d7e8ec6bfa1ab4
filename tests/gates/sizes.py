"""Gate: files and functions stay small enough to be read at one go. Prints every offender."""

from __future__ import annotations

import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("spiders", "pipeline", "alerts", "callwatch", "tests")
FILE_LINES, FUNCTION_LINES, PORTAL_LINES = 250, 50, 60
MEDIAN, NINETIETH = 10, 30


def functions(tree: ast.AST) -> list[tuple[str, int]]:
    """(name, lines) of every function, decorators and docstring not counted."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
            found.append((node.name, (node.end_lineno or 0) - body[0].lineno + 2))
    return found


def main() -> int:
    """Check the tree; 0 if everything is within its bound."""
    offenders, lengths = [], []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            name, lines = path.relative_to(ROOT), source.count("\n")
            bound = PORTAL_LINES if name.parts[:2] == ("spiders", "portals") else FILE_LINES
            if lines > bound:
                offenders.append(f"{name}: {lines} lines, at most {bound}")
            for function, length in functions(ast.parse(source)):
                if length > FUNCTION_LINES:
                    offenders.append(f"{name}: {function}() has {length} lines, at most {FUNCTION_LINES}")
                if folder != "tests":
                    lengths.append(length)
    median, ninetieth = statistics.median(lengths), statistics.quantiles(lengths, n=10)[-1]
    if median > MEDIAN or ninetieth > NINETIETH:
        offenders.append(f"functions: median {median} (at most {MEDIAN}), 90th percentile {ninetieth}")
    sys.stdout.write("\n".join([*offenders, f"{len(lengths)} functions, median {median}, p90 {ninetieth:.0f}\n"]))
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())
