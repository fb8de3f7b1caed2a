#!/usr/bin/env python3
"""Writes the part of the corpus that is text: the examples of the documentation, the sample's files
and golden data, and short inputs that once were, or could have been, trouble.

    tests/fuzz/make_seeds.py

Replaces its own files in tests/fuzz/corpus; make_seeds_main.cc writes the binary ones, and files
that begin with `found-` are inputs that a fuzzer found.
"""

import gzip
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

QUERIES = [
    "net",
    "net, gross by day",
    "median, p95 by category@2 from 2024-Q1 to 2024-03",
    "net by month where consumer_region = cn-33 and channel is not unknown compare prev, yoy",
    'net where product in ("a \\"b\\\\", unknown, x/y) and source not in (a, b)',
    "net by consumer_region@nation share net of consumer_region rank share(net) asc",
    'net order by share(net of category@1) desc, "x" limit 20',
    'NET BY MONTH WHERE source != "by" in 2024-01..02',
    "net where order = \"\\x00\\xff\"",
    "quantile(0), quantile(99999999999)",
    "net by a, a, hour, week",
    "net limit 4294967296",
    "net (",
]

MAPPINGS = [
    # What the compiler walks into itself.
    "event: &e {source: *e}\n",
    "let: {a: \"${b}\", b: \"${a}\"}\nevent: {source: s, id: \"${a}\", kind: PURCHASE, event_time: x}\n",
    "event:\n  source: s\n  id: {row_number_of: [id, time]}\n  kind: {sign_of: \"${amount}\","
    " negative: REFUND, positive: PURCHASE}\n"
    "  event_time: {value: \"${time}\", format: \"%Y-%m-%d %H:%M:%S\"}\n"
    "  amount: {value: \"${amount}\", thousands: \",\", absolute: true, rounding: half_even}\n"
    "  category: {value: \"${category}\", lookup: categories, unmapped: keep}\n"
    "  product: {value: \"${name}\", unicode: nfkc, letters: upper, replace: {match: \"(a+)\", with:"
    " \"<\\\\1>\"}, extract: \".*\"}\n"
    "  attributes: {note: \"${name}\", n: {number: {sum: [\"${id}\", 0.5]}}}\n",
    "format: jsonl\nscale: 2\ntime_zone: UTC\nevent: {source: s, id: \"${a.b.0}\", kind: SERVICE_USE,"
    " event_time: {value: \"${t}\", format: unix_millis}}\n=====\n"
    "{\"a\": {\"b\": [1.50, \"x\"]}, \"t\": 1704448800000}\n{\"a\": 1}\n[]\n",
    "delimiter: tab\nheader: false\ncolumns: [a, b]\nquote: none\nencoding: gb18030\nshort_rows: pad\n"
    "null_values: [NULL]\nevent: {source: s, id: \"${a}\", kind: VOID, event_time: \"2024-01-01\"}\n"
    "=====\n1\t2\n\xb2\xe8\tNULL\n3\n",
]

RESOURCES = [
    "\n,", "&a [*a]\n", "- &a {name: x}\n- *a\n", "---\n---\n", "? [a, b]\n: c\n", "name: !!binary x\n",
    "name: \"\\0\\x07\\u2028\\U0001F600\"\ndescription: |\n  two\n   lines\n\n",
    "{name: n, region: {valid: {start: 0001-01-01, end: 9999-12-31}, aliases: ['', \"'\", '~', 'null', '1', 'yes']}}\n",
    "name: categories/x\ncategory: {coicop2018: '09.5.4', informationContent: 2}\n",
    "name: tokens/t\ntoken: {principal: p, roles: [ANALYST, ROLE_ADMIN], expireTimeUs: -1, secretHash: 00ff}\n",
]

CONFIGS = [
    "data: /var/lib/tidemark\nport: 8081\nverbose: true\n",
    "port: 99999999999\n", "share: nan\nlimit: -1\n", "data: [a]\n", "- data\n", "nothing: 1\n",
    "data: &a x\nport: *a\n", "--data=x\n--port\n7\n--noverbose\nrest\n", "--\n--data=x\n", "-port=1\n--port",
]

