"""Files whose names could collide are never compiled as one (cmake/unity_batches.py)."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "cmake"))
from unity_batches import BATCH_BYTES, MANY, Headers, Names, batches, names_of, renamed


def split(*texts, sizes=None, declared=None):
    """Numbers of the texts that may be one."""
    files = []
    for i, text in enumerate(texts):
        own, used, *_ = names_of(text)
        files.append((i, sizes[i] if sizes else len(text), Names(own, used, declared[i] if declared else set())))
    return batches(files)


class UnityBatches(unittest.TestCase):
    def assert_apart(self, a, b):
        self.assertEqual(split(a, b), [[0], [1]])
        self.assertEqual(split(b, a), [[0], [1]])

    def assert_together(self, a, b):
        self.assertEqual(split(a, b), [[0, 1]])
        self.assertEqual(split(b, a), [[0, 1]])

    def test_own_names_that_occur_in_the_other(self):
        uses = "namespace n { int G() { return Half(4); } }"
        for own in ("namespace n { namespace { int Half(int x) { return x / 2; } } }", "static int Half(int x) { return x / 2; }",
                    "#define Half(x) x", "namespace { struct Half { int x; }; }", "namespace { constexpr int Half = 2; }",
                    "namespace { enum Parts { Whole, Half }; }", "namespace { template <typename T> class Half : Base<T> {}; }",
                    "namespace { MATCHER_P(Half, x, \"\") { return true; } }", "namespace n { using Half = std::map<int, int>; }",
                    "namespace { std::vector<std::pair<int, int>> Half(const Options& options = {}) { return {}; } }"):
            with self.subTest(own=own):
                self.assert_apart(own, uses)

    def test_what_is_not_a_use(self):
        own = "namespace { int half = 2; }"
        for other in ("int G(const Size& s) { return s.half + s->half + Size::half; }", "// half\nint G();",
                      'const char kText[] = "half";', 'const char kText[] = R"(half)";'):
            with self.subTest(other=other):
                self.assert_together(own, other)

    def test_names_of_a_function_or_class_stay_in_it(self):
        own = "namespace n { class Shown { int half_; void Half(); }; void G() { int half = 1; static int used = half; } }"
        self.assert_together(own, "int Half(int half, int half_, int used) { return half + half_ + used; }")

    def test_the_same_alias_in_both(self):
        alias = "using ::testing::ElementsAre;"
        self.assert_together(alias, alias)
        self.assert_apart("namespace fs = std::filesystem;", "namespace fs = tidemark::fs;")

    def test_names_that_headers_declare(self):
        own = "namespace n { namespace { constexpr int kSize = 2; } }"
        self.assertEqual(split(own, "int F();", declared=[set(), {"kSize"}]), [[0], [1]])
        self.assertEqual(split(own, "int F();", declared=[{"kSize"}, {"kSize"}]), [[0, 1]], "it is of another namespace")
        with tempfile.TemporaryDirectory() as root:
            for name, text in (("a.h", '#include "b.h"\n#include "none.h"\nclass A { int inside; };'),
                               ("b.h", "namespace n { inline constexpr int kSize = 3; int F(int x); struct B { void G(); }; } // word")):
                with open(os.path.join(root, name), "w", encoding="utf-8") as f:
                    f.write(text)
            words, declared, types, values = Headers(root).names('#include <vector>\n#include "a.h"\n')
        self.assertEqual(declared, {"A", "B", "F", "kSize"})
        self.assertEqual((types, values), ({"A", "B"}, {"F", "kSize"}))
        self.assertLessEqual(declared | {"inside", "G"}, words)
        self.assertNotIn("word", words)

    def test_a_type_that_a_function_would_hide(self):
        types_of = lambda text: names_of(text)[4]
        for text in ("struct Query { int x; };", "template <typename T> class Query;", "enum class Query : int { kA };",
                     "using Query = std::vector<int>;", "namespace n { class [[nodiscard]] Query final : Base {}; }"):
            with self.subTest(text=text):
                self.assertIn("Query", types_of(text))
        for text in ("struct Plan Query(int x);", "inline std::string Query(int x) { return {}; }", "struct Plan Query = {};",
                     "namespace n { class Plan { class Query {}; }; }"):
            with self.subTest(text=text):
                self.assertNotIn("Query", types_of(text))
        of_headers = {"type": ({"Query"}, set()), "function": (set(), {"Query"}), "both": ({"Query"}, {"Query"})}
        for a, b, parts in (("type", "function", 2), ("type", "both", 2), ("both", "function", 1), ("type", "type", 1)):
            for pair in ((a, b), (b, a)):
                with self.subTest(pair=pair):
                    files = [(i, 1, Names({}, set(), {"Query"}, *of_headers[kind])) for i, kind in enumerate(pair)]
                    self.assertEqual(len(batches(files)), parts)

    def test_a_name_of_many_files_is_told_apart(self):
        own = ["namespace { struct Flags { int x; }; }"] * MANY
        files = lambda *more: [names_of(text)[:3] for text in [*own, *more]]
        self.assertEqual(renamed(files(), set()), ({"Flags"}, set()))
        self.assertEqual(renamed(files()[1:], set()), (set(), set()), "not of many")
        self.assertEqual(renamed(files(), {"Flags"}), (set(), set()), "a header has it")
        for other in ("int F() { return Parser::Flags; }", "Flags Parse();", "using Flags = int;"):
            self.assertEqual(renamed(files("int a();", other), set()), ({"Flags"}, {MANY + 1}), other)
        self.assertEqual(renamed(files(*["int F() { return x.Flags; }"] * MANY), set()), (set(), set()), "more would stay alone")

    def test_batches_are_not_larger_than_they_may_be(self):
        self.assertEqual(split("int a();", "int b();", "int c();", sizes=[BATCH_BYTES // 2, BATCH_BYTES // 2 + 1, BATCH_BYTES // 3]),
                         [[0, 2], [1]])


if __name__ == "__main__":
    unittest.main()
