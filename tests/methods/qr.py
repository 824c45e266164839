"""Reads a QR code from a page as a camera would: draws the SVG and lets an independent decoder look at it."""

import re
from typing import Any

import zxingcpp

PATH = re.compile(r'<path[^>]* d="([^"]+)"')
SIZE = re.compile(r'viewBox="0 0 (\d+) \d+"')
STEP = re.compile(r"([Mmh])(-?[\d.]+)(?: ?(-?[\d.]+))?")
SCALE = 6


def _modules(svg: str) -> list[bytearray]:
    size = int(SIZE.search(svg)[1]) // SCALE
    rows = [bytearray(b"\xff" * size) for _ in range(size)]
    x = y = 0.0
    for command, first, second in STEP.findall(PATH.search(svg)[1]):
        if command == "M":
            x, y = float(first), float(second)
        elif command == "m":
            x, y = x + float(first), y + float(second or 0)
        else:
            length = int(first)
            rows[int(y)][int(x) : int(x) + length] = bytes(length)
            x += length
    return rows


def read_qr(page: Any) -> str:
    """The text of the one QR code on a page."""
    svg = re.search(r"<svg[^>]*segno.*?</svg>", page.content.decode(), re.DOTALL)[0]
    rows = [bytes(module for module in row for _ in range(SCALE)) for row in _modules(svg) for _ in range(SCALE)]
    picture = memoryview(b"".join(rows)).cast("B", shape=[len(rows), len(rows[0])])
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)  # others are seen in the noise
    return str(found.text)
