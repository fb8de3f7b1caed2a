#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "clients/cli/chart/chart_text.h"
#include "clients/cli/chart/terminal_charts.h"
#include "clients/cli/table/decimal_text.h"
#include "clients/cli/table/display_width.h"
#include "clients/cli/table/text_table.h"

namespace tidemark::cli {
namespace {

constexpr const char* kShades[] = {"░", "▒", "▓", "█"};
// Headings up to here stand above their columns; longer ones become numbers.
constexpr size_t kWidestHeading = 12;

std::string CellText(const ChartValue& value, double largest, size_t width,
                     const ChartStyle& style) {
  if (!value.number) return PadTo("·", width, false);
  if (*value.number == 0) return PadTo("0", width, false);
  const double share = std::abs(*value.number) / largest;
  const auto shade = static_cast<size_t>(std::clamp(std::ceil(share * 4), 1.0, 4.0)) - 1;
  const bool negative = *value.number < 0;
  std::string text = negative ? "-" : "";
  for (size_t i = negative ? 2 : 1; i < width; ++i) text += kShades[shade];
  return (negative ? Coloured(text, kNegativeColour, style) : text) + " ";
}

// `░ to 25  ▒ to 50  ▓ to 75  █ to 100`.
std::string ShadeLegend(double largest, bool any_negative) {
  std::string legend;
  for (int i = 0; i < 4; ++i) {
    const uint32_t decimals = largest < 100 ? 2 : 0;
    const std::string bound = RoundedDecimal(ExactDecimal(largest * (i + 1) / 4), 0, decimals);
    absl::StrAppend(&legend, i > 0 ? "  " : "", kShades[i], " to ", GroupThousands(bound));
  }
  if (any_negative) legend += "  - below zero";
  return legend;
}

}  // namespace

std::string DrawHeatMap(const HeatData& data, const ChartStyle& asked) {
  const ChartStyle style = Usable(asked);
  Extent extent;
  Gaps gaps;
  for (size_t r = 0; r < data.rows.size(); ++r) {
    for (size_t c = 0; c < data.columns.size(); ++c) {
      extent.Add(data.cells[r][c]);
      gaps.Add(absl::StrCat(data.rows[r], " × ", data.columns[c]), data.cells[r][c]);
    }
  }
  const double largest = std::max(std::abs(extent.low), std::abs(extent.high));
  const size_t label_width = WidestOf(data.rows, style.width / 3);
  const size_t area = style.width - label_width - 2;
  std::vector<std::string> headings = data.columns;
  size_t cell_width = std::max<size_t>(3, WidestOf(headings, style.width) + 1);
  const bool numbered = cell_width > kWidestHeading + 1 || cell_width * headings.size() > area;
  if (numbered) {
    for (size_t c = 0; c < headings.size(); ++c) headings[c] = absl::StrCat(c + 1);
    cell_width = std::max<size_t>(3, WidestOf(headings, style.width) + 1);
  }
  const size_t at_once = std::max<size_t>(1, area / cell_width);
  std::string out = TitleLine(data.name, data.unit, style);
  for (size_t begin = 0; begin < headings.size(); begin += at_once) {
    const size_t end = std::min(begin + at_once, headings.size());
    absl::StrAppend(&out, std::string(label_width + 2, ' '));
    for (size_t c = begin; c < end; ++c) out += PadTo(headings[c], cell_width, false);
    out += "\n";
    for (size_t r = 0; r < data.rows.size(); ++r) {
      absl::StrAppend(&out, PadTo(OneLine(data.rows[r], label_width), label_width, false), "  ");
      for (size_t c = begin; c < end; ++c) {
        out += CellText(data.cells[r][c], largest, cell_width, style);
      }
      out += "\n";
    }
  }
  if (extent.any && largest > 0) {
    absl::StrAppend(&out, OneLine(ShadeLegend(largest, extent.low < 0), style.width), "\n");
  }
  if (numbered) {
    for (size_t c = 0; c < headings.size(); ++c) {
      absl::StrAppend(&out, OneLine(absl::StrCat(headings[c], " = ", data.columns[c]), style.width),
                      "\n");
    }
  }
  return out + gaps.Legend(style);
}

}  // namespace tidemark::cli
