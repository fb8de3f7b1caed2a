#!/usr/bin/env python3
"""Turns published tables of regions into files for `tidemark apply`.

    make.py china --provinces P.csv --cities C.csv --areas A.csv [--pinyin PINYIN.csv] > china.yaml
    make.py brazil --states S.csv --municipalities M.csv > brazil.yaml
    make.py china ... --only 33 --only 3302 --depth city    a part: these codes, what lies in them, what they lie in

Tables may be packed (.gz). README.md says which tables, and what becomes of their quirks.
"""

import argparse
import csv
import gzip
import io
import sys

# Readings of the characters that follow the short name: words for the kind and names of peoples.
KIND_PINYIN = dict(pair.split(":") for pair in (
    "市:shi 省:sheng 自:zi 治:zhi 区:qu 县:xian 州:zhou 盟:meng 旗:qi 地:di 林:lin 族:zu 各:ge 壮:zhuang 回:hui 维:wei 吾:wu "
    "尔:er 朝:chao 鲜:xian 土:tu 家:jia 苗:miao 藏:zang 羌:qiang 彝:yi 布:bu 依:yi 侗:dong 哈:ha 尼:ni 傣:dai 白:bai 景:jing "
    "颇:po 傈:li 僳:su 蒙:meng 古:gu 柯:ke 克:ke 孜:zi 萨:sa 满:man 达:da 斡:wo 畲:she 瑶:yao 仫:mu 佬:lao 毛:mao 南:nan 黎:li "
    "仡:ge 水:shui 纳:na 西:xi 拉:la 祜:hu 佤:wa 朗:lang 独:du 龙:long 怒:nu 普:pu 米:mi 裕:yu 固:gu 保:bao 安:an 东:dong "
    "乡:xiang 撒:sa 塔:ta 吉:ji 锡:xi 伯:bo").split())

PROVINCES_IN_ENGLISH = dict(pair.split(":") for pair in (
    "11:Beijing 12:Tianjin 13:Hebei 14:Shanxi 15:Inner_Mongolia 21:Liaoning 22:Jilin 23:Heilongjiang 31:Shanghai 32:Jiangsu "
    "33:Zhejiang 34:Anhui 35:Fujian 36:Jiangxi 37:Shandong 41:Henan 42:Hubei 43:Hunan 44:Guangdong 45:Guangxi 46:Hainan "
    "50:Chongqing 51:Sichuan 52:Guizhou 53:Yunnan 54:Tibet 61:Shaanxi 62:Gansu 63:Qinghai 64:Ningxia 65:Xinjiang").split())

# Cities that only fill a level of the tables: what lies in them lies in the province.
PLACEHOLDERS = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")

# Provinces that are cities, too.
MUNICIPALITIES = ("11", "12", "31", "50")

# Municipalities whose one city that only fills the level has the six-digit code of the whole.
WHOLE_PLACEHOLDERS = {"11": ["1101", "110100"], "12": ["1201", "120100"], "31": ["3101", "310100"]}


def rows(path):
    raw = gzip.open(path) if path.endswith(".gz") else open(path, "rb")
    with raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as text:
        yield from csv.DictReader(text)


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Regions:
    """Writes what is asked for, each region after the one that it lies in."""

    def __init__(self, only, depth):
        self.only = only
        self.depth = {"province": 1, "city": 2, "county": 3}[depth]

    def wanted(self, code, depth):
        if depth > self.depth:
            return False
        return not self.only or any(code.startswith(o) or o.startswith(code) for o in self.only)

    @staticmethod
    def add(id, level, parent, names, aliases=(), lowest_level=""):
        shown = ", ".join(f"{language}: {quoted(name)}" for language, name in names.items() if name)
        region = f"level: {level}" + (f", lowestLevel: {lowest_level}" if lowest_level else "")
        region += f", parent: regions/{parent}" if parent else ""
        if aliases:
            region += ", aliases: [" + ", ".join(quoted(a) for a in aliases) + "]"
        print(f"- {{name: regions/{id}, displayNames: {{{shown}}}, region: {{{region}}}}}")


