#include "clients/cli/import/json_reader.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

// Hands each scalar of a document to a sink with its path. A DOM would turn decimals into
// doubles and lose digits.
class Flattener final : public nlohmann::json_sax<nlohmann::json> {
 public:
  using Sink = std::function<void(std::string_view path, std::string_view value)>;
  explicit Flattener(Sink sink) : sink_(std::move(sink)) {}

  bool null() override { return Step(); }
  bool boolean(bool value) override { return Value(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Value(absl::StrCat(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Value(absl::StrCat(value)); }
  bool number_float(number_float_t, const string_t& digits) override { return Value(digits); }
  bool string(string_t& value) override { return Value(value); }
  bool binary(binary_t&) override { return Step(); }
  bool start_object(size_t) override { return Open(/*list=*/false); }
  bool end_object() override { return Close(); }
  bool start_array(size_t) override { return Open(/*list=*/true); }
  bool end_array() override { return Close(); }
  bool key(string_t& key) override {
    SetStep(key);
    return true;
  }
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    error_position_ = position;
    return false;
  }

  size_t error_position() const { return error_position_; }
  bool is_object() const { return is_object_; }

 private:
  struct Level {
    // Bytes of path_ that lead to this container.
    size_t prefix;
    bool list;
    size_t next;
  };

  void SetStep(std::string_view step) {
    path_.resize(levels_.back().prefix);
    if (!path_.empty()) path_.push_back('.');
    path_.append(step);
  }
  bool Step() {
    if (!levels_.empty() && levels_.back().list) SetStep(absl::StrCat(levels_.back().next++));
    return true;
  }
  bool Value(std::string_view value) {
    Step();
    sink_(path_, value);
    return true;
  }
  bool Open(bool list) {
    if (levels_.empty()) is_object_ = !list;
    Step();
    levels_.push_back({path_.size(), list, 0});
    return true;
  }
  bool Close() {
    path_.resize(levels_.back().prefix);
    levels_.pop_back();
    return true;
  }

  Sink sink_;
  std::string path_;
  std::vector<Level> levels_;
  size_t error_position_ = 0;
  bool is_object_ = false;
};

}  // namespace

int JsonReader::AddColumn(std::string_view path) {
  const auto [it, added] = places_.try_emplace(std::string(path), static_cast<int>(values_.size()));
  if (added) values_.emplace_back();
  return it->second;
}

absl::StatusOr<const Row*> JsonReader::Next() {
  std::string_view text;
  TM_ASSIGN_OR_RETURN(const bool found, NextText(&text));
  if (!found) return nullptr;
  ++row_.number;
  row_.line = layout_ == Layout::kArray ? array_.line() : line_;
  row_.raw = text;
  ParseText(text);
  row_.fields = fields_;
  return &row_;
}

absl::StatusOr<bool> JsonReader::NextText(std::string_view* text) {
  if (layout_ == Layout::kArray) return array_.Next(text);
  do {
    TM_ASSIGN_OR_RETURN(const bool found, NextLine(text));
    if (!found) return false;
    *text = absl::StripTrailingAsciiWhitespace(*text);
  } while (text->empty());
  return true;
}

absl::StatusOr<bool> JsonReader::NextLine(std::string_view* line) {
  size_t searched = 0;
  while (true) {
    const char* const begin = window_.begin();
    const size_t size = window_.end() - begin;
    const void* end =
        size == searched ? nullptr : std::memchr(begin + searched, '\n', size - searched);
    if (end == nullptr && !window_.ended()) {
      searched = size;
      const absl::Status grown = window_.Grow();
      if (absl::IsResourceExhausted(grown)) {
        return absl::DataLossError(absl::StrCat("line ", line_ + 1, ": longer than ",
                                                TextWindow::kMostBytes >> 20, " MiB"));
      }
      TM_RETURN_IF_ERROR(grown);
      // The byte-order mark may have gone.
      searched = 0;
      continue;
    }
    if (size == 0) return false;
    const size_t length = end == nullptr ? size : static_cast<const char*>(end) - begin;
    *line = std::string_view(begin, length);
    window_.Drop(end == nullptr ? length : length + 1);
    ++line_;
    return true;
  }
}

void JsonReader::ParseText(std::string_view text) {
  fields_.assign(values_.size(), std::string_view());
  Flattener flattener([this](std::string_view path, std::string_view value) {
    const auto it = places_.find(path);
    if (it == places_.end()) return;
    std::string& stored = values_[it->second];
    stored.assign(value);
    fields_[it->second] = stored;
    // An empty text has data(), unlike a field that is absent.
  });
  bool parsed = false;
  try {
    parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &flattener);
  } catch (const nlohmann::json::exception&) {
    // Numbers out of the range of a double end here; the position is unknown.
  }
  row_.damage = {};
  if (parsed && flattener.is_object()) return;
  damage_ = parsed ? "not a JSON object"
                   : absl::StrCat("not JSON near byte ", flattener.error_position());
  row_.damage = damage_;
  fields_.assign(values_.size(), std::string_view());
}

}  // namespace tidemark::importer
