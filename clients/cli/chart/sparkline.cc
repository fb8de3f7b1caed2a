#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "clients/cli/chart/chart_text.h"
#include "clients/cli/chart/terminal_charts.h"
#include "clients/cli/table/display_width.h"

namespace tidemark::cli {
namespace {

constexpr const char* kLevels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

std::string BlockOf(double number, const Extent& extent, const ChartStyle& style) {
  const double share =
      extent.high > extent.low ? (number - extent.low) / (extent.high - extent.low) : 0.5;
  const std::string block = kLevels[std::clamp(std::lround(share * 7), 0L, 7L)];
  return number < 0 ? Coloured(block, kNegativeColour, style) : block;
}

// The text of the first value that has the number.
std::string ShownAt(const LineData& data, double number) {
  for (const LineData::Line& line : data.lines) {
    for (const ChartValue& value : line.values) {
      if (value.number == number) return value.shown;
    }
  }
  return "";
}

}  // namespace

std::string DrawSparklines(const LineData& data, const ChartStyle& asked) {
  const ChartStyle style = Usable(asked);
  Extent extent;
  Gaps gaps;
  std::vector<std::string> names;
  for (const LineData::Line& line : data.lines) {
    names.push_back(line.name);
    for (size_t i = 0; i < line.values.size(); ++i) {
      extent.Add(line.values[i]);
      gaps.Add(line.name.empty() ? data.labels[i] : absl::StrCat(line.name, " ", data.labels[i]),
               line.values[i]);
    }
  }
  const size_t label_width = WidestOf(names, style.width / 3);
  const size_t indent = label_width == 0 ? 0 : label_width + 2;
  const size_t area = style.width - indent;
  std::string out = TitleLine(data.name, data.unit, style);
  for (size_t begin = 0; begin < data.labels.size(); begin += area) {
    const size_t end = std::min(begin + area, data.labels.size());
    const std::string range = begin + 1 == end
                                  ? data.labels[begin]
                                  : absl::StrCat(data.labels[begin], " to ", data.labels[end - 1]);
    absl::StrAppend(&out, std::string(indent, ' '), OneLine(range, area), "\n");
    for (const LineData::Line& line : data.lines) {
      if (indent > 0) {
        absl::StrAppend(&out, PadTo(OneLine(line.name, label_width), label_width, false), "  ");
      }
      for (size_t i = begin; i < end; ++i) {
        const ChartValue& value = line.values[i];
        out += value.number ? BlockOf(*value.number, extent, style) : " ";
      }
      out += "\n";
    }
  }
  if (extent.any) {
    absl::StrAppend(
        &out,
        OneLine(absl::StrCat("▁ ", ShownAt(data, extent.low), "  █ ", ShownAt(data, extent.high)),
                style.width),
        "\n");
  }
  return out + gaps.Legend(style);
}

}  // namespace tidemark::cli
