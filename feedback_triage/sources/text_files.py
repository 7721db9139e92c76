"""Open a text file in the encoding it is in, or say what it really is."""

import gzip
import zlib
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE, getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from feedback_triage.errors import UnreadableFileError

_CHUNK_BYTES = 1 << 20
_BOMS = (  # UTF-32 first: its mark starts with that of UTF-16
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF8, "utf-8-sig"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
_OTHER_KINDS = (
    (b"PK\x03\x04", "an Excel workbook or zip archive; export it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook; export it as CSV"),
    (b"PAR1", "a Parquet file; name it .parquet"),
    (b"\x1f\x8b", "compressed with gzip; end its name in .gz"),
    (b"%PDF", "a PDF; export the feedback as CSV"),
    (b"\x89PNG", "a picture; export the feedback as CSV"),
    (b"SQLite format 3", "a SQLite database; export the table as CSV"),
)
_MARKUP_STARTS = (b"<!doctype html", b"<html")
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b")) + b"\x7f"
_MAX_CONTROL_RATIO = 0.01
_MIN_CONTROLS = 8

# Every byte that is not UTF-8 comes out of `surrogateescape` as U+DC80..U+DCFF.
_FROM_WINDOWS_1252 = {
    0xDC00 + byte: bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in range(0x80, 0x100)
}


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that was found to be text.

    Attributes:
        path: where it is.
        encoding: a codec's name.
        has_stray_bytes: True when some bytes are not UTF-8; those are read as Windows-1252, which holds
            Latin-1.
    """

    path: Path
    encoding: str
    has_stray_bytes: bool

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know about the encoding."""
        if self.has_stray_bytes:
            return ("not all of it is UTF-8; the other bytes were read as Windows-1252 (Latin-1)",)
        return ()

    def lines(self) -> Iterator[str]:
        """Go through the physical lines, each with its line end."""
        errors = "surrogateescape" if self.has_stray_bytes else "strict"
        with _opened_text(self.path, self.encoding, errors) as stream:
            if self.has_stray_bytes:
                for line in stream:
                    yield line if line.isascii() else line.translate(_FROM_WINDOWS_1252)
            else:
                yield from stream


def inspect_text(path: Path) -> TextFile:
    """Find out how to read a file, in one pass over its bytes.

    Raises:
        UnreadableFileError: empty, binary, damaged, or another kind of file.
    """
    try:
        with _opened_binary(path) as stream:
            return _inspect(path, stream)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableFileError(f"{path.name}: it is not a whole gzip file; copy or export it again") from error


def _inspect(path: Path, stream: BinaryIO) -> TextFile:
    chunk = stream.read(_CHUNK_BYTES)
    _refuse_other_kinds(path, chunk)
    encoding = next((name for mark, name in _BOMS if chunk.startswith(mark)), "utf-8")
    is_eight_bit = encoding.startswith("utf-8")
    decoder = getincrementaldecoder(encoding)(errors="strict")
    is_valid = is_blank = True
    has_nul = False
    n_bytes = n_controls = 0
    while is_valid or chunk:
        text = ""
        if is_valid:
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError:
                is_valid = is_blank = False
        is_blank = is_blank and not text.strip("\ufeff \t\r\n")
        has_nul = has_nul or (b"\0" in chunk if is_eight_bit else "\0" in text)
        n_bytes += len(chunk)
        n_controls += len(chunk) - len(chunk.translate(None, _CONTROLS))
        if not chunk:
            break
        chunk = stream.read(_CHUNK_BYTES)
    if is_blank:
        raise UnreadableFileError(f"{path.name}: it is empty; export it again")
    if has_nul:
        raise UnreadableFileError(
            f"{path.name}: it holds NUL bytes, so it is binary or UTF-16 without a byte-order mark; "
            "export it as UTF-8 text"
        )
    has_controls = n_controls >= _MIN_CONTROLS and n_controls > _MAX_CONTROL_RATIO * n_bytes
    if has_controls if is_eight_bit else not is_valid:
        raise UnreadableFileError(f"{path.name}: it is not text; export it as UTF-8 text")
    return TextFile(path, encoding, has_stray_bytes=not is_valid)


def _refuse_other_kinds(path: Path, start: bytes) -> None:
    for magic, kind in _OTHER_KINDS:
        if start.startswith(magic):
            raise UnreadableFileError(f"{path.name}: it is {kind}")
    if start[:200].lstrip(BOM_UTF8 + b" \t\r\n").lower().startswith(_MARKUP_STARTS):
        raise UnreadableFileError(f"{path.name}: it is a web page; download the export itself")


def _opened_binary(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path, "rb")) if path.name.lower().endswith(".gz") else path.open("rb")


def _opened_text(path: Path, encoding: str, errors: str) -> TextIO:
    if path.name.lower().endswith(".gz"):
        return cast("TextIO", gzip.open(path, "rt", encoding=encoding, errors=errors, newline=""))
    return path.open(encoding=encoding, errors=errors, newline="")
