#include "clients/cli/import/input_format.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/import/text_parts.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

enum { kCsvFormat, kTsvFormat, kJsonlFormat, kJsonFormat };

int FormatByName(std::string_view file) {
  TakeSuffix(file, ".gz");
  if (absl::EndsWithIgnoreCase(file, ".tsv") || absl::EndsWithIgnoreCase(file, ".tab")) {
    return kTsvFormat;
  }
  if (absl::EndsWithIgnoreCase(file, ".jsonl") || absl::EndsWithIgnoreCase(file, ".ndjson")) {
    return kJsonlFormat;
  }
  if (absl::EndsWithIgnoreCase(file, ".json")) return kJsonFormat;
  return kCsvFormat;
}

absl::StatusOr<char> CharacterOf(const ConfigNode& node, std::string_view key, char fallback) {
  if (!node.Has(key)) return fallback;
  TM_ASSIGN_OR_RETURN(const std::string text, node.Get(key).Text());
  if (text == "tab" || text == "\\t") return '\t';
  if (text == "none" && key == "quote") return '\0';
  if (text.size() != 1 || text[0] == '\n' || text[0] == '\r' || text[0] < 0) {
    return node.Get(key).Error(absl::StrCat("`", text, "`, want one ASCII character or `tab`"));
  }
  return text[0];
}

}  // namespace

const std::vector<std::string>& InputFormat::Keys() {
  static const auto* const kKeys = new std::vector<std::string>{
      "format", "encoding", "delimiter", "quote", "header", "columns", "skip_lines", "short_rows"};
  return *kKeys;
}

absl::StatusOr<InputFormat> InputFormat::Parse(const ConfigNode& node, const std::string& file) {
  InputFormat format;
  TM_ASSIGN_OR_RETURN(const int kind,
                      node.ChoiceOf("format", {"csv", "tsv", "jsonl", "json"}, FormatByName(file)));
  if (kind == kJsonlFormat || kind == kJsonFormat) format.kind = Kind::kJson;
  if (kind == kJsonFormat) format.json = JsonReader::Layout::kArray;
  TM_ASSIGN_OR_RETURN(format.encoding, node.TextOf("encoding", "utf-8"));
  CsvOptions& csv = format.csv;
  TM_ASSIGN_OR_RETURN(csv.delimiter,
                      CharacterOf(node, "delimiter", kind == kTsvFormat ? '\t' : ','));
  TM_ASSIGN_OR_RETURN(csv.quote, CharacterOf(node, "quote", '"'));
  TM_ASSIGN_OR_RETURN(csv.header, node.BoolOf("header", true));
  TM_ASSIGN_OR_RETURN(csv.columns, node.Get("columns").Texts());
  TM_ASSIGN_OR_RETURN(const int64_t skip_lines, node.IntOf("skip_lines", 0, 0, 1'000'000));
  csv.skip_lines = static_cast<int>(skip_lines);
  TM_ASSIGN_OR_RETURN(const int short_rows, node.ChoiceOf("short_rows", {"reject", "pad"}, 0));
  csv.pad_short_rows = short_rows == 1;
  if (csv.delimiter == csv.quote) {
    return node.Get("delimiter").Error("the same character as `quote`");
  }
  return format;
}

absl::StatusOr<std::unique_ptr<CsvReader>> InputFormat::OpenCsv(
    std::unique_ptr<ByteSource> source) const {
  TM_ASSIGN_OR_RETURN(auto text, ToUtf8(MaybeGunzip(std::move(source)), encoding));
  return CsvReader::Create(std::move(text), csv);
}

absl::StatusOr<std::unique_ptr<JsonReader>> InputFormat::OpenJson(
    std::unique_ptr<ByteSource> source) const {
  TM_ASSIGN_OR_RETURN(auto text, ToUtf8(MaybeGunzip(std::move(source)), encoding));
  return std::make_unique<JsonReader>(std::move(text), json);
}

}  // namespace tidemark::importer
