// Inputs of `tidemark import`: however the bytes arrive, CSV, JSON lines and arrays give the same
// rows; gzip and other encodings end in rows or in an error.
#include <vector>

#include "clients/cli/import/csv_reader.h"
#include "clients/cli/import/input_testing.h"
#include "clients/cli/import/json_reader.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::importer {
namespace {

// What a reader gave, in one text that tells rows, fields and what is null apart.
template <typename Reader>
std::string RowsOf(Reader& reader, size_t columns, bool own_lines = true) {
  std::string rows;
  uint64_t number = 0, line = 0;
  while (true) {
    const auto row = reader.Next();
    if (!row.ok()) {
      FUZZ_CHECK(fuzz::BlamesInput(row.status()), row.status().ToString());
      return rows + "error: " + std::string(row.status().message());
    }
    if (*row == nullptr) return rows;
    FUZZ_CHECK((*row)->number == number + 1, "rows are counted one by one");
    FUZZ_CHECK((*row)->line >= line + (own_lines ? 1 : 0), "a row begins on a later line");
    FUZZ_CHECK((*row)->fields.size() == columns, "a field per column");
    number = (*row)->number;
    line = (*row)->line;
    rows += std::to_string(line) + " '" + std::string((*row)->raw) + "' " +
            std::string((*row)->damage) + ":";
    for (const std::string_view field : (*row)->fields) {
      FUZZ_CHECK((*row)->damage.empty() || field.data() == nullptr, "a damaged row has no fields");
      rows += field.data() == nullptr ? " null" : " '" + std::string(field) + "'";
    }
    rows += '\n';
  }
}

std::string CsvRows(std::unique_ptr<ByteSource> source, const CsvOptions& options) {
  auto reader = CsvReader::Create(std::move(source), options);
  if (reader.ok()) return RowsOf(**reader, (*reader)->columns().size());
  FUZZ_CHECK(fuzz::BlamesInput(reader.status()), reader.status().ToString());
  return std::string(reader.status().message());
}

std::string JsonRows(std::unique_ptr<ByteSource> source, JsonReader::Layout layout) {
  JsonReader reader(std::move(source), layout);
  for (const std::string_view path : {"id", "a.b", "a.0", "a.0.b", "a"}) reader.AddColumn(path);
  return RowsOf(reader, 5, layout == JsonReader::Layout::kLines);
}

// Everything that the source gives. Where damaged data ends depends on the pieces, so that it ended
// is all that is told of it.
std::string Drain(ByteSource& source) {
  constexpr size_t kMost = size_t{8} << 20;
  std::string text(1000, '\0');
  std::string all;
  while (all.size() < kMost) {
    const auto got = source.Read(text.data(), text.size());
    if (!got.ok()) {
      FUZZ_CHECK(fuzz::BlamesInput(got.status()), got.status().ToString());
      return "damaged";
    }
    if (*got == 0) break;
    FUZZ_CHECK(*got <= text.size(), "no more than asked for");
    all.append(text, 0, *got);
  }
  return all;
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto choice = static_cast<uint8_t>(bytes[0]);
  const std::string text(bytes.substr(1));
  const size_t step = 1 + (choice >> 4) * 3;
  CsvOptions options{.delimiter = (choice & 1) != 0 ? ';' : ',',
                     .quote = (choice & 2) != 0 ? '\0' : '"',
                     .header = (choice & 4) == 0,
                     .skip_lines = (choice & 8) != 0 ? 2 : 0,
                     .pad_short_rows = (choice & 2) != 0};
  if (!options.header) options.columns = {"a", "b"};
  const std::string rows = CsvRows(SourceOf(text), options);
  FUZZ_CHECK(CsvRows(SourceOf(text, step), options) == rows, "CSV in small pieces: " + rows);
  for (const auto layout : {JsonReader::Layout::kLines, JsonReader::Layout::kArray}) {
    const std::string objects = JsonRows(SourceOf(text), layout);
    FUZZ_CHECK(JsonRows(SourceOf(text, step), layout) == objects,
               "JSON in small pieces: " + objects);
  }

  const std::string unpacked = Drain(*MaybeGunzip(SourceOf(text)));
  FUZZ_CHECK(Drain(*MaybeGunzip(SourceOf(text, step))) == unpacked, "gzip in small pieces");
  static const char* const kEncodings[] = {"gb18030", "latin1", "utf-16", "utf-8"};
  const char* encoding = kEncodings[choice >> 6];
  const std::string decoded = Drain(**ToUtf8(SourceOf(text), encoding));
  FUZZ_CHECK(Drain(**ToUtf8(SourceOf(text, step), encoding)) == decoded, "decoded in small pieces");
}

}  // namespace tidemark::importer