# A byte of choices first; rows_fuzzer.cc says what it means.
ROWS = [
    "\x00a,b\n1,\"x \"\"y\"\"\nz\"\r\n\r3,4\r\n\"open,\n",
    "\x01a;b\n1;2;3\n4\n", "\x06x,y\n\"1\",2", "\x08one\ntwo\na,b\n1,2\n", "\x10\xef\xbb\xbfa,b\n1,2\n",
    "\x00{\"id\": 1e400, \"a\": {\"b\": \"\\ud83d\\ude00\", \"0\": true}}\n{\"a\": [{\"b\": null}, 2]}\n"
    "{\"a\": \"\\u0000\"\n" + "[" * 80 + "\n",
    "\x50{\"id\":\"\\u00e9\"}\r\n\r\n{}\n", "\xb0\xff\xfea\x00,\x00b\x00\n\x00",
    "\x00a,a\n1,2\n", "\x00\n\n", "\x30" + "a,b\n" + "1,2\n" * 40,
]

# Choices, the length of the first text, then two texts; values_fuzzer.cc says what they mean.
VALUES = [
    (0, "12", "2.55"), (0, "9444444444444444444 ", "1e30"), (2, "-1,234,567.5", "12,34,567"),
    (1, "(1.234,50)", "R$ 5,5"), (8, "\u00a31\u00a0234.5-", "-0"), (0x80, "EUR 7", "7 kr"),
    (0, "%Y-%m-%d %H:%M:%S.%f %z", "2024-03-31 02:30:00.5 +08:00"), (0, "%d %b %y %I:%M %p", "5 Mar 24 12:00 AM"),
    (0, "%j %Y", "366 2024"), (0, "iso8601", "2024-02-29T23:59:60.123456789Z"), (0, "unix_seconds", "-1.5"),
    (0, "excel", "45000.75"), (0, "%A, %e %B %Y%%", "Friday, 5 March 2024%"), (0, "unix_micros", "9223372036854775807"),
    (0, "%Y%m%d%H%M", "00010101"), (0, "0." + "0" * 40 + "1", "9" * 31),
]

# The files of state_files_fuzzer.cc, or what an import remembers.
STATE_FILES = [
    "", "tidemark-log 1\nlog_id 00112233445566778899AABBCCDDEEFF\ncreated_us -9223372036854775808\nname x\n",
    "tidemark-log 2\n", "tidemark-log 1\nlog_id 00\ncreated_us 1\nname \n",
    "\n=====\nPRIVATE+KEY+x+00000000+AAAA", "\n=====\n\n=====\n\n=====\n00\n=====\n\n=====\n\u2014 x y\n",
    json.dumps({"rows": 5, "mapping": "mapping", "head_hash": "", "head_bytes": 0, "rejects_bytes": 9}),
    json.dumps({"rows": -5, "mapping": "other", "head_hash": None, "head_bytes": 1e99, "rejects_bytes": "9"}),
    "[" * 3000, json.dumps({"rows": 1e99, "rejects_bytes": "9"}),
]

FILTERS = [
    'parent = "regions/cn-33" AND level = CITY AND display_name : "\u5b81"', "id:cn", "kind = SOURCE_KIND_LIVE",
    'id = "\\"x\\\\"', "regions/cn-33", "observatories/main", "regionGroups/a.b", "level = x OR id = y",
]

