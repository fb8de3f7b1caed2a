"""Ad-hoc questions: drawn from a seed, asked of Tidemark and of other engines in turn, with the answers held against each
other, first on a small log and then on the one that is timed."""

import collections
import contextlib
import copy
import os
import tempfile
import time

import adhoc_questions
import adhoc_sql
import peer_part
import peer_rows
import queries
from adhoc_questions import CLASSES
from adhoc_sqlite import Sqlite
from bench_stack import BenchStack
from figures import Figure, Table, short
from ingest_part import check_totals, wait_folded
from peer_questions import DIALECTS
from simulate import Simulation, set_up

PEERS = {"postgresql": "PostgresInsert", "clickhouse18": "OldClickHouse", "clickhouse26": "NewClickHouse", "duckdb": "DuckDb"}
# How many times the quickest peer's time Tidemark's is to be, as the median over the questions of a class.
GOALS = {"additive": 4, "distinct": 5, "quantile": 1.2}
# What takes so many times as long as the quickest peer, and so many ms, will not be the best: it is asked once.
HOPELESS, HOPELESS_MS = 10, 500
# ClickHouse would remember which parts of the table a filter leaves, which nobody's first question finds there.
SUFFIX = {"NewClickHouse": " SETTINGS use_query_cache = 0, use_query_condition_cache = 0"}
SHOWN = 12


class Loaded:
    """Tidemark and other engines with the same events: `engines` name -> Worker. SQLite too, with `check`."""

    def __init__(self, simulation, peers, check):
        self.simulation, self.peers, self.check = simulation, peers, check
        self.load_s = {}

    def __enter__(self):
        with contextlib.ExitStack() as entered:
            self.stack = entered.enter_context(BenchStack(set_up))
            folder = entered.enter_context(tempfile.TemporaryDirectory(prefix="tidemark-adhoc-"))
            os.chmod(folder, 0o755)  # PostgreSQL runs as another user
            self.codes = self.stack.codes
            path = os.path.join(folder, "events.tsv")
            chosen = self._timed("lines", self.simulation.export, self.codes, path, "orders")
            self.numbering = adhoc_sql.Numbering(self.codes, chosen)
            self._timed("Tidemark", self._load_own)
            self.sqlite = Sqlite(path, self.codes, self.numbering) if self.check else None
            self.engines = entered.enter_context(peer_part.workers(folder, self.peers))
            columns = adhoc_sql.derived_columns(self.codes) if self.peers else {}
            for name, engine in self.engines.items():
                self._timed(DIALECTS[name][1], engine.do, "load", file=path, columns=columns, more=peer_rows.ORDER)
            os.unlink(path)
            self.asker = queries.Asker(self.stack)
            entered.callback(self.asker.close)
            self.entered = entered.pop_all()
        return self

    def __exit__(self, *error):
        return self.entered.__exit__(*error)

    def _timed(self, what, call, *arguments, **more):
        start = time.monotonic()
        result = call(*arguments, **more)
        self.load_s[what] = time.monotonic() - start
        return result

    def _load_own(self):
        self.simulation.load(self.stack)
        self.log_size = self.stack.log_status().log_size
        wait_folded(self.stack, self.log_size)

    def ask_own(self, question):
        """(ms from C++, ms in the service, answer, canonical text) of one call after one to warm up."""
        waited, inside, response = self.asker.ask_from_cpp(question.message(), self.log_size, 1)
        return waited[0], inside[0], adhoc_sql.tidemark_answer(question, response), response.meta.canonical_query

    def ask_peer(self, name, question):
        """(ms, answer) of one call after one to warm up."""
        text = adhoc_sql.sql(question, DIALECTS[name][0], self.numbering) + SUFFIX.get(name, "")
        asked = self.engines[name].do("ask", sql=text, times=1)
        return asked["ms"][0], adhoc_sql.peer_answer(question, asked["rows"], self.numbering)

    def ask_sqlite(self, question):
        found = self.sqlite.ask(adhoc_sql.sql(question, "sqlite", self.numbering))
        return adhoc_sql.peer_answer(question, found, self.numbering)


def same(name, question, text, ours, theirs):
    found = adhoc_sql.difference(question, ours, theirs)
    assert not found, f"{name} and Tidemark differ on `{text}` in {found}"


def run(options):
    if options.short:
        options = copy.copy(options)
        options.events = options.check_events
    peers = chosen_peers(options.peers)
    simulation = Simulation(min(options.events, options.check_events))
    with Loaded(simulation, peers, check=True) as loaded:
        questions = adhoc_questions.draw(options.seed, options.queries, loaded.numbering.members())
        check_totals(loaded.stack, simulation.recount(loaded.codes, full=False), loaded.log_size)
        yield check(loaded, questions, options.seed)
        if options.rounds and options.events <= options.check_events:
            yield from measure(loaded, questions, options)
    if options.rounds and options.events > options.check_events:
        with Loaded(Simulation(options.events), peers, check=False) as loaded:
            yield from measure(loaded, questions, options)


def chosen_peers(option):
    if not option:
        return ()
    names = list(PEERS) if option == "all" else option.split(",")
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise RuntimeError(f"--peers: there is no {', '.join(unknown)}; there are {', '.join(PEERS)}")
    return tuple(PEERS[name] for name in names)


