#!/usr/bin/env python3
"""One engine beside Tidemark in a process of its own, so that the memory and the threads of an engine in process are gone
with it: peer_worker.py ENGINE FOLDER PORT, one JSON command per line on stdin, one JSON answer per line on stdout."""

import json
import sys
import time

import peer_engines
import peer_rows


def main():
    name, folder, port = sys.argv[1:]
    engine = getattr(peer_engines, name)(folder, int(port))
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "prepare":
            rows = peer_rows.lines(command["file"], command["events"])
            engine.prepare(rows, command["batch"])
            answer = len(rows)
        elif command["do"] == "run":
            engine.reset()
            start = time.perf_counter()
            engine.run()
            seconds = time.perf_counter() - start
            answer = {"seconds": seconds, "count": engine.count()}
            engine.reset()  # nothing to merge, check or rewrite while the next engine is measured
        print(json.dumps(answer), flush=True)
    if hasattr(engine, "close"):
        engine.close()


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