# A letter for the type, then a message as text; document_fuzzer.cc says what it means.
DOCUMENTS = [
    ("Policy", 'kind: POLICY_KIND_PLAN issued { grain: PERIOD_GRAIN_YEAR start { year: 2013 month: 1 day: 1 } }'
     ' lines { id: "a" title { texts { key: "zh" value: "\u4f9b\u7ed9" } } kind: POLICY_LINE_KIND_ACTION }'
     ' lines { id: "b" title { texts { key: "en" value: "x" } } kind: POLICY_LINE_KIND_FORM parent: "a" }'),
    ("Provider", 'kind: PROVIDER_KIND_ENTERPRISE codes { code: "9133" } codes { code: "p" source: "sources/s" }'
     ' founded { grain: PERIOD_GRAIN_MONTH count: 3 start { year: 2013 month: 1 day: 1 } }'
     ' sizes { size_class: SIZE_CLASS_SMALL valid { end { year: 2015 month: 2 day: 28 } } }'),
    ("Programme", 'recorded: true stage: PROGRAMME_STAGE_CLOSED criteria { id: "a" title { texts { key: "en" value: "x" } }'
     ' round: ASSESSMENT_ROUND_ASSESSMENT weight: 60 } shortlist_rule { quota: 3 ties: TIE_RULE_TAKE_ALL'
     ' cut_off { value: "60.5" } tie_break: "a" }'),
    ("Indicator", 'unit { kind: UNIT_KIND_RATIO } frequency: PERIOD_GRAIN_YEAR additivity: ADDITIVITY_FLOW'
     ' method { texts { key: "en" value: "x" } } formula { operation { kind: OPERATION_KIND_DIVIDE operands { measure {'
     ' name: "net" filters { dimension: "channel" codes: "ONLINE" } } } operands { constant { value { value: "2.50" }'
     ' unit { kind: UNIT_KIND_MONEY currency: "CNY" } } } } }'),
    ("ObservationSeries", 'indicator: "indicators/x" unit { kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 8 }'
     ' form: SERIES_FORM_INDEX index_base { grain: PERIOD_GRAIN_YEAR start { year: 2010 month: 1 day: 1 } }'
     ' grains: PERIOD_GRAIN_QUARTER publisher: "organisations/x"'),
    ("Vintage", 'source { publisher: "organisations/x" published { year: 2018 month: 6 day: 14 } }'
     ' series { series: "observationSeries/x" regions { region: "regions/cn" cells { period { grain: PERIOD_GRAIN_MONTH'
     ' count: 2 start { year: 2018 month: 1 day: 1 } } value { value: "-61081.50" } } } }'),
    ("Target", 'due { grain: PERIOD_GRAIN_YEAR start { year: 2015 month: 1 day: 1 } } quantitative { kind: GOAL_KIND_ABOUT'
     ' value { value: "3.2" } tolerance { value: "0.1" } unit { kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 12 } }'),
    ("DataAsset", 'kind: ASSET_KIND_LIVE_DATA owner: "organisations/x" licence: "CC-BY-4.0" state: ASSET_STATE_REGISTERED'), ("SavedQuery", 'text: "net by month"'),
]
# As the numbers of Type in services/catalog/domain/resource.h, from the first document on.
DOCUMENT_TYPES = ["Scenario", "Project", "Activity", "Organisation", "Policy", "Provider", "Product", "DigitalApp", "Venue",
                  "Batch", "Programme", "Candidacy", "Assessment", "Selection", "Task", "Target", "Cooperation", "Indicator",
                  "ObservationSeries", "Vintage", "DataAsset", "SavedQuery"]
NUMBERS = ["0", "-0.5", "6.552", "999999999999999999", "0.000000000000000001", "-12.", "01", "1e3"]

# Names a line each, then what is typed.
SEARCHES = [
    "Ningbo\t宁波市\tning bo shi\tA port.\n宁波港\nHangzhou\t杭州市\n寧波",
    "Lüliang\t吕梁市\tlü liang shi\n \n5G网络\nlvliang", "吉林省\n\n吉林市\n\n吉林",
    "ＮＩＮＧＢＯ　㎏ ß ø\nstrasse kg", "カタカナ ﾊﾟﾋﾟ かな 한국어\n한국", "a\ta\ta\n b  c \na b c d e f",
    "\U00020000\U0001F600x\nx", "Town of x\tx镇\nxton town",
]
# A mapping and a table to go with it.
OBSERVATION_FILES = [
    ("encoding: gbk\ncells: {except: [code, name]}\nseries: cn-gdp\n"
     "region: {value: 'cn-${code}', extract: '(cn-..)0000000'}\nperiod: ${heading}\nvalue: ${cell}\nthousands: ','\n",
     "code,name,2015,2016年\n150000000,内蒙古区,\"17,831.51\",18128.10\n330000000,浙江省,42886.5,-\n".encode("gbk")),
    ("cells: {columns: [a, b]}\nseries: {value: '${heading}', map: {a: cn-a, b: cn-b}}\nregion: cn\nperiod: ${t}\n"
     "value: ${cell}\nnull_values: ['-']\n",
     "t,a,b\n2018年1-2月,61081.5,9.7\n2018 Q1,-,0.50\n2018,1,\nnever,2,3\n".encode()),
    ("series: {value: '${I}', letters: lower}\nregion: {value: '${R}', letters: lower}\nperiod: ${TIME_PERIOD}\n"
     "value: ${OBS_VALUE}\nstatus: ${OBS_STATUS}\nmissing: state\n",
     b"DATAFLOW,I,R,TIME_PERIOD,OBS_VALUE,OBS_STATUS\nX:Y(1.0),GDP,CN,2024-Q1,1.10,A\nX:Y(1.0),GDP,CN,2024-Q2,,M\n"),
    ("period: {day: '${d}', form: '%m/%d/%Y', grain: quarter}\nseries: s\nregion: cn\nvalue: ${v}\n",
     b"d,v\n10/1/1999,1\n2/30/1999,2\n"),
]
PERIODS = ["2024年1-2月", "2024 Q1", "2013-Q1..Q3", "2024-W53", "Jan 2024", "2024年前三季度", "2024-S1", "2023-02-29"]


