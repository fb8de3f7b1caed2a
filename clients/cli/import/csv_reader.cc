#include "clients/cli/import/csv_reader.h"

#include <cstring>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/import/text_parts.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {

absl::StatusOr<std::unique_ptr<CsvReader>> CsvReader::Create(std::unique_ptr<ByteSource> source,
                                                             CsvOptions options) {
  std::unique_ptr<CsvReader> reader(new CsvReader(std::move(source), std::move(options)));
  TM_RETURN_IF_ERROR(reader->SkipLines());
  TM_RETURN_IF_ERROR(reader->ReadHeader());
  return reader;
}

absl::Status CsvReader::SkipLines() {
  for (int skipped = 0; skipped < options_.skip_lines;) {
    const void* end = std::memchr(window_.begin(), '\n', window_.end() - window_.begin());
    if (end != nullptr) {
      window_.Drop(static_cast<const char*>(end) + 1 - window_.begin());
      ++line_;
      ++skipped;
    } else if (window_.ended()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the file ends within the ", options_.skip_lines, " lines to skip"));
    } else {
      TM_RETURN_IF_ERROR(window_.Grow());
    }
  }
  return absl::OkStatus();
}

absl::Status CsvReader::ReadHeader() {
  if (options_.header) {
    TM_ASSIGN_OR_RETURN(const bool found, NextRecord());
    if (!found) return absl::InvalidArgumentError("the file is empty; want a header line");
    if (quote_open_) return absl::InvalidArgumentError("a quote in the header is not closed");
    for (const std::string_view field : fields_) {
      if (!IsUtf8(field)) {
        return absl::InvalidArgumentError(
            "the header is not UTF-8; say in the mapping what it is, such as `encoding: gb18030`");
      }
      columns_.emplace_back(absl::StripAsciiWhitespace(field));
    }
  }
  if (!options_.columns.empty()) {
    if (options_.header && options_.columns.size() != columns_.size()) {
      return absl::InvalidArgumentError(absl::StrCat("the mapping names ", options_.columns.size(),
                                                     " columns, the header has ", columns_.size()));
    }
    columns_ = options_.columns;
  }
  if (columns_.empty()) {
    return absl::InvalidArgumentError("without a header the mapping must list `columns`");
  }
  std::set<std::string_view> seen;
  for (size_t i = 0; i < columns_.size(); ++i) {
    // A column without a name can still be used: by its place.
    if (columns_[i].empty()) columns_[i] = absl::StrCat("column", i + 1);
    if (!seen.insert(columns_[i]).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("column `", columns_[i],
                       "` stands twice in the header; give names by `columns` in the mapping"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<const Row*> CsvReader::Next() {
  TM_ASSIGN_OR_RETURN(const bool found, NextRecord());
  if (!found) return nullptr;
  const size_t count = fields_.size();
  ++row_.number;
  row_.line = record_line_;
  row_.raw = absl::StripTrailingAsciiWhitespace(
      std::string_view(window_.begin() - record_bytes_, record_bytes_));
  row_.damage = {};
  if (quote_open_) [[unlikely]] {
    damage_ = absl::StrCat("a quote is not closed, so all from line ", record_line_,
                           " to the end of the file is one row");
    row_.damage = damage_;
    fields_.assign(columns_.size(), std::string_view());
  } else if (count != columns_.size()) [[unlikely]] {
    fields_.resize(columns_.size());
    if (count > columns_.size() || !options_.pad_short_rows) {
      damage_ = absl::StrCat(count, " fields, want ", columns_.size());
      row_.damage = damage_;
      fields_.assign(columns_.size(), std::string_view());
    }
  }
  row_.fields = fields_;
  return &row_;
}

absl::StatusOr<bool> CsvReader::NextRecord() {
  while (true) {
    const Scan scan = ScanRecord();
    if (scan == Scan::kEnd) return false;
    if (scan == Scan::kRecord) {
      record_line_ = line_;
      line_ += lines_in_record_;
      window_.Drop(record_bytes_);
      if (fields_.size() == 1 && fields_[0].empty()) continue;
      return true;
    }
    const absl::Status grown = window_.Grow();
    if (absl::IsResourceExhausted(grown)) {
      return absl::DataLossError(
          absl::StrCat("line ", line_, ": a record of more than ", TextWindow::kMostBytes >> 20,
                       " MiB; a quote is not closed, or the delimiter or quote is another one"));
    }
    TM_RETURN_IF_ERROR(grown);
  }
}

CsvReader::Scan CsvReader::ScanRecord() {
  const char* const begin = window_.begin();
  const char* const end = window_.end();
  const char delimiter = options_.delimiter;
  if (begin == end) return window_.ended() ? Scan::kEnd : Scan::kNeedMore;
  fields_.clear();
  unquoted_used_ = 0;
  lines_in_record_ = 1;
  quote_open_ = false;
  const char* at = begin;
  while (true) {
    std::string_view field;
    if (at < end && *at == options_.quote && options_.quote != 0) {
      at = ScanQuoted(at + 1, &field);
      if (at == nullptr) return Scan::kNeedMore;
    } else {
      const char* const start = at;
      while (at < end && *at != delimiter && *at != '\n' && *at != '\r') ++at;
      field = std::string_view(start, at - start);
    }
    if (at == end && !window_.ended()) return Scan::kNeedMore;
    fields_.push_back(field);
    if (at == end) break;
    const char stop = *at++;
    if (stop == delimiter) continue;
    if (stop == '\r') {
      // Whether an LF follows must be known before the record is done.
      if (at == end && !window_.ended()) return Scan::kNeedMore;
      if (at < end && *at == '\n') ++at;
    }
    break;
  }
  record_bytes_ = at - begin;
  return Scan::kRecord;
}

const char* CsvReader::ScanQuoted(const char* at, std::string_view* field) {
  const char* const end = window_.end();
  const char quote = options_.quote;
  const char* const start = at;
  std::string* copy = nullptr;
  // Start of the piece that is not yet in `copy`.
  const char* piece = at;
  const auto append = [&](const char* to) {
    if (copy == nullptr) {
      if (unquoted_used_ == unquoted_.size()) unquoted_.push_back(std::make_unique<std::string>());
      copy = unquoted_[unquoted_used_++].get();
      copy->clear();
    }
    copy->append(piece, to - piece);
  };
  while (true) {
    while (at < end && *at != quote) {
      if (*at == '\n') ++lines_in_record_;
      ++at;
    }
    if (at == end) {
      if (!window_.ended()) return nullptr;
      quote_open_ = true;
      break;
    }
    if (at + 1 == end && !window_.ended()) return nullptr;
    if (at + 1 < end && at[1] == quote) {
      append(at + 1);
      at += 2;
      piece = at;
      continue;
    }
    break;
  }
  const char* const closing = at;
  if (at < end) ++at;
  const char* const after = at;
  while (at < end && *at != options_.delimiter && *at != '\n' && *at != '\r') ++at;
  if (copy == nullptr && at == after) {
    *field = std::string_view(start, closing - start);
    return at;
  }
  append(closing);
  copy->append(after, at - after);
  *field = *copy;
  return at;
}

}  // namespace tidemark::importer