def load_pinyin(path):
    """Code -> (full name, short name, pinyin of the short name)."""
    return {row["id"]: (row["ext_name"], row["name"], row["pinyin"]) for row in rows(path)} if path else {}


def full_pinyin(code, name, table):
    """Of the whole name, one syllable per character; empty where the table does not tell."""
    full, short, pinyin = table.get(code, ("", "", ""))
    kind = name[len(short):]
    syllables = ["lü" + s[2:] if s.startswith("lv") else "nü" + s[2:] if s.startswith("nv") else s for s in pinyin.split()]
    if full != name or not name.startswith(short) or len(syllables) != len(short):
        return ""
    if any(c not in KIND_PINYIN for c in kind):
        return ""
    return " ".join(syllables + [KIND_PINYIN[c] for c in kind])


def china(arguments):
    pinyin = load_pinyin(arguments.pinyin)
    out = Regions(arguments.only, arguments.depth)
    out.add("cn", "NATION", "", {"en": "China", "zh": "中国", "zh-Latn": "zhong guo"})
    for row in rows(arguments.provinces):
        code, name = row["code"], row["name"]
        if out.wanted(code, 1):
            names = {"en": PROVINCES_IN_ENGLISH[code].replace("_", " "), "zh": name,
                     "zh-Latn": full_pinyin(code, name, pinyin)}
            out.add(f"cn-{code}", "PROVINCE", "cn", names, [code + "0000"] + WHOLE_PLACEHOLDERS.get(code, []),
                    "CITY" if code in MUNICIPALITIES else "")
    level_fillers = set()
    for row in rows(arguments.cities):
        code, name = row["code"], row["name"]
        if name in PLACEHOLDERS:
            level_fillers.add(code)
        elif out.wanted(code, 2):
            out.add(f"cn-{code}", "CITY", "cn-" + row["provinceCode"],
                    {"zh": name, "zh-Latn": full_pinyin(code, name, pinyin)}, [code + "00"])
    for row in rows(arguments.areas):
        code, name, city = row["code"], row["name"], row["cityCode"]
        if out.wanted(code, 3):
            parent = row["provinceCode"] if city in level_fillers else city
            out.add(f"cn-{code}", "COUNTY", "cn-" + parent, {"zh": name, "zh-Latn": full_pinyin(code, name, pinyin)})


def brazil(arguments):
    out = Regions(arguments.only, arguments.depth)
    out.add("br", "NATION", "", {"en": "Brazil", "pt": "Brasil", "zh": "巴西"})
    for row in rows(arguments.states):
        if out.wanted(row["codigo_uf"], 1):
            out.add("br-" + row["codigo_uf"], "PROVINCE", "br", {"pt": row["nome"]}, [row["uf"]])
    for row in rows(arguments.municipalities):
        if out.wanted(row["codigo_ibge"], 2):
            out.add("br-" + row["codigo_ibge"], "CITY", "br-" + row["codigo_uf"], {"pt": row["nome"]})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    countries = parser.add_subparsers(dest="country", required=True)
    for run, tables, optional in ((china, ("provinces", "cities", "areas"), ("pinyin",)),
                                  (brazil, ("states", "municipalities"), ())):
        country = countries.add_parser(run.__name__)
        for table in tables:
            country.add_argument("--" + table, required=True, metavar="FILE")
        for table in optional:
            country.add_argument("--" + table, metavar="FILE")
        country.add_argument("--only", action="append", default=[], metavar="CODE", help="may be repeated")
        country.add_argument("--depth", choices=("province", "city", "county"), default="county")
        country.set_defaults(run=run)
    arguments = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8")
    arguments.run(arguments)


if __name__ == "__main__":
    main()
