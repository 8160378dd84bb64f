"""Damaged and hostile files, made anew for each test: name -> content. The same ones each time."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

Files = dict[str, bytes]

SIDE = (24, 20)
CLAIMED = 100_000
# How the six formats and their modes are saved, by file name.
MODES = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "jpg": ("L", "RGB", "CMYK"),
    "gif": ("L", "P", "RGBA"),
    "bmp": ("1", "L", "P", "RGB", "RGBA"),
    "tif": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"),
    "webp": ("RGB", "RGBA"),
}
_FORMAT = {"png": "PNG", "jpg": "JPEG", "gif": "GIF", "bmp": "BMP", "tif": "TIFF", "webp": "WEBP"}


# --- pictures


def reads_back(content: bytes) -> bool:
    """Say whether Pillow reads what it wrote: its version 12 cuts off YCbCr TIFFs."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    except OSError:
        return False
    return True


@cache
def sound_pictures() -> Files:
    """Every kind of picture that is read: modes, formats, wrong endings, animations, all eight turns."""
    found: Files = {}
    for ending, modes in MODES.items():
        for mode in modes:
            content = saved(picture(mode), ending)
            if reads_back(content):
                found[f"{mode.replace(';', '-')}.{ending}"] = content
    found["png called jpg.jpg"] = saved(picture("RGB"), "png")
    found["jpg called png.png"] = saved(picture("RGB"), "jpg")
    found["gif called bmp.bmp"] = saved(picture("P"), "gif")
    for ending in ("gif", "png", "webp", "tif"):
        found[f"animated.{ending}"] = saved(
            picture("RGB"), ending, save_all=True, append_images=[Image.new("RGB", SIDE, "red")] * 3
        )
    for turn in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        found[f"turned {turn}.jpg"] = saved(picture("RGB"), "jpg", exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 77
    found["turned 77.jpg"] = saved(picture("RGB"), "jpg", exif=exif)
    # Where a camera's notes are cut off, the picture is whole all the same.
    found["notes cut off.jpg"] = saved(
        picture("RGB"), "jpg", exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x09\x00\x12\x01"
    )
    found["transparent entry.png"] = saved(picture("P"), "png", transparency=3)
    return found


@cache
def damaged_pictures() -> Files:
    """Cut off at many points, bytes changed, and what only claims to be a picture."""
    whole = {name: content for name, content in sound_pictures().items() if name.startswith(("RGB", "P.", "L."))}
    found: Files = {}
    for name, content in whole.items():
        for keep in (1, 7, 20, len(content) // 3, len(content) // 2, 9 * len(content) // 10):
            found[f"cut at {keep} {name}"] = content[:keep]
        found.update({f"changed {i} {name}": changed for i, changed in enumerate(altered(content, 5, seed=name))})
    return found


@cache
def hopeless_pictures() -> Files:
    """What must be refused, however it is called."""
    png = saved(picture("RGB"), "png")
    return {
        "empty.png": b"",
        "zeros.png": bytes(1000),
        "text.png": b"not a picture",
        "page.png": b"<html><body>404</body></html>",
        "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        "print.png": b"%PDF-1.7\n%%EOF",
        # Pillow would start Ghostscript for it.
        "postscript.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(x) print\n%%EOF\n",
        "portable.png": b"P6 2 2 255\n" + bytes(12),
        "program.png": b"\x7fELF" + bytes(60),
        "archive.png": zipped({"a.png": b"x"}),
        "signature.png": png[:8],
        "bomb.png": claimed_png(CLAIMED, CLAIMED),
        "wide bomb.png": claimed_png(2**31 - 1, 1),
        "nothing wide.png": claimed_png(0, 9),
        "nothing high.png": claimed_png(9, 0),
        "bomb.bmp": claimed_bmp(CLAIMED, CLAIMED),
        "negative.bmp": claimed_bmp(-5, 9),
        "bomb.gif": claimed_gif(65535, 65535),
        "nothing.gif": claimed_gif(0, 0),
        "bomb.jpg": b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00\xff\xd9",
        "bomb.tif": claimed_tiff(CLAIMED, CLAIMED),
        "a note that unpacks to far more.png": png[:33] + chunk(b"zTXt", b"a\x00\x00" + deflated(1 << 27)) + png[33:],
        "checksum.png": png[:29] + b"\x00\x00\x00\x00" + png[33:],
        "float.tif": saved(picture("F"), "tif"),
        "integer.tif": saved(picture("I"), "tif"),
    }


def picture(mode: str) -> Image.Image:
    """A picture of noise in a mode of Pillow's."""
    noise = np.random.default_rng(0).integers(0, 256, (SIDE[1], SIDE[0], 4), dtype=np.uint8)
    if mode == "I;16":
        return Image.fromarray(noise[..., 0].astype(np.uint16) * 257)
    return Image.fromarray(noise if mode == "RGBA" else noise[..., :3]).convert(mode)


def saved(image: Image.Image, ending: str, **options: Any) -> bytes:
    """A picture's file."""
    file = io.BytesIO()
    image.save(file, _FORMAT[ending], **options)
    return file.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def claimed_png(width: int, height: int) -> bytes:
    """A PNG of one pixel whose header claims another size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00\x00\x00\x00")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def claimed_bmp(width: int, height: int) -> bytes:
    """A BMP without pixels whose header claims a size."""
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)


def claimed_gif(width: int, height: int) -> bytes:
    """A GIF of two colours and hardly a pixel that claims a size."""
    size = struct.pack("<HH", width, height)
    return b"GIF89a" + size + b"\x80\x00\x00" + bytes(6) + b",\x00\x00\x00\x00" + size + b"\x00\x02\x02\x4c\x01\x00;"


def claimed_tiff(width: int, height: int) -> bytes:
    """A TIFF of one byte whose tags claim a size."""
    tags = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: width}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(tags)) + entries + bytes(4)


def deflated(size: int) -> bytes:
    """So many zeros, compressed without ever being whole in memory."""
    packer = zlib.compressobj(1)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


def altered(content: bytes, times: int, *, seed: str) -> list[bytes]:
    """The content with a few bytes changed, most often near its beginning, where the formats say what they are."""
    rng = random.Random(seed)
    found = []
    for _ in range(times):
        changed = bytearray(content)
        for _ in range(rng.choice((1, 1, 2, 8))):
            changed[rng.randrange(min(len(changed), rng.choice((40, 200, 10**6))))] = rng.randrange(256)
        found.append(bytes(changed))
    return found


# --- tables

HEADER = "subj,session,trial,rt,object_response,category,condition,imagename"
NASTY = (
    "",
    " ",
    "nan",
    "NaN",
    "-1",
    "1e999",
    "9" * 5000,
    "\x00",
    "\x1b[2J",
    "𝟙",
    "a\u202eb",
    "=cmd()",
    "../../x",
    "a" * 70_000,
)


def trial_rows(n: int = 12) -> list[list[str]]:
    """Sound rows of the edge set."""
    shown = ("airplane", "bear", "cat")
    return [
        ["model", "1", str(i + 1), "NaN", shown[i % 3], shown[i % 3], "0", f"0001_edg_dnn_0_{shown[i % 3]}_00_{shown[i % 3]}{i}.png"]
        for i in range(n)
    ]  # fmt: skip


def table(rows: list[list[str]], header: str = HEADER) -> bytes:
    """A CSV as it stands, unquoted."""
    return "\n".join([header, *(",".join(row) for row in rows), ""]).encode()


@cache
def trial_files() -> Files:
    """Trial files, cut off, with nasty cells in every column, and in other formats."""
    sound = table(trial_rows())
    found: Files = {f"cut at {keep}": sound[:keep] for keep in range(0, len(sound), len(sound) // 24)}
    for column in range(8):
        for i, value in enumerate(NASTY):
            rows = trial_rows()
            rows[5][column] = value
            found[f"cell {HEADER.split(',')[column]} {i}"] = table(rows)
    found.update({f"changed {i}": changed for i, changed in enumerate(altered(sound, 20, seed="trials"))})
    rows = trial_rows()
    return found | {
        "a mark": b"\xef\xbb\xbf",
        "header alone": HEADER.encode(),
        "blank lines": b"\n\n\n\n",
        "no header": table(rows).partition(b"\n")[2],
        "columns twice": table([row * 2 for row in rows], f"{HEADER},{HEADER}"),
        "columns lack": table([row[:5] for row in rows], ",".join(HEADER.split(",")[:5])),
        "one row shorter": table([*rows, rows[0][:3]]),
        "one row longer": table([*rows, rows[0] * 2]),
        "utf-16": sound.decode().encode("utf-16"),
        "latin-1": sound.replace(b"model", "modèle".encode("latin-1")),
        "zeros": bytes(5000),
        "quote that never closes": sound.replace(b"bear", b'"bear', 1),
        "quote in a word": sound.replace(b"bear", b'be"ar', 1),
        "returns": sound.replace(b"\n", b"\r"),
        "line end in a cell": sound.replace(b"bear5.png", b'"bear\n5.png"'),
        "semicolons": sound.replace(b",", b";"),
        "tabs": sound.replace(b",", b"\t"),
        "a page": b"<html>404</html>",
        "json": json.dumps({"subj": "model"}).encode(),
        "zip": zipped({"trials.csv": sound}),
        "two observers": table([*rows, ["other", *rows[0][1:]]]),
        "people": sound.replace(b"model", b"humans"),
        "wide": (",".join(["x"] * 20_000) + "\n").encode() * 3,
    }


# --- notes in JSON


def json_files(sound: Mapping[str, Any]) -> Files:
    """A JSON object, cut off, changed, and with every value replaced by what it should not be."""
    text = json.dumps(sound, indent=1).encode()
    found: Files = {f"cut at {keep}": text[:keep] for keep in range(0, len(text), max(1, len(text) // 12))}
    found.update({f"changed {i}": changed for i, changed in enumerate(altered(text, 12, seed="json"))})
    wrong: tuple[object, ...] = (None, True, -1, 10**40, 1.5, "", "../../x", "a\nb", [], [[]], {}, {"a": "b"})
    for key in sound:
        found[f"without {key}"] = json.dumps({k: v for k, v in sound.items() if k != key}).encode()
        found.update({f"{key} is {i}": json.dumps({**sound, key: value}).encode() for i, value in enumerate(wrong)})
        found[f"{key} is no number"] = json.dumps({**sound, key: float("nan")}).encode()
    return found | {
        "deep": b"[" * 200_000,
        "deep in a key": b'{"schema": ' + b'{"a":' * 100_000,
        "list": b"[]",
        "text": b'"x"',
        "number": b"7",
        "long number": b"9" * 6000,
        "nothing": b"null",
        "utf-16": text.decode().encode("utf-16"),
        "zeros": bytes(500),
        "twice": text + text,
    }


# --- archives


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "", size: int = 1) -> tuple[tarfile.TarInfo, bytes]:
    """A member of a tape, of any kind."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info, b"x" * size if kind == tarfile.REGTYPE else b""


def tape(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A tar."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as packed:
        for info, content in members:
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return file.getvalue()


def zipped(contents: Mapping[str, bytes], mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip; `mode` is what Unix calls the kind of each file."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", method) as packed:
        warnings.simplefilter("ignore")
        for name, content in contents.items():
            info = zipfile.ZipInfo(name)
            # ZipInfo cleans a name that it is given; the attribute it writes as it is.
            info.filename = name
            info.compress_type = method
            info.external_attr = mode << 16
            packed.writestr(info, content)
    return file.getvalue()


OUT = (
    "../evil",
    "a/../../evil",
    "/evil-of-reconstrue",
    "//evil",
    "..",
    "../",
    "C:evil",
    "C:\\evil",
    "a\\..\\..\\evil",
    "a\x00b",
    "a\nb",
    "\x1b[2Jx",
)


@cache
def hostile_archives() -> Files:
    """Archives that would write outside their folder, make links or devices, or unpack to far more than they are."""
    found: Files = {}
    for i, name in enumerate(OUT):
        found[f"out {i}.tar"] = tape(member("good.png"), member(name))
        found[f"out {i}.zip"] = zipped({"good.png": b"x", name: b"x"})
    for kind, what in (
        (tarfile.SYMTYPE, "symlink"), (tarfile.LNKTYPE, "hardlink"), (tarfile.CHRTYPE, "character"),
        (tarfile.BLKTYPE, "block"), (tarfile.FIFOTYPE, "pipe"), (tarfile.CONTTYPE, "contiguous"),
        (tarfile.GNUTYPE_SPARSE, "sparse"), (b"Z", "unknown"),
    ):  # fmt: skip
        for target in ("/etc/passwd", "..", "good.png"):
            found[f"{what} to {target.replace('/', '-')}.tar"] = tape(
                member("good.png"), member("link", kind, target), member("link/below.png")
            )
    for what, mode in (
        ("link", stat.S_IFLNK),
        ("pipe", stat.S_IFIFO),
        ("device", stat.S_IFCHR),
        ("socket", stat.S_IFSOCK),
    ):
        found[f"{what}.zip"] = zipped({"link": b"/etc/passwd"}, mode | 0o777)
    found["encrypted.zip"] = zipped({"a.png": b"x"}).replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
    )
    zeros = bytes(3_000_000)
    found["bomb.zip"] = zipped({f"{i}.png": zeros for i in range(3)})
    found["bomb.tar.gz"] = gzip.compress(tape(*((tarfile.TarInfo(f"{i}.png"), zeros) for i in range(3))))
    found["one bomb.zip"] = zipped({"a.png": zeros})
    found["one bomb.tar.xz"] = lzma.compress(tape((tarfile.TarInfo("a.png"), zeros)))
    found["many.tar"] = tape(*(member(f"{i}.png") for i in range(60)))
    found["many.zip"] = zipped({f"{i}.png": b"x" for i in range(60)})
    # tarfile itself would read such a header into memory, whatever its size.
    for kind, what in (
        (tarfile.XHDTYPE, "header"),
        (tarfile.GNUTYPE_LONGNAME, "long name"),
        (tarfile.XGLTYPE, "global header"),
    ):
        info = tarfile.TarInfo("x")
        info.type = kind
        found[f"{what} bomb.tar.gz"] = gzip.compress(tape((info, zeros)))
    return found


@cache
def damaged_archives() -> Files:
    """Sound archives of five kinds, cut off or changed."""
    sound = sound_archives()
    found: Files = {}
    for name, content in sound.items():
        for part in (3, 5, 8):
            found[f"cut {part} {name}"] = content[: len(content) * part // 10]
        found.update({f"changed {i} {name}": changed for i, changed in enumerate(altered(content, 8, seed=name))})
    return found | {
        "empty.tar": b"",
        "zeros.zip": bytes(2000),
        "text.tar.gz": b"not an archive",
        "magic.tar.gz": b"\x1f\x8b",
        "magic.tar.xz": b"\xfd7zXZ\x00",
        "magic.tar.bz2": b"BZh9",
        "magic.zip": b"PK\x05\x06" + bytes(18),
        "twice.tar": tape(member("a.png"), member("a.png")),
        "twice.zip": zipped({"a.png": b"x"}) + zipped({"a.png": b"y"}),
        "file then folder.tar": tape(member("a"), member("a/b.png")),
        "no name.tar": tape(member("")),
        "a dot.tar": tape(member(".")),
        "long name.tar": tape(member("a" * 5000)),
        "deep.tar": tape(member("a/" * 3000 + "b.png")),
        "unknown method.zip": zipped({"a.png": b"x" * 50}).replace(b"\x08\x00", b"\x63\x00"),
    }


@cache
def sound_archives() -> Files:
    """One of each kind that is read."""
    noise = random.Random(0).randbytes(4000)
    packed = tape(*((tarfile.TarInfo(f"edge/{i}.png"), noise) for i in range(3)))
    names = {f"edge/{i}.png": noise for i in range(3)}
    return {
        "sound.tar": packed,
        "sound.tar.gz": gzip.compress(packed),
        "sound.tar.bz2": bz2.compress(packed),
        "sound.tar.xz": lzma.compress(packed),
        "sound.zip": zipped(names),
        "sound lzma.zip": zipped(names, method=zipfile.ZIP_LZMA),
    }
