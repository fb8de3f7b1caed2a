#!/usr/bin/env python3
"""One engine beside Tidemark in a process of its own, so that the memory and the threads of an engine in process are gone
with it: peer_worker.py ENGINE FOLDER PORT, one JSON command per line on stdin, one JSON answer per line on stdout."""

import json
import sys
import time

import peer_engines
import peer_rows

# A question that takes seconds is asked less often.
ENOUGH_CALLS, ENOUGH_MS = 5, 5_000


def main():
    name, folder, port = sys.argv[1:]
    engine = getattr(peer_engines, name)(folder, int(port))
    try:
        serve(engine)
    finally:
        if hasattr(engine, "close"):
            engine.close()


def serve(engine):
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
        elif command["do"] == "load":
            engine.load(command["file"], command["columns"], command.get("more", ()))
            answer = True
        elif command["do"] == "ask":
            rows, times = engine.ask(command["sql"]), []
            while len(times) < command["times"] and not (len(times) >= ENOUGH_CALLS and sum(times) > ENOUGH_MS):
                rows = engine.ask(command["sql"])
                times.append(1e3 * engine.asked_s)
            answer = {"ms": times, "rows": [[str(cell) for cell in row] for row in rows]}
        elif command["do"] == "ask_by_psql":
            answer = engine.ask_by_psql(command["sql"], command["times"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
