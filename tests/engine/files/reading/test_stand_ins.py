"""Pointers, web pages and broken downloads are named as what they are, whatever their suffix."""

from __future__ import annotations

import gzip

import pytest

from engine.errors import FileError
from engine.files import open_matrix_file

POINTER = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"8f" * 32 + b"\nsize 5120456\n"
)


@pytest.mark.parametrize(
    "name",
    [
        *("w.safetensors", "s.npy", "s.npz", "t.csv", "m.mtx", "m.mat", "x.h5", "p.tif"),
        *("pytorch_model.bin", "m.pt", "m.gguf", "model.safetensors.index.json", "nosuffix"),
    ],
)
def test_lfs_pointers_say_so_with_the_size_and_the_command(write, name):
    with pytest.raises(FileError, match="a Git LFS pointer of 5,120,456 bytes") as caught:
        open_matrix_file(write(name, POINTER))
    assert f'git lfs pull --include="{name}"' in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + POINTER,
        POINTER.replace(b"\n", b"\r\n"),
        b"version https://hawser.github.com/spec/v1\noid sha256:" + b"1" * 64 + b"\nsize 3\n",
        b"version https://git-lfs.github.com/spec/v1\next-0-foo sha256:1\noid sha256:2\n",
    ],
)
def test_lfs_pointers_of_other_spellings(write, content):
    with pytest.raises(FileError, match="Git LFS pointer"):
        open_matrix_file(write("w.npy", content))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.npy", b"/annex/objects/SHA256E-s12--00.npy\n", "git-annex.*git annex get"),
        ("a.npy", b"../.git/annex/objects/Xx/Yy/SHA256E-s1--0/SHA256E-s1--0", "git-annex"),
        (
            "a.npy.dvc",
            b"outs:\n- md5: 0123\n  size: 3\n  path: a.npy\n",
            "pointer of DVC.*dvc pull",
        ),
        ("a.csv", b"<!DOCTYPE html>\n<html><body>Sign in</body></html>", "a web page.*raw link"),
        ("a.npz", b"\n  <HTML lang='en'>", "a web page"),
        ("a.mat", b"<?xml version='1.0'?>\n<!-- x -->\n<html>", "a web page"),
        ("a.csv", b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "of a server"),
        ("a.safetensors", b"Entry not found", "answer of a server.*Entry not found"),
        ("a.safetensors", b"Invalid username or password.", "answer of a server"),
        ("a.npy", b"404: Not Found", "answer of a server"),
        ("a.h5", b'{"error":"Access to model x is restricted"}', "answer of a server"),
        ("a.npy", bytes(5000), "first 5,000 bytes are all zero.*fetch it again"),
        ("a.safetensors", bytes(70000), "first 65,536 bytes are all zero"),
        ("w.npy.part", b"\x93NUMPY\x01\0", "a download that has not finished"),
        ("a.npy", b"7z\xbc\xaf\x27\x1c\0\x04", "packed by 7-Zip.*password"),
        ("a.rar", b"Rar!\x1a\x07\x01\0", "packed by RAR"),
    ],
)
def test_what_stands_in_for_a_file_is_named(write, name, content, sentence):
    with pytest.raises(FileError, match=sentence):
        open_matrix_file(write(name, content))


@pytest.mark.parametrize("content", ["404,1\n403,2\n", "version,size\n1,2\n", "0,0\n0,0\n"])
def test_tables_that_only_begin_like_one_are_read(write, content):
    assert open_matrix_file(write("a.csv", content)).entries[0].readable


@pytest.mark.parametrize(
    ("name", "head", "words"),
    [
        ("a.parquet", b"PAR1" + bytes(40), r"Parquet.*read_parquet"),
        ("a.feather", b"ARROW1\0\0" + bytes(40), r"Feather.*read_feather"),
        ("a.dta", b"r\x02\x01\x00" + bytes(40), r"Stata.*read_stata"),
        ("a.sas7bdat", bytes(12) + b"\xc2\xea\x81" + bytes(40), r"SAS.*read_sas"),
        (
            "a.ods",
            b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/x",
            r"OpenDocument.*read_excel",
        ),
        ("a.sav", b"$FL2@(#) SPSS DATA FILE" + bytes(40), r"SPSS.*read_spss"),
        ("a.fits", b"SIMPLE  =                    T" + b" " * 3000, r"FITS.*astropy"),
        ("a.RData", gzip.compress(b"RDX3\nX\n", mtime=0), r"RData.*write\.csv"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), r"before 2007.*\.xlsx"),
        ("report.txt", b"%PDF-1.7\n1 2 3\n4 5 6\n", r"PDF"),
        ("plot.svg", b"<svg xmlns='http://www.w3.org/2000/svg' " + b"a='1' " * 200 + b"/>", r"SVG"),
        ("plot.txt", b"<?xml version='1.0'?>\n<!-- x -->\n<svg><g/></svg>\n1 2\n3 4\n", r"SVG"),
    ],
)
def test_other_formats_are_named_with_what_converts_them(tmp_path, name, head, words):
    path = tmp_path / name
    path.write_bytes(head)
    with pytest.raises(FileError, match=words):
        open_matrix_file(path)