def fenced(path, language=""):
    """The code blocks of a document."""
    text = (ROOT / path).read_text()
    return re.findall(r"^```" + language + r"\n(.*?)^```", text, re.S | re.M)


def write(target, name, content):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    (folder / name).write_bytes(data)


def latin(text):
    """Bytes written as characters below 256."""
    return text.encode("latin-1")


def sample_rows():
    with gzip.open(ROOT / "deploy/samples/uk-online-retail/online_retail.csv.gz", "rt") as rows:
        return "".join(rows.readline() for _ in range(6))


def main():
    queries = QUERIES + fenced("docs/query-language.md")[0].splitlines()
    for i, query in enumerate(queries):
        write("query", f"text-{i:02}", query)

    sample = (ROOT / "deploy/samples/uk-online-retail/mapping.yaml").read_text()
    write("mapping", "sample", re.sub(r"^      [A-Z][a-z]+: .*\n", "", sample, flags=re.M)
          + "=====\n" + sample_rows())
    for i, mapping in enumerate(MAPPINGS):
        write("mapping", f"hand-{i}", latin(mapping))
    for i, mapping in enumerate(fenced("docs/import-mapping.md", "yaml")):
        write("mapping", f"docs-{i}", mapping)

    for i, resource in enumerate(RESOURCES):
        write("resource_yaml", f"hand-{i}", resource)
    for i, resource in enumerate(fenced("docs/catalog-yaml.md", "yaml")[0].split("---\n")):
        write("resource_yaml", f"docs-{i}", resource)

    for i, config in enumerate(CONFIGS):
        write("config", f"hand-{i}", config)
    for i, rows in enumerate(ROWS):
        write("rows", f"hand-{i:02}", latin(rows))
    write("rows", "gzip", b"\x00" + gzip.compress(b"a,b\n1,2\n", mtime=0) + gzip.compress(b"3,4\n", mtime=0))
    write("rows", "gzip-cut", b"\x20" + gzip.compress(b"a,b\n1,2\n" * 9, mtime=0)[:-5])
    write("rows", "gb18030", b"\x10" + "名,值\n茶,1\n".encode("gb18030"))
    for i, (choice, first, second) in enumerate(VALUES):
        # FuzzedDataProvider takes numbers from the end of the input, texts from its front.
        text = first.encode()
        write("values", f"hand-{i:02}", text + second.encode() + bytes([len(text), choice]))
    for i, text in enumerate(STATE_FILES):
        write("state_files", f"hand-{i}", text)
    for i, text in enumerate(FILTERS):
        write("catalog_state", f"text-{i}", text)
    for i, (kind, text) in enumerate(DOCUMENTS):
        write("document", f"text-{i}", bytes([DOCUMENT_TYPES.index(kind)]) + text.encode())
    for i, number in enumerate(NUMBERS):
        write("document", f"number-{i}", number)
    for i, text in enumerate(SEARCHES):
        write("search", f"hand-{i}", text)
    for i, text in enumerate(PERIODS):
        write("observation_file", f"period-{i}", text)
    for i, mapping in enumerate(fenced("docs/observations-mapping.md", "yaml")):
        write("observation_file", f"docs-{i}", mapping)
    for i, (mapping, table) in enumerate(OBSERVATION_FILES):
        write("observation_file", f"hand-{i}", mapping.encode() + b"=====\n" + table)
    for i, line in enumerate((ROOT / "tests/data/leaf_vectors.txt").read_text().splitlines()):
        vector = json.loads(line)
        if "leaf" in vector and i % 5 == 1:
            write("leaf", f"vector-{i:02}", bytes.fromhex(vector["leaf"]))
    for name in ("single", "sparse"):
        write("block", f"golden-{name}", (ROOT / f"tests/data/blocks/{name}.tmb").read_bytes())
    # Two sizes, two roots and hashes, as proof_fuzzer.cc takes them.
    for i in range(8):
        write("proof", f"hand-{i}", bytes((i * 37 + j * (i + 1)) % 256 for j in range(8 + 6 * i)))


if __name__ == "__main__":
    main()
