"""Checks that an executable needs no glibc newer than the one of Lambda's provided.al2023 runtime.

python3 tools/check_glibc.py FILE, where FILE is an ELF executable or a zip with one named `bootstrap`.

The versions that an executable needs are in its section .gnu.version_r, see
https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html
"""

from __future__ import annotations

import argparse
import re
import struct
import sys
import zipfile
from pathlib import Path
from typing import Iterator

from processes import Failure

AMAZON_LINUX_2023 = (2, 34)
SECTION_TYPE_VERNEED = 0x6FFFFFFE
VERSION_FLAG_WEAK = 0x2


def needed_versions(elf: bytes) -> Iterator[str]:
    """The version names (GLIBC_2.34, GCC_3.0, …) that a 64-bit little-endian ELF file needs."""
    if elf[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    table, = struct.unpack_from("<Q", elf, 0x28)
    entry_size, count = struct.unpack_from("<HH", elf, 0x3A)
    if table == 0 or count == 0:
        raise ValueError("the file has no section headers, so the versions that it needs cannot be read")
    # Type, offset, linked section and number of entries of each section.
    sections = [struct.unpack_from("<4xI16xQ8xII", elf, table + index * entry_size) for index in range(count)]
    for kind, offset, link, libraries in sections:
        if kind != SECTION_TYPE_VERNEED:
            continue
        names = sections[link][1]
        for _ in range(libraries):
            versions, auxiliary, following = struct.unpack_from("<2xH4xII", elf, offset)
            entry = offset + auxiliary
            for _ in range(versions):
                flags, name, step = struct.unpack_from("<4xH2xII", elf, entry)
                # What is needed weakly may be missing.
                if not flags & VERSION_FLAG_WEAK:
                    start = names + name
                    yield elf[start:elf.index(b"\0", start)].decode("ascii")
                entry += step
            offset += following


def newest_glibc(elf: bytes) -> tuple[int, ...]:
    """(2, 34) for GLIBC_2.34; () for an executable without glibc."""
    found = (re.fullmatch(r"GLIBC_(\d+(?:\.\d+)+)", name) for name in needed_versions(elf))
    return max((tuple(map(int, match[1].split("."))) for match in found if match), default=())


def check(path: Path, hint: str = "") -> str:
    """Says in a sentence what the executable needs; a Failure, with the hint, if the runtime does not have it."""
    try:
        newest = newest_glibc(_read(path))
    except (OSError, KeyError, ValueError, struct.error) as error:
        raise Failure(f"{path}: {error}") from None
    needs = f"needs glibc {_dotted(newest)}" if newest else "needs no glibc"
    sentence = f"{path} {needs}; provided.al2023 has {_dotted(AMAZON_LINUX_2023)}"
    if newest > AMAZON_LINUX_2023:
        raise Failure("; ".join(filter(None, [sentence, hint])))
    return sentence


def _read(path: Path) -> bytes:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return archive.read("bootstrap")
    return path.read_bytes()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    try:
        print(check(parser.parse_args().file))
    except Failure as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
