#!/usr/bin/env python3
"""One engine beside Tidemark in a process of its own, so that the memory and the threads of an engine in process are gone
with it: peer_worker.py ENGINE FOLDER PORT, one JSON command per line on stdin, one JSON answer per line on stdout."""

import json
import sys
import time

import peer_check
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


def run(engine, of, payloads, expected):
    """`expected`: what the table's summary is to be; None: only counted."""
    engine.reset(of)
    start = time.perf_counter()
    engine.run(payloads)
    seconds = time.perf_counter() - start
    count = engine.count()
    if expected is not None:
        peer_check.compare(type(engine).__name__, engine.summary(of), expected)
    engine.reset(of)  # nothing to merge, check or rewrite while the next engine is measured
    return {"seconds": seconds, "count": count}


def serve(engine):
    prepared = {}  # form -> payloads and the summary that they are to give
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "prepare":
            rows, of = peer_rows.lines(command["file"], command["events"]), peer_rows.FORMS[command["form"]]
            payloads, size = engine.prepare(rows, command["batch"], of)
            prepared[command["form"]] = payloads, peer_check.summary_of_lines(rows, of)
            answer = {"bytes": size}
        elif command["do"] == "run":
            payloads, expected = prepared[command["form"]]
            answer = run(engine, peer_rows.FORMS[command["form"]], payloads, expected if command["check"] else None)
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
