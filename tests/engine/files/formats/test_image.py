"""Pictures against Pillow itself, which wrote them."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine.errors import FileError
from engine.files import open_matrix_file
from engine.files.formats.image import is_image
from engine.jobs import Cancelled

ORIENTATION = 0x0112


def noise(height: int = 7, width: int = 5, bands: int = 3) -> np.ndarray:
    rng = np.random.default_rng(height * width * bands)
    shape = (height, width) if bands == 1 else (height, width, bands)
    return rng.integers(0, 256, shape, dtype=np.uint8)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def unfolded(pixels: np.ndarray) -> np.ndarray:
    return np.hstack([pixels[..., channel] for channel in range(pixels.shape[2])])


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP"])
def test_image_colour_is_the_unfolding_and_folds_back(write, kind):
    pixels = noise()
    options = {"lossless": True} if kind == "WEBP" else {}
    path = write("photo.bin", saved(Image.fromarray(pixels), kind, **options))
    source = open_matrix_file(path)
    assert [e.name for e in source.entries] == ["colour", "grey", "red", "green", "blue"]
    first = source.entries[0]
    assert (first.shape, first.dtype, first.channels) == ((7, 15), np.dtype("u1"), 3)
    colour = source.read("colour")
    np.testing.assert_array_equal(colour, unfolded(pixels))
    np.testing.assert_array_equal(colour.reshape(7, 3, 5).swapaxes(1, 2), pixels)
    for place, name in enumerate(["red", "green", "blue"]):
        np.testing.assert_array_equal(source.read(name), pixels[..., place])
        assert source.entry(name).channels == 1
    np.testing.assert_array_equal(source.read("colour", rows=2, cols=slice(4, 6)), colour[2, 4:6])


def test_image_jpeg_is_what_pillow_decodes(write):
    content = saved(Image.fromarray(noise(40, 30)), "JPEG", quality=80)
    source = open_matrix_file(write("a.jpg", content))
    decoded = np.asarray(Image.open(io.BytesIO(content)))
    np.testing.assert_array_equal(source.read("colour"), unfolded(decoded))


def test_image_grey_is_the_luminance_that_pillow_computes(write):
    picture = Image.fromarray(noise(60, 50))
    source = open_matrix_file(write("a.png", saved(picture, "PNG")))
    np.testing.assert_array_equal(source.read("grey"), np.asarray(picture.convert("L")))
    np.testing.assert_array_equal(
        source.read("grey", rows=slice(3, 9), cols=4), np.asarray(picture.convert("L"))[3:9, 4]
    )


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (noise(bands=1), "PNG"),
        (noise(bands=1), "JPEG"),
        (noise(bands=1).astype(np.uint16) * 257, "PNG"),
        (noise(bands=1).astype(np.uint16) * 257, "TIFF"),
        (noise(bands=1).astype(">u2") * 255, "TIFF"),
        (noise(bands=1).astype(np.int32) * -70_000, "TIFF"),
        (noise(bands=1).astype(np.float32) / 3, "TIFF"),
        (noise(bands=1) > 100, "PNG"),
    ],
)
def test_image_grey_files_keep_their_numbers(write, array, kind):
    picture = Image.fromarray(array)
    source = open_matrix_file(write("scan.bin", saved(picture, kind)))
    (entry,) = source.entries
    assert entry.name == "scan"
    assert entry.dtype == array.dtype.newbyteorder("=")
    expected = np.asarray(Image.open(write("again", saved(picture, kind))))
    np.testing.assert_array_equal(source.read("scan"), expected)
    if kind != "JPEG":
        np.testing.assert_array_equal(source.read("scan"), array)


def test_image_palette_is_read_as_its_colours(write):
    picture = Image.fromarray(noise()).quantize(8)
    source = open_matrix_file(write("a.png", saved(picture, "PNG")))
    np.testing.assert_array_equal(
        source.read("colour"), unfolded(np.asarray(picture.convert("RGB")))
    )
    assert "palette" in source.entries[0].note


def test_image_grey_palette_is_one_grey_matrix(write):
    picture = Image.fromarray(noise(bands=1) // 64).convert("P")
    picture.putpalette([value for grey in range(256) for value in (255 - grey,) * 3])
    source = open_matrix_file(write("a.png", saved(picture, "PNG")))
    (entry,) = source.entries
    np.testing.assert_array_equal(source.read(entry.name), 255 - noise(bands=1) // 64)


@pytest.mark.parametrize(("bands", "mode"), [(2, "LA"), (4, "RGBA")])
def test_image_alpha_is_an_entry_of_its_own(write, bands, mode):
    pixels = noise(bands=bands)
    source = open_matrix_file(write("a.png", saved(Image.fromarray(pixels, mode), "PNG")))
    assert source.entries[-1].name == "alpha"
    np.testing.assert_array_equal(source.read("alpha"), pixels[..., -1])
    first = pixels[..., 0] if bands == 2 else unfolded(pixels[..., :3])
    np.testing.assert_array_equal(source.read(source.entries[0].name), first)


def test_image_transparent_palette_has_an_alpha_entry(write):
    picture = Image.fromarray(noise()).quantize(8)
    source = open_matrix_file(write("a.png", saved(picture, "PNG", transparency=0)))
    expected = np.asarray(
        Image.open(write("b", saved(picture, "PNG", transparency=0))).convert("RGBA")
    )
    np.testing.assert_array_equal(source.read("alpha"), expected[..., 3])


def test_image_cmyk_becomes_rgb_and_says_so(write):
    picture = Image.fromarray(noise(16, 16)).convert("CMYK")
    content = saved(picture, "TIFF")
    source = open_matrix_file(write("a.tif", content))
    assert "CMYK is converted to RGB" in source.entries[0].note
    expected = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    np.testing.assert_array_equal(source.read("colour"), unfolded(expected))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_image_is_turned_as_its_exif_says(write, kind, turn):
    exif = Image.Exif()
    exif[ORIENTATION] = turn
    content = saved(Image.fromarray(noise(bands=1)), kind, exif=exif)
    source = open_matrix_file(write("a.bin", content))
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    name = source.entries[0].name
    if kind == "WEBP":  # has no grey
        name, upright = "red", upright.getchannel(0)
    np.testing.assert_array_equal(source.read(name), np.asarray(upright))
    assert source.entry(name).shape == ((5, 7) if turn > 4 else (7, 5))


def test_image_damaged_exif_leaves_the_picture_readable(write):
    content = saved(Image.fromarray(noise()), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert open_matrix_file(write("a.jpg", content)).read("colour").shape == (7, 15)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_image_with_frames_gives_the_first_and_says_so(write, kind):
    frames = [Image.fromarray(noise(8, 8 + i)).resize((8, 8)) for i in range(3)]
    options = {"lossless": True} if kind == "WEBP" else {}
    content = saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    source = open_matrix_file(write("a.bin", content))
    assert "several frames" in source.entries[0].note
    np.testing.assert_array_equal(source.read("colour"), unfolded(np.asarray(frames[0])))


def png_of_sixteen_bits() -> bytes:
    """Pillow reads RGB of 16 bits and cannot write it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(b"\0" + bytes(range(18)) for _ in range(2))
    header = struct.pack(">IIBBBBB", 3, 2, 16, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_image_colour_of_sixteen_bits_says_what_is_read(write):
    source = open_matrix_file(write("deep.png", png_of_sixteen_bits()))
    assert "upper 8" in source.entries[0].note
    np.testing.assert_array_equal(source.read("red")[0], [0, 6, 12])


def test_image_opening_decodes_nothing(write):
    path = write("a.png", saved(Image.new("L", (4000, 4000)), "PNG"))
    tracemalloc.start()
    try:
        source = open_matrix_file(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000
    assert source.entries[0].bytes == 16_000_000


def test_image_refuses_more_than_memory_before_decoding(write, monkeypatch):
    source = open_matrix_file(write("a.png", saved(Image.fromarray(noise(50, 40)), "PNG")))
    monkeypatch.setattr("engine.room.available_memory", lambda: 1000)
    with pytest.raises(FileError, match=r"the picture takes 28 kB of memory"):
        source.read("grey")


def test_image_bomb_is_refused_with_a_sentence(write):
    header = bytearray(png_of_sixteen_bits())
    header[16:24] = struct.pack(">II", 30_000, 30_000)
    header[29:33] = struct.pack(">I", zlib.crc32(bytes(header[12:29])))
    with pytest.raises(FileError, match=r"announces more than [\d,]+ pixels.*Scale it down"):
        open_matrix_file(write("bomb.png", bytes(header)))


def test_image_of_more_pixels_than_its_bytes_can_hold_is_refused(write):
    header = bytearray(png_of_sixteen_bits())
    header[16:24] = struct.pack(">II", 9000, 9000)
    header[29:33] = struct.pack(">I", zlib.crc32(bytes(header[12:29])))
    with pytest.raises(FileError, match=r"announces 81,000,000 pixels, more than \d+ bytes can"):
        open_matrix_file(write("lie.png", bytes(header)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_image_cut_short_is_a_sentence(write, kind):
    content = saved(Image.fromarray(noise(64, 64)), kind)
    path = write("a.bin", content[: len(content) * 2 // 3])
    with pytest.raises(FileError, match=r"the picture is damaged.*cut short"):
        open_matrix_file(path).read("colour")


def test_image_of_an_unknown_kind_of_pixel_is_refused(write):
    with pytest.raises(FileError, match=r"kind that is not read here \(LAB\)"):
        open_matrix_file(write("a.tif", saved(Image.new("LAB", (4, 4)), "TIFF")))


def test_image_decoders_that_run_programs_are_not_asked(write):
    # Pillow would hand this to Ghostscript.
    with pytest.raises(FileError, match="damaged"):
        open_matrix_file(write("a.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"))


def test_image_decoding_can_be_cancelled(write, make_progress):
    path = write("a.png", saved(Image.fromarray(noise(700, 700)), "PNG", compress_level=0))
    source = open_matrix_file(path)
    progress = make_progress(stop_after=5)
    with pytest.raises(Cancelled):
        source.read("colour", progress=progress)
    assert len(progress.reports) == 5
    assert source.read("colour").shape == (700, 2100)


def test_image_is_decoded_once(write, monkeypatch):
    source = open_matrix_file(write("a.png", saved(Image.fromarray(noise()), "PNG")))
    source.read("red")
    monkeypatch.setattr("engine.files.formats.image._decode", None)
    assert source.read("colour").shape == (7, 15)


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (b"BM\x46\0\0\0\0\0\0\0\x36", True),
        (b"BMI,age,weight\n1,2,3", False),
        (b"RIFF....WAVE", False),
    ],
)
def test_image_signatures_are_no_text(head, answer):
    assert is_image(head) is answer


def test_a_png_with_a_crowd_of_remarks_is_refused_before_a_library_reads_them(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(np.zeros((4, 3), np.uint8)).save(path)
    data = path.read_bytes()
    remark = struct.pack(">I", 3) + b"tEXta\0b" + struct.pack(">I", zlib.crc32(b"tEXta\0b"))
    for place in (33, len(data) - 12):  # after the header, and after the pixels
        path.write_bytes(data[:place] + 9000 * remark + data[place:])
        assert open_matrix_file(path).entries[0].shape == (4, 3)
        path.write_bytes(data[:place] + 10_001 * remark + data[place:])
        with pytest.raises(FileError, match="more than 10,000 parts"):
            open_matrix_file(path)
