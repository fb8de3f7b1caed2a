"""Reports, amounts in other units and charts on real services: their numbers are those of `tidemark query`."""

import csv
import decimal
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import termios
import unittest
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser

from stack import BIN, ROOT, SAMPLE, Stack

REPORTS = os.path.join(ROOT, "deploy", "samples", "reports")
SAMPLES = os.path.join(ROOT, "deploy", "samples")
DELTA = [os.path.join(SAMPLES, *path) for path in (
    ("regions", "china.yaml"), ("taxonomy",), ("yangtze-delta",), ("yangtze-delta-synthetic",))]
# The log of the sample.
UK_EVENTS = "539394"


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def scaled(text, power, decimals):
    """Half away from zero, as it is shown: an oracle apart from the program's."""
    with decimal.localcontext() as context:
        context.prec = 60
        step = decimal.Decimal(1).scaleb(-decimals)
        value = (decimal.Decimal(text).scaleb(-power)).quantize(step, rounding=decimal.ROUND_HALF_UP)
    return f"{value:,}" if value else f"{abs(value):,}"


def unescaped(text):
    """Markdown without its backslashes."""
    return re.sub(r"\\(.)", r"\1", text)


class Html(HTMLParser):
    """Elements that are closed in order, and what the test looks at."""
    VOID = {"meta", "link", "br", "hr", "img", "input"}

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.targets, self.words = [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        named = dict(attributes)
        if "id" in named:
            self.ids.append(named["id"])
        for key in ("src", "href"):
            if key in named:
                self.targets.append(named[key])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        self.words.append(data)


def charts(text):
    """The SVG elements of a report, parsed as XML."""
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg .*?</svg>", text, re.DOTALL)]


SVG = "{http://www.w3.org/2000/svg}"


class ReportCase(unittest.TestCase):
    def setUp(self):
        self.path = os.path.join(self.stack.folder, "template.yaml")

    def write(self, text):
        with open(self.path, "w", encoding="utf-8") as f:
            f.write(text)
        return self.path

    def check_html(self, text):
        page = Html(text)
        self.assertEqual(len(page.ids), len(set(page.ids)))
        for target in page.targets:
            self.assertTrue(target.startswith("#"), target)
            self.assertIn(target[1:], page.ids)
        self.assertEqual(page.tags.count("caption"), page.tags.count("table"))
        self.assertNotIn("script", page.tags)
        for svg in charts(text):
            self.assertTrue(svg.find(f"{SVG}title").text)
            self.assertRegex(svg.find(f"{SVG}desc").text, r"\d")
            self.assertEqual(svg.get("role"), "img")
        return "".join(page.words)


class SampleReports(ReportCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "-f", os.path.join(SAMPLE, "catalog.yaml"), "--yes")
        cls.stack.cli("import", os.path.join(SAMPLE, "online_retail.csv.gz"), "--mapping",
                      os.path.join(SAMPLE, "mapping.yaml"))
        cls.query("net")

    @classmethod
    def query(cls, text, *more):
        return table(cls.stack.cli("query", text, "--min-log-size", UK_EVENTS, "-o", "csv", *more).stdout)

    def report(self, *more):
        return self.stack.cli("report", os.path.join(REPORTS, "uk-online-retail.yaml"), *more).stdout

    def test_numbers_are_those_of_queries(self):
        text = self.report()
        plain = unescaped(text)
        net, = self.query("net, gross, refunds, refund_rate, orders, events in 2011")
        self.assertIn(f"sold for {scaled(net['net'], 6, 2)} million GBP[^1]", plain)
        self.assertIn(f"Refunds were {scaled(net['refunds'], 3, 0)} thousand GBP[^2]", plain)
        self.assertIn(f", {scaled(net['refund_rate'], -2, 1)} %[^2]", plain)
        self.assertIn(f"{int(net['orders']):,}[^3] orders with {int(net['events']):,}[^3] lines", plain)
        self.assertIn("| Month | Gross (thousand GBP) | Net (thousand GBP) | Flags |", plain)
        for row in self.query("gross, net by month in 2011"):
            self.assertIn(f"| {row['period']} | {scaled(row['gross'], 3, 1)} | {scaled(row['net'], 3, 1)} |", plain)
        rows = self.query("net, events by consumer_region in 2011 share net order by net desc limit 10")
        self.assertEqual(len(rows), 10)
        for row in rows:
            self.assertIn(f"({row['consumer_region']}) | {scaled(row['net'], 3, 1)} | "
                          f"{scaled(row['share(net)'], -2, 1)} % | {int(row['events']):,} |", plain)
        forecast = table(self.stack.cli("forecast", "gross by week", "--horizon", "8", "-o", "csv").stdout)
        self.assertEqual(len(forecast), 8)
        for row in forecast:
            # What csv has is the nearest text of 17 digits; here nothing stands on a half.
            self.assertIn(f"| {row['period']} | {scaled(row['point'], 3, 0)} | {scaled(row['lower_80'], 3, 0)} |", plain)

    def test_every_source_has_its_snapshot_and_question(self):
        text = self.report()
        status = re.search(r"log ([0-9a-f]{32}), (\d+) records, catalog version (\d+)", text)
        self.assertGreaterEqual(int(status[2]), int(UK_EVENTS))
        notes = re.findall(r"^\[\^(\d+)\]: `(.*)`; (.*)$", text, re.MULTILINE)
        self.assertEqual([int(n) for n, _, _ in notes], list(range(1, len(notes) + 1)))
        self.assertEqual({told.split(";")[0] for _, _, told in notes}, {status[0]})
        self.assertEqual(set(re.findall(r"\[\^(\d+)\](?!:)", text)), {n for n, _, _ in notes})
        for _, question, _ in notes:
            if not question.startswith("forecast "):
                self.assertTrue(self.query(question), question)
        self.assertIn("forecast gross by week --horizon 8", [question for _, question, _ in notes])

    def test_the_same_bytes_again_and_at_the_same_size_later(self):
        size = re.search(r", (\d+) records", self.report())[1]
        for form in ("md", "html"):
            first = self.report("-o", form, "--as-of", size)
            self.assertEqual(self.report("-o", form), first)
            path = os.path.join(self.stack.folder, "report.out")
            self.assertEqual(self.report("-o", form, "--out", path), "")
            with open(path, encoding="utf-8") as f:
                self.assertEqual(f.read(), first)

    def test_html_is_whole_and_has_the_same_numbers(self):
        text = self.report("-o", "html")
        words = self.check_html(text)
        for row in self.query("gross, net by month in 2011"):
            self.assertIn(scaled(row["net"], 3, 1), words)
        bars, heat, lines = charts(text)
        self.assertEqual(len(bars.findall(f"{SVG}rect")), 12)
        self.assertGreater(len(heat.findall(f"{SVG}rect")), 20)
        self.assertEqual(len(lines.findall(f"{SVG}polygon")), 2)
        self.assertEqual([len(charts(self.report()))], [3])

    def test_parameters_and_an_older_snapshot(self):
        text = unescaped(self.report("--set", "period=2011-03", "--as-of", "300000"))
        net, = table(self.stack.cli("query", "net in 2011-03", "--as-of", "300000", "-o", "csv").stdout)
        self.assertIn(f"In 2011-03 the shop sold for {scaled(net['net'], 6, 2)} million GBP", text)
        self.assertIn(", 300000 records", text)

    def test_markup_in_a_template_is_text(self):
        path = self.write("title: '<script>alert(1)</script> | *x*'\nsections:\n- title: '</h2>'\n  blocks:\n"
                          "  - text: '& <b>'\n  - {query: net, caption: '</caption>\"'}\n")
        words = self.check_html(self.stack.cli("report", path, "-o", "html").stdout)
        self.assertIn("<script>alert(1)</script> | *x*", words)
        self.assertIn("\\<script\\>alert(1)\\</script\\> \\| \\*x\\*", self.stack.cli("report", path).stdout)

    def test_what_is_partial_is_told_where_no_table_shows_it(self):
        blocks = ("  - {query: net by month, chart: bars, show_table: false}\n", "  - {query: net by month, columns: [period, net]}\n",
                  "  - {query: net by month}\n")
        for block, told in zip(blocks, (1, 1, 0)):
            text = self.stack.cli("report", self.write("title: x\nsections:\n- title: y\n  blocks:\n" + block)).stdout
            self.assertEqual(text.count("PARTIAL: 2011-12"), told, text)
        figure = self.write("title: x\nfigures:\n- {name: december, query: net in 2011-12}\nsections:\n- title: y\n  blocks:\n"
                            "  - text: 'In December {december}.'\n")
        self.assertRegex(self.stack.cli("report", figure).stdout, r"(?m)^\[\^1\]: `net from 2011-12 to 2011-12`; .*; \*2011-12: PARTIAL\*$")
        self.assertIn("<em>2011-12: PARTIAL</em>", self.stack.cli("report", figure, "-o", "html").stdout)

    def test_errors_name_file_line_and_field(self):
        head = "title: x\nsections:\n- title: y\n  blocks:\n"
        for block, code, hint in (
                ("  - query: nett", 4, ":5: sections.0.blocks.0.query: "),
                ("  - query: net by", 5, ":5: sections.0.blocks.0.query: "),
                ("  - {flows: '', level: moon}", 4, ":5: sections.0.blocks.0.flows: "),
                ("  - {query: net, columns: [x]}", 5, ":5: sections.0.blocks.0.columns: the answer has no column `x`"),
                ("  - {query: net, chart: line}", 5, ":5: sections.0.blocks.0.chart: a line goes over periods"),
                ("  - {query: net, color: red}", 5, ":5: sections.0.blocks.0.color: unknown key"),
                ("  - text: '{x}'", 5, ":5: sections.0.blocks.0.text: `{x}` is no figure"),
                ("  - [", 5, "template.yaml:")):
            done = self.stack.cli("report", self.write(head + block + "\n"), check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(hint, done.stderr)
            self.assertEqual(done.stdout, "")
        path = self.write("title: x\nsections: [{title: y}]\n")
        for flags, code, hint in ((["--set", "a=1"], 2, "--set"), (["--set", "a"], 2, "NAME=VALUE"),
                                  (["-o", "pdf"], 2, "--output"), (["--as-of", "soon"], 2, "--as-of"),
                                  (["--out", os.path.join(path, "x")], 5, "--out")):
            done = self.stack.cli("report", path, *flags, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(hint, done.stderr)
        self.assertEqual(self.stack.cli("report", "none.yaml", check=False).returncode, 5)
        away = self.stack.cli("report", self.write(head + "  - query: net\n"), "--analytics", "127.0.0.1:1", check=False)
        self.assertEqual(away.returncode, 3, away.stderr)

    def test_amounts_are_divided_exactly_and_counts_are_not(self):
        exact = self.query("net, average_order, events, consumers by month")
        for unit, power, name in (("wan", 4, "10 thousand GBP"), ("yi", 8, "100 million GBP"), ("亿元", 8, "100 million GBP"),
                                  ("thousand", 3, "thousand GBP"), ("million", 6, "million GBP"),
                                  ("billion", 9, "billion GBP"), ("元", 0, "GBP")):
            got = self.query("net, average_order, events, consumers by month", "--amounts", unit)
            for row, want in zip(got, exact, strict=True):
                self.assertEqual(decimal.Decimal(row[f"net ({name})"]), decimal.Decimal(want["net"]).scaleb(-power))
                self.assertEqual((row["events"], row["consumers"]), (want["events"], want["consumers"]))
                self.assertNotIn("net", row)
            shown = self.stack.cli("query", "net, events by month", "--amounts", unit, "--decimals", "3").stdout
            for want in exact:
                self.assertRegex(shown, rf"{want['period']} +{re.escape(scaled(want['net'], power, 3))} ")
                self.assertIn(f"{int(want['events']):,}", shown)
        self.assertIn("net (亿 GBP)", self.stack.cli("query", "net", "--amounts", "亿元").stdout)
        self.assertIn("net (100 million GBP)", self.stack.cli("query", "net", "--amounts", "yi").stdout)
        self.assertIn('"net (million GBP)": ',
                      self.stack.cli("query", "net", "--amounts", "million", "-o", "json").stdout)
        self.assertIn("gross (million GBP)", self.stack.cli("concentration", "by year", "--amounts", "million").stdout)
        for flags in (["--amounts", "yards"], ["--decimals", "1"], ["--amounts", "yi", "--decimals", "99"]):
            for command in (["query", "net"], ["concentration"]):
                self.assertEqual(self.stack.cli(*command, *flags, check=False).returncode, 2)

    def test_charts_are_plain_in_a_pipe_and_refused_for_programs(self):
        bars = self.stack.cli("query", "net by month", "--chart", "auto").stdout
        for row in self.query("net by month"):
            self.assertRegex(bars, rf"(?m)^{row['period']}  [█▏▎▍▌▋▊▉]+ +{re.escape(scaled(row['net'], 0, 3))}$")
        self.assertIn("snapshot ", bars)
        self.assertNotIn("\x1b", bars)
        partial = [row["period"] for row in self.query("net by month") if "PARTIAL" in row["flags"]]
        self.assertIn("\nPARTIAL: " + ", ".join(partial) + "\n", bars)
        for command, form, hint in ((["query", "net by day"], "auto", "▁ "),
                                    (["query", "net by month, category"], "auto", " to "),
                                    (["query", "net by month compare yoy", "--chart-column", "yoy(net)"], "bars", "· NO_BASE"),
                                    (["forecast", "gross by week"], "auto", "━ forecast"),
                                    (["forecast", "gross by week"], "bars", "(forecast)"),
                                    (["forecast", "gross by week"], "sparkline", "(forecast)"),
                                    (["flows", "in 2011"], "auto", "gross"),
                                    (["availability", "by quarter"], "auto", "2011-Q3")):
            done = self.stack.cli(*command, "--chart", form)
            self.assertIn(hint, done.stdout, command)
            refused = self.stack.cli(*command, "--chart", form, "-o", "json", check=False)
            self.assertEqual(refused.returncode, 2)
            self.assertIn("--chart: a chart is for people", refused.stderr)
        for command, form in ((["query", "net"], "heatmap"), (["query", "net by category"], "sparkline"),
                              (["forecast", "gross by week"], "heatmap"), (["query", "net by month"], "pie")):
            self.assertEqual(self.stack.cli(*command, "--chart", form, check=False).returncode, 2, command)

    def test_a_terminal_has_its_width_and_colours(self):
        def drawn(columns, **variables):
            terminal, inside = pty.openpty()
            fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            with subprocess.Popen([f"{BIN}/tidemark", "query", "net by month compare prev", "--chart", "bars",
                                   "--chart-column", "prev_diff(net)"], stdout=inside,
                                  env={**self.stack.environment(), "TERM": "xterm", **variables}) as process:
                os.close(inside)
                text = b""
                try:
                    while part := os.read(terminal, 65536):
                        text += part
                except OSError:  # How Linux tells that the other end is closed.
                    pass
                os.close(terminal)
                self.assertEqual(process.wait(timeout=60), 0)
            return text.decode()

        def bars(text):
            return [line for line in text.splitlines() if re.match(r"20\d\d-\d\d  ", line)]
        coloured = drawn(60)
        self.assertIn("\x1b[31m", coloured)
        plain = bars(re.sub(r"\x1b\[\d+m", "", coloured))
        self.assertEqual([len(line) for line in plain], [60] * 13)
        self.assertEqual(bars(drawn(60, NO_COLOR="1")), plain)
        self.assertEqual(bars(drawn(60, TERM="dumb")), plain)


class DeltaReports(ReportCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = Stack().__enter__()
        cls.addClassCleanup(cls.stack.__exit__)
        cls.stack.cli("apply", "--yes", *(word for folder in DELTA for word in ("-f", folder)))
        cls.stack.cli("simulate", "--world", "yangtze-delta", "--events", "50000", "--quiet")
        cls.stack.cli("query", "net", "--min-log-size", "50000")

    def report(self, *more):
        return self.stack.cli("report", os.path.join(REPORTS, "yangtze-delta-synthetic.yaml"), *more).stdout

    def test_both_languages_say_that_events_are_synthetic_and_have_the_same_numbers(self):
        chinese, english = (self.report("--language", language, "-o", "html") for language in ("zh", "en"))
        self.assertIn("<h1>长三角数字消费公报（2024年，合成数据）</h1>", chinese)
        self.assertIn("全部事件均为合成数据", chinese)
        self.assertIn("Every event is synthetic", english)
        row, = table(self.stack.cli("query", "net in 2024 where consumer_region = regionGroups/yangtze-delta compare yoy",
                                          "-o", "csv").stdout)
        for text, power, unit in ((self.check_html(chinese), 4, "万元"), (self.check_html(english), 6, "million CNY")):
            self.assertIn(f"{scaled(row['net'], power, 2)} {unit}", text)
            self.assertIn(f"{scaled(row['yoy(net)'], -2, 1)} %", text)
        self.assertIn("净消费额 (万元)", chinese)
        self.assertIn("上海", chinese)
        self.assertIn("flows where consumer_region = regionGroups/yangtze-delta from 2024 to 2024 --level province", english)
        self.assertEqual(len(charts(chinese)), 4)
        self.assertEqual(self.report("--language", "zh", "-o", "html"), chinese)

    def test_flows_of_the_report_are_those_of_the_command(self):
        text = unescaped(self.report("--language", "en"))
        flows = table(self.stack.cli("flows", "in 2024 where consumer_region = regionGroups/yangtze-delta", "--level",
                                     "province", "-o", "csv").stdout)
        self.assertTrue(flows)
        for row in flows:
            self.assertIn(f"({row['to']}) | {scaled(row['gross'], 6, 2)} | ", text)


if __name__ == "__main__":
    unittest.main()