def check(loaded, questions, seed):
    """Raises unless all engines answer every question alike; the table says what was compared."""
    rows, answered = collections.Counter(), collections.Counter()
    for question in questions:
        _, _, ours, text = loaded.ask_own(question)
        same("SQLite", question, text, ours, loaded.ask_sqlite(question))
        for name in loaded.engines:
            same(DIALECTS[name][1], question, text, ours, loaded.ask_peer(name, question)[1])
        rows[question.kind] += len(ours)
        answered[question.kind] += any(map(any, ours.values()))
    engines = ", ".join(["SQLite", *(DIALECTS[name][1] for name in loaded.engines)])
    table = Table(f"Answers to {len(questions)} ad-hoc questions of seed {seed} at {loaded.simulation.events:,} events, "
                  f"equal to those of {engines}", "class", "questions", "with anything but zeros", "rows")
    for kind in CLASSES:
        asked = sum(q.kind == kind for q in questions)
        assert asked == 0 or answered[kind] * 2 > asked, \
            f"{kind}: {answered[kind]} of {asked} answers hold anything but zeros; the log is too small to compare them"
        table.add(kind, asked, answered[kind], f"{rows[kind]:,}")
    return table


def measure(loaded, questions, options):
    yield load_table(loaded)
    if not loaded.engines and options.events > options.check_events:
        check_totals(loaded.stack, loaded.simulation.recount(loaded.codes, full=False), loaded.log_size)
    measured = [one_question(loaded, question, options.rounds) for question in questions]
    if loaded.engines:
        yield class_table(measured, options)
    yield engine_table(loaded, measured, options)
    if loaded.engines:
        yield least_table(measured)
    yield {"adhoc": {"seed": options.seed, "events": options.events, "load_s": loaded.load_s, "questions": measured}}


def one_question(loaded, question, rounds):
    """Every engine in turn, `rounds` times; the first answers are held against each other."""
    ms, inside = {"Tidemark": []}, []
    ms.update((name, []) for name in loaded.engines)
    for number in range(rounds):
        waited, in_service, ours, text = loaded.ask_own(question)
        ms["Tidemark"].append(waited)
        inside.append(in_service)
        for name in loaded.engines:
            if number > 0 and hopeless(ms, name, loaded.engines):
                continue
            took, theirs = loaded.ask_peer(name, question)
            ms[name].append(took)
            if number == 0:
                same(DIALECTS[name][1], question, text, ours, theirs)
    measured = {"class": question.kind, "query": text, "rows": len(ours), "ms": ms, "service_ms": inside}
    if loaded.engines:
        median, best = min((Figure(ms[name]).median, name) for name in loaded.engines)
        measured.update(best=DIALECTS[best][1], best_ms=median, ratio=median / Figure(ms["Tidemark"]).median)
    return measured


def hopeless(ms, name, engines):
    return ms[name][0] > max(HOPELESS_MS, HOPELESS * min(ms[other][0] for other in engines))


def load_table(loaded):
    table = Table(f"Loading {loaded.simulation.events:,} events, s", *loaded.load_s)
    table.add(*map(short, loaded.load_s.values()))
    return table


def of_class(measured, kind):
    return [m for m in measured if m["class"] == kind]


def class_table(measured, options):
    table = Table(f"{len(measured)} ad-hoc questions of seed {options.seed} at {options.events:,} events, cache off, "
                  f"{options.rounds} rounds of all engines in turn", "class", "questions",
                  "quickest peer ÷ ours: median (range)", "goal", "met", "ours quicker in")
    for kind in CLASSES:
        ratios = Figure(m["ratio"] for m in of_class(measured, kind))
        if ratios.values:
            quicker = sum(ratio > 1 for ratio in ratios.values)
            table.add(kind, len(ratios.values), ratios, f"≥ {GOALS[kind]}", "yes" if ratios.median >= GOALS[kind] else "no",
                      f"{quicker} ({100 * quicker / len(ratios.values):.0f} %)")
    return table


def engine_table(loaded, measured, options):
    """Per engine and class the median over questions of what a question took in the median."""
    kinds = [kind for kind in CLASSES if of_class(measured, kind)]
    table = Table(f"Their times at {options.events:,} events, ms: median over the questions of each one's median (range)",
                  "engine", *kinds, *(["quickest peer in"] if loaded.engines else []))
    none = ["-"] if loaded.engines else []

    def medians(times):
        return [Figure(Figure(times(m)).median for m in of_class(measured, kind)) for kind in kinds]

    table.add("Tidemark, C++ client", *medians(lambda m: m["ms"]["Tidemark"]), *none)
    table.add("Tidemark, in the service", *medians(lambda m: m["service_ms"]), *none)
    for name in loaded.engines:
        title = DIALECTS[name][1]
        table.add(title, *medians(lambda m, name=name: m["ms"][name]), sum(m["best"] == title for m in measured))
    return table


def least_table(measured):
    table = Table(f"The {min(SHOWN, len(measured))} questions that Tidemark is least ahead in", "question", "class", "rows",
                  "ours, ms", "quickest peer, ms", "peer ÷ ours")
    for m in sorted(measured, key=lambda m: m["ratio"])[:SHOWN]:
        table.add(f"`{m['query']}`", m["class"], m["rows"], Figure(m["ms"]["Tidemark"]), f"{short(m['best_ms'])} ({m['best']})",
                  short(m["ratio"]))
    return table
