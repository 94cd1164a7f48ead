# Moves one descriptor's file into another, as programs of Python do, for the gallery: python3 move.py WAY FROM INTO

import mmap
import os
import shutil
import sys


def copyfileobj(source, sink):
    shutil.copyfileobj(os.fdopen(source, "rb"), os.fdopen(sink, "wb"))


def sendfile(source, sink):
    offset = 0
    while n := os.sendfile(sink, source, offset, 1 << 30):
        offset += n


def mapped(source, sink):
    if os.fstat(source).st_size == 0:
        return
    rest = memoryview(mmap.mmap(source, 0, prot=mmap.PROT_READ))
    while rest:
        rest = rest[os.write(sink, rest[:65536]):]


def splice(source, sink):
    read, write = os.pipe()
    while n := os.splice(source, write, 65536):
        while n:
            n -= os.splice(read, sink, n)


way, source, sink = sys.argv[1:]
{"copyfileobj": copyfileobj, "sendfile": sendfile, "mmap": mapped, "splice": splice}[way](int(source), int(sink))
