#!/usr/bin/env python3
"""Checks which folder includes which, that headers have their guard, and that files stay short.

    main -> app -> {api, statistics, store, query, search, types} -> domain -> common/{base,status}

A service never includes another service, clients never include services, common includes
neither, and what a domain header reaches, through however many files, is neither gRPC nor
protobuf nor a database. `include_rules.py ROOT` prints every violation and exits with 1;
`include_rules.py --self-test` shows that each rule can fail.
"""

import pathlib
import re
import sys
import tempfile

FOLDERS = ("common", "services", "clients", "tests")
MAX_LINES = 500
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')

# What the domain must not know, by the name it is included with.
HEAVY = re.compile(
    r"^(grpc|grpcpp|google|sqlite3\.h|hiredis|rocksdb|yaml-cpp|nlohmann|CLI|zstd\.h)(/|$|\.h$)|\.pb\.h$")

# Part of a service -> the parts of the same service it may include.
PARTS = {
    "domain": {"domain"},
    "query": {"query", "domain"},
    "statistics": {"statistics", "query", "domain"},
    "store": {"store", "domain"},
    "types": {"types", "domain"},
    "observations": {"observations", "types", "domain"},
    "search": {"search", "types", "domain"},
    "api": {"api", "statistics", "query", "observations", "search", "types", "domain"},
    "app": {"app", "api", "statistics", "query", "observations", "search", "store", "types", "domain"},
    "main": {"app"},
}
# Pure parts, and the folders of ours they may use beside their service.
PURE = {"domain", "query"}
PURE_MAY_USE = ("common/base/", "common/status/", "clients/cpp/ledger/", "clients/cpp/catalog/")


def is_test(path):
    return path.startswith("tests/") or "/testing/" in path \
        or bool(re.search(r"(_test|_benchmark|_fixture|/test_\w+)\.(cc|h)$", path))


def service_and_part(path):
    """services/ingest/store/x.cc -> ("ingest", "store"); main.cc and *_main.cc are "main"."""
    parts = path.split("/")
    if parts[0] != "services" or len(parts) < 3:
        return None, None
    return parts[1], parts[2] if len(parts) > 3 else "main"


def common_violation(path, name):
    if name.startswith(("services/", "clients/", "tests/")):
        return "common knows neither services nor clients"
    if name.startswith("tidemark/"):
        return "common knows no message of the contract"
    if path.startswith("common/base/") and name.startswith("common/") \
            and not name.startswith("common/base/"):
        return "common/base stands on nothing of ours"
    if path.startswith("common/status/") and name.startswith("common/") \
            and not name.startswith(("common/base/", "common/status/")):
        return "common/status stands on common/base only"
    if name.startswith(("grpcpp/", "grpc/")) and not path.startswith("common/rpc/") \
            and path not in ("common/status/grpc_status.cc",):
        return "gRPC belongs to common/rpc"
    if name.startswith("google/rpc/") and not path.startswith("common/status/"):
        return "google.rpc messages belong to common/status"
    return None


def service_violation(path, name):
    service, part = service_and_part(path)
    if name.startswith("tests/"):
        return "products do not include tests"
    if part == "testing":
        part = "app"  # What tests share may use every part.
    if part not in PARTS:
        return f"services have the parts {', '.join(PARTS)}"
    if name.startswith("services/"):
        other_service, other_part = service_and_part(name)
        if other_service != service:
            return "a service never includes another; use clients/cpp"
        if other_part not in PARTS[part] and not is_test(path):
            return f"{part} does not include {other_part}"
        return None
    if part in PURE and not is_test(path) and name.startswith(("common/", "clients/")):
        if not name.startswith(PURE_MAY_USE) or name.endswith("grpc_status.h"):
            return f"{part} uses only {', '.join(PURE_MAY_USE)}"
    if part == "store" and name.endswith(".grpc.pb.h") and not name.startswith("tidemark/internal/"):
        return "store knows no RPC but those of a store in another process"
    if name.startswith("clients/cli/"):
        return "services do not include the command line"
    return None


