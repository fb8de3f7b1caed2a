#!/usr/bin/env python3
"""Says which source files of a target may be compiled as one (cmake/TidemarkUnity.cmake).

    unity_batches.py ROOT TARGETS OUTPUT

TARGETS has lines "target;folder;source;source...", OUTPUT becomes CMake commands that group the sources. Two files are
never in one batch when a name that the one keeps to itself (in an unnamed namespace, `static`, an alias, a macro) occurs in
the other in any way that could mean it, or is declared by a header of the other: they would collide, or, worse, not; nor
when a type of the one's headers is a function or variable in the other's, which would hide it. Names that many files of a
target keep to themselves, as each command of the CLI has its `kExamples`, get the number of their file by a macro, if no
header that the target includes has them; a file that has them in another sense stays alone. ROOT is what includes start from.
"""

import collections
import dataclasses
import os
import re
import sys

# Bytes of source in one batch: large enough that headers are read seldom, small enough that two
# processors end together and that memory suffices.
BATCH_BYTES = 90_000
# So many files have a name for themselves that it is worth a macro.
MANY = 5

_SKIPPED = re.compile(
    r'//[^\n]*|/\*.*?\*/|\[\[[^][]*\]\]|R"(?P<d>[^ ()\\\n]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)
_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(?P<word>\w+)(?P<rest>(?:[^\n]*\\\n)*[^\n]*)", re.M)
_TOKEN = re.compile(r"[A-Za-z_]\w*|\d[\w.']*|::|->|\S")
_INCLUDE = re.compile(r'^[ \t]*(?:#[ \t]*include|import)[ \t]+"([^"\n]+)"', re.M)
_WORD = re.compile(r"[A-Za-z_]\w*")
_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_SPECIFIERS = {"static", "constexpr", "constinit", "inline", "const"}
_KINDS = {"class", "struct", "union", "enum"}


def _is_name(token):
    return _NAME.match(token) is not None


def _past_template(statement):
    if statement[:1] != ["template"]:
        return statement
    depth = 0
    for i, token in enumerate(statement):
        depth += (token == "<") - (token == ">")
        if token == ">" and depth == 0:
            return _past_template(statement[i + 1:])
    return []


def _is_type(statement):
    """Whether a statement that ends before its `;` or `{` names a class or enumeration."""
    statement = _past_template(statement)
    return bool(statement) and statement[0] in _KINDS and not {"(", "="}.intersection(statement)


def _declared(statement):
    """Names that a statement of a namespace declares; `statement` ends before its `;` or `{`."""
    statement = _past_template(statement)
    if not statement:
        return set()
    first = statement[0]
    if first == "using":
        if "=" in statement:
            return {statement[1]}
        return {statement[-1]} if "namespace" not in statement else set()
    if first == "namespace":
        return {statement[1]} if "=" in statement else set()
    if first in _KINDS:
        words = [t for t in statement[1:] if _is_name(t) and t not in _KINDS | {"alignas", "final"}]
        if words and "(" not in statement and "=" not in statement:
            return {words[0]}
    if first.isupper() or first.startswith("MATCHER") or re.match(r"[A-Z]+_[A-Z_0-9]*\Z", first):
        # A macro: MATCHER_P(Name, ...), BENCHMARK(Name), ABSL_FLAG(type, name, ...).
        return {t for t in statement[1:] if _is_name(t)} if first.startswith("MATCHER") else set()
    depth = 0
    name = None
    for i, token in enumerate(statement):
        if token == "<":
            depth += 1
        elif token == ">":
            depth -= depth > 0
        elif depth == 0 and token in ("(", "=", "["):
            break
        elif depth == 0 and _is_name(token) and (i == 0 or statement[i - 1] != "::"):
            name = token
        elif depth == 0 and _is_name(token):
            name = token  # the last part of a qualified name: a definition outside its class, or a type
    return {name} if name and name != "operator" else set()


def names_of(text):
    """(names that the file keeps to itself, each with what it stands for if an alias; names that occur in it by themselves;
    names that occur as members; names that it declares for others; those of the latter that are types)."""
    text = _SKIPPED.sub(lambda m: '""' if m.group(0)[0] in "\"'R" else " ", text)
    own, shown, types = {}, set(), set()
    for directive in _DIRECTIVE.finditer(text):
        if directive["word"] == "define":
            own[re.match(r"\s*(\w+)", directive["rest"])[1]] = None
    tokens = _TOKEN.findall(_DIRECTIVE.sub(" ", text))

    used, members = set(), set()
    for before, token in zip([""] + tokens, tokens):
        if _is_name(token):
            (members if before in (".", "->", "::") else used).add(token)

    scopes = []  # "named", "unnamed" for namespaces, "" for every other brace
    statement = []

    def declare():
        words = [t for t in statement if t not in _SPECIFIERS]
        alias = words[:1] in (["using"], ["namespace"])
        local = "unnamed" in scopes or alias or "static" in statement or statement[:1] in (["constexpr"], ["const"])
        words = words[:words.index("{}")] if "{}" in words else words
        declared = _declared(words)
        if alias or _is_type(words) and not local:
            types.update(declared)
        for name in declared:
            if local:  # Any other declaration of the name is one too many.
                own[name] = " ".join(words) if alias and name not in own else None
            else:
                shown.add(name)

    for i, token in enumerate(tokens):
        outside = all(scopes)  # in no brace but those of namespaces
        if token == "{":
            if outside and "namespace" in statement:
                scopes.append("named" if statement[-1] != "namespace" else "unnamed")
                statement = []
                continue
            if outside:
                if statement[:1] == ["enum"] and statement[1:2] not in (["class"], ["struct"]) and "unnamed" in scopes:
                    own.update(dict.fromkeys(filter(_is_name, tokens[i:tokens.index("}", i)])))
                statement.append("{}")
            scopes.append("")
        elif token == "}":
            if scopes:
                scopes.pop()
            # The body of a function ends its statement; the brace of a class or an initialiser does not.
            if all(scopes) and "(" in statement:
                declare()
                statement = []
        elif token == ";" and outside:
            declare()
            statement = []
        elif outside:
            statement.append(token)
    return own, used, members, shown, types


def _clash(a, b):
    """Whether b has a name that a keeps to itself, where one that headers of both declare is of another namespace; or hides a type."""
    return any(name in b.used and (what is None or b.own.get(name) != what) or name in b.declared and name not in a.declared
               for name, what in a.own.items()) or not (a.types - a.values).isdisjoint(b.values)


@dataclasses.dataclass
class Names:
    """Of a file, or of several as one."""

    own: dict
    used: set
    declared: set  # by its headers
    types: set = dataclasses.field(default_factory=set)  # of these
    values: set = dataclasses.field(default_factory=set)  # functions and variables of these

    def __or__(self, other):
        return Names(self.own | other.own, self.used | other.used, self.declared | other.declared,
                     self.types | other.types, self.values | other.values)


def batches(files):
    """Lists of files that may be one; `files` are (path, size, Names)."""
    made = []
    for path, size, names in files:
        for batch in made:
            if batch[1] + size <= BATCH_BYTES and not _clash(names, batch[2]) and not _clash(batch[2], names):
                break
        else:
            batch = [[], 0, Names({}, set(), set())]
            made.append(batch)
        batch[0].append(path)
        batch[1] += size
        batch[2] |= names
    return [paths for paths, _, _ in made]


def renamed(files, taken):
    """(names that a macro tells apart, numbers of the files that must then stay alone); `files` are (own names, used names,
    members), `taken` the names of headers."""
    owners = collections.Counter(name for own, _, _ in files for name in own)
    names, alone = set(), set()
    for name, count in owners.items():
        others = {i for i, (own, used, members) in enumerate(files)
                  if name in members or own.get(name) is not None or name in used and name not in own}
        if count >= MANY and len(others) * 2 < count and name not in taken:
            names.add(name)
            alone |= others
    return names, alone


class Headers:
    """Names in the headers and protos below a folder."""

    def __init__(self, root):
        self._root, self._read_files = root, {}

    def _read(self, path):
        """(words, names declared, types, functions and variables, paths included)."""
        if path not in self._read_files:
            is_proto = path.endswith(".pb.h")
            file = os.path.join(self._root, "protos", path[:-5] + "proto") if is_proto else os.path.join(self._root, path)
            text = ""
            if os.path.exists(file):
                with open(file, encoding="utf-8") as f:
                    text = f.read()
            own, _, _, shown, types = ({}, set(), set(), set(), set()) if is_proto else names_of(text)
            self._read_files[path] = (set(_WORD.findall(_SKIPPED.sub(" ", text))), shown.union(own), types, shown - types,
                                      _INCLUDE.findall(text))
        return self._read_files[path]

    def names(self, text):
        """(words, names declared, types, functions and variables) of all that a source includes."""
        left, seen, all_found = _INCLUDE.findall(text), set(), (set(), set(), set(), set())
        while left:
            path = left.pop()
            if path not in seen:
                seen.add(path)
                *found, included = self._read(path)
                for names, more in zip(all_found, found):
                    names |= more
                left += included
        return all_found


def _renaming(target, names):
    """CMake commands that put the macros around each file of a target."""
    before = ["#define TIDEMARK_UNITY_JOIN(name, file) name##file",
              "#define TIDEMARK_UNITY_NAME(name, file) TIDEMARK_UNITY_JOIN(name, file)"]
    before += [f"#define {name} TIDEMARK_UNITY_NAME({name}_, TIDEMARK_UNITY_FILE)" for name in names]
    after = [f"#undef {name}" for name in names] + ["#undef TIDEMARK_UNITY_NAME", "#undef TIDEMARK_UNITY_JOIN"]
    lines = lambda texts: "[[" + "\n".join(texts) + "]]"
    return (f"set_target_properties({target} PROPERTIES UNITY_BUILD_UNIQUE_ID TIDEMARK_UNITY_FILE\n"
            f"    UNITY_BUILD_CODE_BEFORE_INCLUDE {lines(before)}\n    UNITY_BUILD_CODE_AFTER_INCLUDE {lines(after)})")


def main(root, targets, output):
    known = {}
    commands = []
    grouped = set()  # (folder, file): a source of two targets of a folder stays with the first
    headers = Headers(root)
    with open(targets) as lines:
        rows = [line.rstrip("\n").split(";") for line in lines if line.strip()]
    for target, folder, *sources in sorted(rows, key=lambda row: -len(row)):
        paths = []
        for source in sources:
            path = os.path.normpath(os.path.join(folder, source))
            if not path.endswith(".cc") or (folder, path) in grouped:
                continue
            grouped.add((folder, path))
            paths.append(path)
            if path not in known:
                with open(path, encoding="utf-8") as f:
                    text = f.read()
                known[path] = len(text), names_of(text), headers.names(text)
        taken = set().union(*(known[path][2][0] for path in paths))
        again, alone = renamed([known[path][1][:3] for path in paths], taken)
        files = []
        for i, path in enumerate(paths):
            size, (own, used, *_), (_, *of_headers) = known[path]
            if i not in alone:
                own = {name: what for name, what in own.items() if name not in again}
                files.append((path, size, Names(own, used - again, *of_headers)))
        for number, batch in enumerate(batch for batch in batches(files) if len(batch) > 1):
            quoted = " ".join(f'"{path}"' for path in batch)
            commands.append(f"set_source_files_properties({quoted}\n    DIRECTORY \"{folder}\" "
                            f"PROPERTIES UNITY_GROUP {target}_{number})")
        if len(sources) > 1:
            commands.append(f"set_target_properties({target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)")
        if again:
            commands.append(_renaming(target, sorted(again)))
    text = "\n".join(commands) + "\n"
    with open(output, "w") as f:
        f.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
