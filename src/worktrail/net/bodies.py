"""Reading a response without being drowned: the cap holds for the bytes that arrive and for what they unpack to.

Rule: a decoder never makes more than it may, so a few kilobytes that stand for gigabytes cost no more than the cap.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

from worktrail.errors import ProviderError

__all__ = ["ENCODINGS", "read_body", "too_large"]

ENCODINGS = {"": 0, "identity": 0, "gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


def too_large(most: int) -> ProviderError:
    """The error of a response over its cap."""
    return ProviderError("NET_TOO_LARGE", f"the response is larger than {most} bytes", details={"recoverable": False})


class _Unpacker:
    """gzip (also of several members) or deflate (with or without its header), at most ``most`` bytes in all."""

    def __init__(self, bits: int, most: int) -> None:
        self._bits = bits
        self._most = most
        self._engine = zlib.decompressobj(bits)
        self._begun = False
        self.out = bytearray()

    def feed(self, data: bytes) -> None:
        while data:
            if self._engine.eof:
                if self._bits != ENCODINGS["gzip"]:
                    raise ProviderError("NET_PROTOCOL", "the response goes on after its compressed end")
                self._engine = zlib.decompressobj(self._bits)
            self.out += self._step(data)
            if len(self.out) > self._most:
                raise too_large(self._most)
            data = self._engine.unconsumed_tail or self._engine.unused_data

    def _step(self, data: bytes) -> bytes:
        room = self._most - len(self.out) + 1
        try:
            made = self._engine.decompress(data, room)
        except zlib.error as error:
            if self._begun or self._bits != ENCODINGS["deflate"]:
                raise ProviderError("NET_PROTOCOL", f"the response cannot be unpacked: {error}") from None
            self._begun = True  # some servers send deflate without its header
            self._engine = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._step(data)
        self._begun = True
        return made

    def close(self) -> bytes:
        if self._begun and not self._engine.eof:
            raise ProviderError("NET_PROTOCOL", "the compressed response ends too soon")
        return bytes(self.out)


async def read_body(parts: AsyncIterator[bytes], encoding: str, most: int) -> bytes:
    """The whole body, unpacked; ``ProviderError NET_TOO_LARGE`` as soon as either size passes ``most``."""
    encoding = encoding.strip().lower()
    if encoding not in ENCODINGS:
        raise ProviderError("NET_PROTOCOL", f"the response is packed as {encoding!r}, which was not asked for")
    bits = ENCODINGS[encoding]
    arrived, plain = 0, bytearray()
    unpacker = _Unpacker(bits, most) if bits else None
    async for part in parts:
        arrived += len(part)
        if arrived > most:
            raise too_large(most)
        if unpacker is not None:
            unpacker.feed(part)
        else:
            plain += part
    return unpacker.close() if unpacker is not None else bytes(plain)
