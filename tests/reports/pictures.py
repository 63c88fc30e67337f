"""Pictures for tests, good and evil; all drawn here."""

import struct
import zlib
from io import BytesIO

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

# 31°12'N 121°27'E, somewhere in 徐汇; and what a phone writes about itself.
PLACE = {1: "N", 2: (31.0, 12.0, 7.5), 3: "E", 4: (121.0, 27.0, 11.25)}
MARKS = (b"Exif", b"GPS", b"SECRETPHONE", b"xpacket", b"secret comment", b"ICC_PROFILE")
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
GIF_AND_SCRIPT = b"GIF89a/*\x00\x00*/=1;alert(document.domain)//;"


def drawn(width: int = 400, height: int = 300, *, kind: str = "JPEG", **more: object) -> bytes:
    """A left half in red and a right half in blue, so that turning can be seen."""
    picture = Image.new("RGB", (width, height), "red")
    picture.paste("blue", (width // 2, 0, width, height))
    out = BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def with_a_place(orientation: int = 1) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x013B] = orientation, "SECRETPHONE", "SECRETPHONE"
    exif.get_ifd(0x8825).update(
        {
            tag: tuple(IFDRational(each) for each in value) if isinstance(value, tuple) else value
            for tag, value in PLACE.items()
        }
    )
    return drawn(exif=exif, comment=b"secret comment", xmp=b"<?xpacket begin?>31.2,121.45")


def bomb(side: int) -> bytes:
    """A PNG that claims and unpacks to `side`², a few kilobytes as a file."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    packer = zlib.compressobj(9)
    row = b"\x00" * (side // 8 + 2)
    lines = b"".join(packer.compress(row) for _each in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


def noise(width: int, height: int) -> bytes:
    """The worst that a camera can bring: nothing in it is smooth."""
    out = BytesIO()
    Image.effect_noise((width, height), 120).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()