def violation(path, name):
    """Why `path` may not include `name`; None when it may."""
    if is_test(path) and name.startswith("common/testing/"):
        return None
    if is_test(name) and not is_test(path):
        return "only tests include test code"
    if path.startswith("common/"):
        return None if is_test(path) and not name.startswith(("services/", "clients/")) \
            else common_violation(path, name)
    if path.startswith("services/"):
        return service_violation(path, name)
    if path.startswith("clients/") and name.startswith("services/"):
        return "clients never include services"
    if path.startswith("clients/cpp/") and name.startswith("clients/cli/"):
        return "the client library does not know the command line"
    return None


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.lines = {}
        for folder in FOLDERS:
            for file in sorted(self.root.glob(f"{folder}/**/*")):
                relative = file.relative_to(self.root).as_posix()
                if file.suffix in (".h", ".cc") and "node_modules" not in relative:
                    self.lines[relative] = file.read_text(encoding="utf-8").split("\n")

    def includes(self, path):
        for number, line in enumerate(self.lines[path], 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(2)

    def heavy_path(self, path):
        """The shortest chain of includes from `path` to something HEAVY, or None."""
        chains = [[path]]
        seen = {path}
        while chains:
            chain = chains.pop(0)
            for _, name in self.includes(chain[-1]):
                if HEAVY.search(name):
                    return chain + [name]
                if name in self.lines and name not in seen:
                    seen.add(name)
                    chains.append(chain + [name])
        return None

    def problems(self):
        for path, lines in self.lines.items():
            for number, name in self.includes(path):
                why = violation(path, name)
                if why:
                    yield f"{path}:{number}: includes {name}: {why}"
            if service_and_part(path)[1] in PURE and not is_test(path):
                chain = self.heavy_path(path)
                if chain:
                    yield f"{path}:1: reaches {' -> '.join(chain[1:])}: it must stay pure"
            length = len(lines) - 1
            if length > MAX_LINES:
                yield f"{path}:{length}: longer than {MAX_LINES} lines; split it by what it does"
            if path.endswith(".h"):
                guard = "TIDEMARK_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"
                text = "\n".join(lines)
                if f"#ifndef {guard}\n#define {guard}\n" not in text \
                        or not text.rstrip().endswith(f"#endif  // {guard}"):
                    yield f"{path}:1: want the header guard {guard}"


def guarded(path, body=""):
    guard = "TIDEMARK_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"
    return f"#ifndef {guard}\n#define {guard}\n{body}\n#endif  // {guard}\n"


# (path, content, words the one problem must hold, or None for none)
SELF_TEST = [
    ("services/a/domain/x.cc", '#include "common/base/mutex.h"\n', None),
    ("services/a/app/x.cc", '#include "services/a/store/y.h"\n', None),
    ("services/a/store/x_test.cc", '#include "common/testing/temp_dir.h"\n', None),
    ("common/rpc/x.cc", "#include <grpcpp/grpcpp.h>\n", None),
    ("services/a/store/x.cc", '#include "services/b/domain/y.h"\n', "never includes another"),
    ("services/a/store/x_test.cc", '#include "services/b/domain/y.h"\n', "never includes another"),
    ("services/a/domain/x.cc", '#include "services/a/store/y.h"\n', "does not include store"),
    ("services/a/store/x.cc", '#include "services/a/api/y.h"\n', "does not include api"),
    ("services/a/api/x.cc", '#include "services/a/store/y.h"\n', "does not include store"),
    ("services/a/main.cc", '#include "services/a/store/y.h"\n', "does not include store"),
    ("services/a/util/x.cc", '#include "common/base/mutex.h"\n', "services have the parts"),
    ("services/a/domain/x.cc", '#include "common/fs/file_system.h"\n', "domain uses only"),
    ("services/a/domain/x.cc", "#include <grpcpp/grpcpp.h>\n", "must stay pure"),
    ("services/a/query/x.cc", "#include <sqlite3.h>\n", "must stay pure"),
    ("services/a/domain/x.cc", '#include "tidemark/type/v1/role.pb.h"\n', "must stay pure"),
    ("services/a/domain/x.cc", '#include "clients/cpp/ledger/deep.h"\n', "must stay pure"),
    ("services/a/store/x.cc", '#include "tidemark/a/v1/s.grpc.pb.h"\n', "knows no RPC"),
    ("services/a/api/x.cc", '#include "common/testing/temp_dir.h"\n', "only tests include"),
    ("services/a/api/x.cc", '#include "services/a/testing/y.h"\n', "only tests include"),
    ("services/a/testing/x.h", guarded("services/a/testing/x.h",
                                       '#include "services/a/store/y.h"\n#include <string>'), None),
    ("services/a/api/x.cc", '#include "clients/cli/app/app.h"\n', "the command line"),
    ("clients/cpp/x.cc", '#include "services/a/domain/y.h"\n', "clients never include"),
    ("clients/cpp/x.cc", '#include "clients/cli/app/app.h"\n', "does not know the command line"),
    ("common/fs/x.cc", '#include "services/a/domain/y.h"\n', "knows neither"),
    ("common/fs/x.cc", '#include "tidemark/type/v1/role.pb.h"\n', "no message of the contract"),
    ("common/fs/x.cc", "#include <grpcpp/grpcpp.h>\n", "belongs to common/rpc"),
    ("common/fs/x.cc", '#include "google/rpc/status.pb.h"\n', "belong to common/status"),
    ("common/base/x.cc", '#include "common/log/log.h"\n', "stands on nothing"),
    ("common/status/x.cc", '#include "common/log/log.h"\n', "common/base only"),
    ("common/fs/x.h", "#pragma once\n", "want the header guard"),
    ("common/fs/x.cc", "\n" * 501, "longer than 500"),
    ("common/fs/x.cc", "\n" * 500, None),
]


def self_test():
    failures = 0
    for path, content, words in SELF_TEST:
        with tempfile.TemporaryDirectory() as root:
            deep = "clients/cpp/ledger/deep.h"
            for name, text in ((deep, guarded(deep, "#include <google/protobuf/message.h>")),
                               (path, content)):
                file = pathlib.Path(root, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            problems = list(Tree(root).problems())
        good = not problems if words is None else len(problems) == 1 and words in problems[0]
        if not good:
            failures += 1
            print(f"self-test: {path} {content.strip()[:60]!r}: want {words!r}, got {problems}")
    print(f"self-test: {len(SELF_TEST) - failures} of {len(SELF_TEST)} as expected")
    return 1 if failures else 0


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "--self-test":
        return self_test()
    tree = Tree(sys.argv[1])
    if not tree.lines:
        print(f"no sources below {sys.argv[1]}", file=sys.stderr)
        return 2
    problems = list(tree.problems())
    print("\n".join(problems + [f"{len(tree.lines)} files, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
