"""Files that stand in place of the one that is wanted: pointers, web pages, broken downloads."""

from __future__ import annotations

import os
import re

from engine.errors import FileError
from engine.sentences import say

_LFS = re.compile(rb"version https?://(?:git-lfs\.github\.com|hawser\.github\.com)/spec/")
_LFS_SIZE = re.compile(rb"^size ([0-9]{1,20})\s*$", re.MULTILINE)
_ANNEX = re.compile(rb"(?:\.\./)*(?:\.git)?/?annex/objects/")
_DVC = re.compile(rb"(?:md5: [0-9a-f]+\s+)?outs:\s+- (?:md5|hash|size|path|etag):")
_PAGE = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b",
    re.DOTALL | re.IGNORECASE,
)
_DRAWING = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg\b", re.DOTALL
)
_CLOUD_ERROR = re.compile(rb"(?:<\?xml[^>]*>\s*)?<Error>\s*<Code>", re.IGNORECASE)
# What servers answer in place of a file: the whole of what was saved.
_ANSWERS = re.compile(
    rb"(?:entry not found|(?:404|403|401|429|50[0-9])\b[^\n]{0,60}|not found|access (?:is )?denied"
    rb"|(?:bad|invalid) (?:credentials|username or password)[^\n]{0,60}|repository not found"
    rb"|access to (?:model|dataset) [^\n]{0,200}|unauthorized|forbidden|too many requests"
    rb'|\{"(?:error|message|detail)"\s*:[^\n]{0,400})\s*',
    re.IGNORECASE,
)
_UNFINISHED = (".part", ".crdownload", ".incomplete", ".download", ".partial", ".aria2")
# Some of what it packs is read: tables, Matrix Market.
_GZIP = b"\x1f\x8b"
# Beginnings of what has to be unpacked first, and how people call it.
_PACKED = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"\xfd7zXZ\0": "xz",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
    _GZIP: "gzip",
}
_RDATA = ("RData", "write.csv(TABLE, FILE)")
# Other formats of numbers and documents, with what turns them into one that is read here.
_OTHERS = {
    b"PAR1": ("Parquet", "pandas.read_parquet(FILE).to_csv(FILE)"),
    b"ARROW1": ("Feather (Arrow)", "pandas.read_feather(FILE).to_csv(FILE)"),
    b"$FL2": ("SPSS", "pandas.read_spss(FILE).to_csv(FILE)"),
    b"$FL3": ("SPSS", "pandas.read_spss(FILE).to_csv(FILE)"),
    b"<stata_dta>": ("Stata", "pandas.read_stata(FILE).to_csv(FILE)"),
    b"SIMPLE  =": ("FITS", "numpy.save(FILE, astropy.io.fits.getdata(FILE))"),
    b"SQLite format 3": ("SQLite", "pandas.read_sql(QUERY, CONNECTION).to_csv(FILE)"),
    b"RDX2\n": _RDATA,
    b"RDX3\n": _RDATA,
    b"RIFF": ("WAV", "numpy.save(FILE, scipy.io.wavfile.read(FILE)[1])"),
    b"%PDF-": ("PDF", "tabula.convert_into(FILE, FILE)"),
    b"##TITLE=": ("JCAMP-DX", "numpy.savetxt(FILE, jcamp.jcamp_readfile(FILE)['y'])"),
    b"%YAML": ("YAML", "numpy.savetxt(FILE, cv2.FileStorage(FILE, 0).getNode(NAME).mat())"),
}
# Those that their beginning does not tell, where they are no text.
_BY_NAME = {
    ".dta": _OTHERS[b"<stata_dta>"],
    ".sas7bdat": ("SAS", "pandas.read_sas(FILE).to_csv(FILE)"),
    ".xpt": ("SAS", "pandas.read_sas(FILE).to_csv(FILE)"),
    ".ods": ("OpenDocument", "pandas.read_excel(FILE).to_csv(FILE)"),
}
# Grey values as text or bytes; a table may begin with a column P2, and so the name counts, too.
_NETPBM = re.compile(rb"P[1-6]\s")
_PIXMAPS = (".pgm", ".ppm", ".pbm", ".pnm")
_NAMELIST = re.compile(rb"\s*&[A-Za-z_]\w*\s+[A-Za-z_][\w(),%: ]*=")
_ZEROS = 1 << 16
# Tables may begin with the words of an answer; these never hold text.
_BINARY = (
    *(".npy", ".npz", ".safetensors", ".h5", ".hdf5", ".h5ad", ".nc", ".mat", ".gguf", ".onnx"),
    *(".pt", ".pth", ".bin", ".ckpt", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".webp", ".bmp"),
    *(".xlsx", ".gz"),
)


