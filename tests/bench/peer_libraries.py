"""Engines that run in process: their libraries, as install-peers.sh leaves them."""

import ctypes
import glob
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def library(pattern):
    found = glob.glob(os.path.join(HERE, "peers", "node_modules", *pattern.split("/")))
    if not found:
        raise RuntimeError(f"{pattern} is missing; run tests/bench/install-peers.sh")
    return ctypes.CDLL(found[0])
