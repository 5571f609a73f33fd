"""Content codings of request bodies: good ones, and bombs."""

import gzip
import struct
import zlib

MIB = 1 << 20
ZSTD_BLOCK = 128 << 10  # the largest (RFC 8878 section 3.1.1.2.4)
ZSTD_HEAD = bytes.fromhex("28b52ffd0058")  # magic number, no checksum, a window of 2 MiB


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def _zstd_block(kind, size, content, last):
    return struct.pack("<I", size << 3 | kind << 1 | last)[:3] + content


def zstd(body):
    """A frame of stored blocks, by hand: Python 3.11 has no zstd."""
    pieces = [body[at : at + ZSTD_BLOCK] for at in range(0, len(body), ZSTD_BLOCK)] or [b""]
    blocks = [_zstd_block(0, len(piece), piece, piece is pieces[-1]) for piece in pieces]
    return ZSTD_HEAD + b"".join(blocks)


CODINGS = {
    "identity": bytes,
    "gzip": lambda body: gzip.compress(body, 1),
    "deflate": zlib.compress,
    "zstd": zstd,
}


def _zlib_bomb(size, wbits):
    packer = zlib.compressobj(9, wbits=wbits)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(size // MIB)) + packer.flush()


def bomb(coding, size):
    """`size` zero bytes, a whole number of MiB; on the wire 1/1000 of them, with zstd 1/30,000."""
    if coding == "zstd":
        blocks = size // ZSTD_BLOCK
        return ZSTD_HEAD + b"".join(_zstd_block(1, ZSTD_BLOCK, b"\0", at == blocks - 1) for at in range(blocks))
    return _zlib_bomb(size, {"gzip": 31, "deflate": 15}[coding])