def refuse_stand_in(path: str, head: bytes) -> None:
    """Refuse what is not the file itself, by its first bytes.

    Raises
    ------
    FileError
        Saying what it is, with the command or the step that fetches the file.

    Examples
    --------
    >>> refuse_stand_in("a.csv", b"1,2\\n")
    >>> refuse_stand_in("a.npy", b"version https://git-lfs.github.com/spec/v1\\nsize 12\\n")
    Traceback (most recent call last):
    ...
    engine.errors.FileError: a.npy: this is a Git LFS pointer of 12 bytes of data that were not ...
    """
    name = os.path.basename(path)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    _refuse_pointer(path, name, text)
    _refuse_answer(path, text, os.path.splitext(name)[1].lower())
    if name.lower().endswith(_UNFINISHED):
        raise FileError(
            path,
            "its name says that this is a download that has not finished",
            "Wait until it has, or download it again.",
        )
    other = _other_format(name, head)
    if other is not None:
        title, command = other
        raise FileError(
            path,
            say("this is a file of the format {title}, which is not read here", title=title),
            say("Convert it first: {command}", command=command),
        )
    if head.startswith(b"\xd0\xcf\x11\xe0") and name.lower().endswith(".xls"):
        raise FileError(
            path,
            "this is a workbook of Excel from before 2007 (.xls)",
            "Save it as .xlsx, or the sheet as .csv.",
        )
    if not head.startswith(_GZIP):
        refuse_packed(path, head)


def refuse_packed(path: str, head: bytes) -> None:
    """Refuse an archive that has to be unpacked first, by its first bytes.

    Raises
    ------
    FileError
        Saying what packed it.
    """
    for start, title in _PACKED.items():
        if head.startswith(start):
            raise FileError(
                path,
                say("this is an archive packed by {title}", title=title),
                "Unpack it first, with its password where it has one.",
            )


def _other_format(name: str, head: bytes) -> tuple[str, str] | None:
    """Return which of the formats that are not read here a file has, and what converts it."""
    if name.lower().endswith((".rds", ".rdata", ".rda")) and head.startswith(b"\x1f\x8b"):
        return _RDATA
    suffix = os.path.splitext(name)[1].lower()
    if suffix in _BY_NAME and b"\0" in head:
        return _BY_NAME[suffix]
    if suffix in _PIXMAPS and _NETPBM.match(head):
        return "Netpbm", "numpy.save(FILE, cv2.imread(FILE, -1))"
    if _NAMELIST.match(head):
        return "NAMELIST", "f90nml.read(FILE)"
    if _DRAWING.match(head.removeprefix(b"\xef\xbb\xbf").lstrip()):
        return "SVG", "cairosvg.svg2png(url=FILE, write_to=FILE)"
    if head[8:12] == b"WEBP":  # a picture; WAV begins alike
        return None
    return next((other for start, other in _OTHERS.items() if head.startswith(start)), None)


def refuse_zeros(path: str, head: bytes) -> None:
    """Refuse a file that begins with nothing but zeros, as downloads leave it that broke off.

    Raises
    ------
    FileError
        When there is no byte but zeros in the first 64 KiB, of which ``head`` is the beginning.
    """
    if len(head) < 2 or head.strip(b"\0"):
        return
    with open(path, "rb") as stream:
        start = stream.read(_ZEROS)
    if not start.strip(b"\0"):
        raise FileError(
            path,
            say("its first {count:,} bytes are all zero", count=len(start)),
            "A download or a copy that broke off leaves such files: fetch it again.",
        )


def _refuse_pointer(path: str, name: str, text: bytes) -> None:
    if _LFS.match(text):
        found = _LFS_SIZE.search(text)
        what = say("this is a Git LFS pointer, not the data: those were not fetched")
        if found:
            what = say(
                "this is a Git LFS pointer of {size:,} bytes of data that were not fetched",
                size=int(found[1]),
            )
        raise FileError(
            path,
            what,
            say('Fetch them: git lfs install; git lfs pull --include="{name}"', name=name),
        )
    if _ANNEX.match(text):
        raise FileError(
            path,
            "this is a pointer of git-annex: the data were not fetched",
            say('Fetch them: git annex get "{name}"', name=name),
        )
    if _DVC.match(text):
        raise FileError(
            path,
            "this is a pointer of DVC: the data lie elsewhere",
            say('Fetch them: dvc pull "{name}"', name=name),
        )


def _refuse_answer(path: str, text: bytes, suffix: str) -> None:
    if _PAGE.match(text):
        raise FileError(
            path,
            "this is a web page, saved in place of the file",
            "Download the file itself: log in where that is asked for, and use its raw link.",
        )
    if _CLOUD_ERROR.match(text) or (suffix in _BINARY and _ANSWERS.fullmatch(text)):
        said = text.decode("latin-1").strip()[:80]
        raise FileError(
            path,
            say("this is the answer of a server, not the file ({said})", said=said),
            "Check the address and whether you may read it, then download it again.",
        )
