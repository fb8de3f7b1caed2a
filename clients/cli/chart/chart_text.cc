#include "clients/cli/chart/chart_text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/table/display_width.h"

namespace tidemark::cli {

std::string OneLine(std::string_view text, size_t width) {
  std::string line;
  std::vector<std::pair<size_t, size_t>> ends;  // bytes and columns after each character
  size_t columns = 0;
  const auto length = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < length;) {
    const int32_t begin = i;
    UChar32 character;
    U8_NEXT(text.data(), i, length, character);
    if (character < 0) {
      line += "\uFFFD";
      ++columns;
    } else if (u_iscntrl(character)) {
      line += ' ';
      ++columns;
    } else {
      const std::string_view bytes = text.substr(begin, i - begin);
      line += bytes;
      columns += DisplayWidth(bytes);
    }
    ends.emplace_back(line.size(), columns);
  }
  if (columns <= width) return line;
  while (!ends.empty() && ends.back().second + 1 > width) ends.pop_back();
  line.resize(ends.empty() ? 0 : ends.back().first);
  return width == 0 ? "" : absl::StrCat(line, "…");
}

ChartStyle Usable(ChartStyle style) {
  style.width = std::max(style.width, kLeastWidth);
  return style;
}

std::string TitleLine(const std::string& name, const std::string& unit, const ChartStyle& style) {
  return OneLine(unit.empty() ? name : absl::StrCat(name, " (", unit, ")"), style.width) + "\n";
}

std::string Coloured(const std::string& text, const char* colour, const ChartStyle& style) {
  if (!style.colour || text.empty()) return text;
  return absl::StrCat("\x1b[", colour, "m", text, "\x1b[0m");
}

size_t WidestOf(const std::vector<std::string>& texts, size_t most) {
  size_t widest = 0;
  for (const std::string& text : texts) widest = std::max(widest, DisplayWidth(text));
  return std::min(widest, most);
}

std::string ShownOf(const ChartValue& value) { return value.number ? value.shown : "·"; }

void Extent::Add(const ChartValue& value) {
  if (!value.number) return;
  low = any ? std::min(low, *value.number) : *value.number;
  high = any ? std::max(high, *value.number) : *value.number;
  any = true;
}

void Gaps::Add(const std::string& label, const ChartValue& value) {
  if (value.number) return;
  auto found = std::find_if(labels_by_reason_.begin(), labels_by_reason_.end(),
                            [&](const auto& one) { return one.first == value.reason; });
  if (found == labels_by_reason_.end()) {
    found = labels_by_reason_.insert(found, {value.reason, {}});
  }
  found->second.push_back(label);
}

std::string NamedOf(const std::vector<std::string>& labels) {
  constexpr size_t kNamed = 6;
  const size_t named = std::min(labels.size(), kNamed);
  std::string text = absl::StrJoin(labels.begin(), labels.begin() + named, ", ");
  if (labels.size() > named) absl::StrAppend(&text, " and ", labels.size() - named, " more");
  return text;
}

std::string Gaps::Legend(const ChartStyle& style) const {
  std::string legend;
  for (const auto& [reason, labels] : labels_by_reason_) {
    const std::string line = absl::StrCat("· ", reason, ": ", NamedOf(labels));
    absl::StrAppend(&legend, OneLine(line, style.width), "\n");
  }
  return legend;
}

}  // namespace tidemark::cli
