"""What a file is, whatever its name says."""

import stat
import zipfile
from mmap import ACCESS_READ, mmap
from pathlib import Path

from services.imports.tables import not_there
from shared.errors import Invalid

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OTHERS = (
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"SQLite format 3\x00", "a database"),
)
_PAGES = (b"<!doctype", b"<html", b"<?xml", b"<table")


def is_workbook(path: Path) -> bool:
    """Whether the file is an XLSX workbook; otherwise it is text that may be CSV.

    Raises Invalid, saying what it is, for anything else.
    """
    start = _start(path)
    if not start:
        raise not_there(f"{path.name} is empty.", "not-empty")
    if start.startswith(_ZIP):
        _check_archive(path)
        return True
    found = _found(path, start)
    if found:
        raise not_there(f"{path.name} is {found}. Save it as XLSX, or as CSV UTF-8.", "known-kind")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise not_there(
            f"{path.name} is not an XLSX workbook, whatever its name says. Save it again as XLSX; "
            "if it is CSV, give it a name that ends in .csv.",
            "readable-xlsx",
        )
    return False


def existing(path: Path) -> Path:
    """The path, where there is a file that can be opened. Raises Invalid."""
    _start(path)
    return path


def is_json(path: Path) -> bool:
    """Whether the file calls itself JSON, or begins like it. Raises Invalid."""
    start = _start(path)
    return path.suffix.lower() in (".json", ".jsonl") or _begins_like_json(start)


def _start(path: Path) -> bytes:
    """The first bytes of a file. Raises Invalid where there is none, or none that can be read."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
            raise not_there(f"{path} is {what}, not a file.", "file-exists")
        with path.open("rb") as stream:
            return stream.read(512)
    except (FileNotFoundError, NotADirectoryError):
        message = f"There is no file {path}."
        raise Invalid(message, rule="file-exists", field="file") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise not_there(f"{path.name[:80]} cannot be opened: {why}.", "readable") from None


def _begins_like_json(start: bytes) -> bool:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"{", b"["))


def _found(path: Path, start: bytes) -> str:
    if start.startswith(_OLE):
        if _contains(path, _ENCRYPTED):
            return "protected by a password. Open it, remove the password"
        return "a workbook of the old kind (XLS) or another document of old Office"
    for signature, what in _OTHERS:
        if start.startswith(signature):
            return what
    if _begins_like_json(start):
        return "JSON"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return "a web page or XML" if text.startswith(_PAGES) else ""


def _contains(path: Path, part: bytes) -> bool:
    """Whether a file holds these bytes; it is not loaded for that."""
    with path.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as content:
        return content.find(part) >= 0


def _check_archive(path: Path) -> None:
    """Raises Invalid, saying what it is, for an archive that is no XLSX workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {each.filename for each in archive.infolist()}
            is_odf = "mimetype" in names and archive.getinfo("mimetype").file_size < 200
            kind = archive.read("mimetype").decode("ascii", "replace") if is_odf else ""
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, ValueError):
        raise _damaged(path) from None
    if "opendocument.spreadsheet" in kind:
        what = "an OpenDocument spreadsheet (ODS)"
    elif "xl/workbook.bin" in names:
        what = "a binary workbook (XLSB)"
    elif "xl/vbaProject.bin" in names:
        what = "a workbook with macros (XLSM)"
    elif "xl/workbook.xml" in names:
        return
    elif "word/document.xml" in names:
        what = "a Word document"
    elif "ppt/presentation.xml" in names:
        what = "a presentation"
    elif "Index/Document.iwa" in names or "index.xml" in names:
        what = "a document of Apple's Numbers or Pages"
    else:
        what = "a ZIP archive, not a workbook"
    raise not_there(f"{path.name} is {what}. Save it as XLSX, or as CSV UTF-8.", "known-kind")


def _damaged(path: Path) -> Invalid:
    return not_there(
        f"{path.name} is damaged, or not an XLSX workbook. Save it again as XLSX, or as CSV UTF-8.",
        "readable-xlsx",
    )
