"""Writes ``kernel.ll`` from ``kernel.py``, by Numba: ``python -m`` and the name of this module.

What comes out runs on every 64-bit machine: no instructions of this one, no calls of Numba.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys

from engine.files.layouts.table.compiled.machine import KERNEL

PLAIN = {"CPU_NAME": "generic", "CPU_FEATURES": "", "LOOP_VECTORIZE": "0", "SLP_VECTORIZE": "0"}
# What older releases of LLVM do not know; hints only.
HINTS = re.compile(
    r"\b(?:captures\(none\)|initializes\(\([^)]*\)\)|range\([^)]*\)|local_unnamed_addr"
    r"|linkonce_odr|noundef|samesign|disjoint|nneg) ?| ?#\d+|, !prof !\d+"
)
FUNCTION = re.compile(r"^define .*?^}$", re.MULTILINE | re.DOTALL)
INNER = re.compile(r"^define(?= i32 @to_float)", re.MULTILINE)
INTRINSICS = """
declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)
declare i64 @llvm.ctlz.i64(i64, i1)
declare { i64, i1 } @llvm.uadd.with.overflow.i64(i64, i64)
"""


def fingerprint() -> str:
    """Return the first line of the file: what it was made from."""
    source = KERNEL.with_suffix(".py").read_text(encoding="utf-8")
    return f"; made from kernel.py {hashlib.sha256(source.encode()).hexdigest()[:16]}"


def made() -> str:
    """Return the text of ``kernel.ll``, in a process that has imported no Numba yet."""
    os.environ.update({f"NUMBA_{name}": value for name, value in PLAIN.items()})
    import numba

    from engine.files.layouts.table.compiled.kernel import SIGNATURE, parse_rows

    whole = numba.cfunc(SIGNATURE, error_model="numpy")(parse_rows).inspect_llvm()
    functions = FUNCTION.findall(whole)
    text = "\n\n".join(function for function in functions if "@cfunc." not in function[:200])
    for name in ("parse_rows", "to_float"):
        text = re.sub(rf"@_ZN\d+\w+?{name}\w+", f"@{name}", text)
    text = re.sub(r"\btrunc (?:nuw |nsw )+", "trunc ", HINTS.sub("", text))
    text = INNER.sub("define private", text)
    return f"{fingerprint()}\n{re.sub(r' +; preds = .*', '', text)}\n{INTRINSICS}"


def show() -> None:
    """Write the text to standard output."""
    sys.stdout.write(made())


if __name__ == "__main__":
    KERNEL.write_text(made(), encoding="ascii")
    print(f"{KERNEL}: {len(KERNEL.read_text('ascii').splitlines())} lines")
