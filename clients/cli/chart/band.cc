#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "clients/cli/chart/axis.h"
#include "clients/cli/chart/chart_text.h"
#include "clients/cli/chart/terminal_charts.h"
#include "clients/cli/table/display_width.h"

namespace tidemark::cli {
namespace {

constexpr int kMostSteps = 6;
constexpr int kRows = 12;
constexpr size_t kWidestColumn = 3;
constexpr const char* kRising[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

// A line of the chart: what lies from `low` up to `high`.
struct Row {
  double low;
  double high;
};

std::string HistoryBlock(const ChartValue& value, const Row& row) {
  const double height = row.high - row.low;
  const bool at_zero = std::abs(row.low) < height / 2;
  if (!value.number) return at_zero ? "·" : " ";
  const double number = *value.number;
  if (number >= 0) {
    if (row.low < -height / 2) return " ";
    long eighths = std::lround(std::clamp((number - row.low) / height, 0.0, 1.0) * 8);
    if (at_zero && number > 0) eighths = std::max(eighths, 1L);
    return kRising[eighths];
  }
  if (row.high > height / 2) return " ";
  const double share = std::clamp((row.high - number) / height, 0.0, 1.0);
  if (share >= 0.75) return "█";
  if (share >= 0.25) return "▀";
  return share > 0 ? "▔" : " ";
}

std::string ForecastBlock(const BandData::Ahead& ahead, const Row& row) {
  const double height = row.high - row.low;
  if (!ahead.point.number) return std::abs(row.low) < height / 2 ? "·" : " ";
  if (row.low <= *ahead.point.number && *ahead.point.number < row.high) return "━";
  const double middle = (row.low + row.high) / 2;
  const auto within = [&](const ChartValue& low, const ChartValue& high) {
    return low.number && high.number && *low.number <= middle && middle <= *high.number;
  };
  if (within(ahead.lower_80, ahead.upper_80)) return "▒";
  return within(ahead.lower_95, ahead.upper_95) ? "░" : " ";
}

std::string Range(const std::string& first, const std::string& last) {
  return first == last ? first : absl::StrCat(first, " to ", last);
}

std::string Repeated(const std::string& block, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += block;
  return text;
}

}  // namespace

std::string DrawBand(const BandData& data, const ChartStyle& asked) {
  const ChartStyle style = Usable(asked);
  Gaps gaps;
  // Of the columns zero is part.
  Extent extent{.any = true};
  for (size_t i = 0; i < data.history.size(); ++i) {
    extent.Add(data.history[i]);
    gaps.Add(data.labels[i], data.history[i]);
  }
  for (const BandData::Ahead& ahead : data.ahead) {
    for (const ChartValue* value : {&ahead.point, &ahead.lower_95, &ahead.upper_95}) {
      extent.Add(*value);
    }
    gaps.Add(ahead.label, ahead.point);
  }
  const Axis axis = NiceAxis(extent.low, extent.high, kMostSteps);
  const int steps = static_cast<int>(axis.ticks.size()) - 1;
  const int rows_of_step = std::max(1, kRows / steps);
  const double height = axis.step / rows_of_step;
  const size_t label_width = WidestOf(axis.labels, style.width / 2);
  const size_t area = style.width - label_width - 2;
  const size_t ahead_count = std::min(data.ahead.size(), area);
  const size_t begin = data.history.size() - std::min(data.history.size(), area - ahead_count);
  const size_t count = data.history.size() - begin + ahead_count;
  const size_t column = count == 0 ? 1 : std::clamp<size_t>(area / count, 1, kWidestColumn);
  std::string out = TitleLine(data.name, data.unit, style);
  for (int r = steps * rows_of_step; r >= 0; --r) {
    const Row row{axis.low + r * height, axis.low + (r + 1) * height};
    const bool tick = r % rows_of_step == 0;
    absl::StrAppend(&out, PadTo(tick ? axis.labels[r / rows_of_step] : "", label_width, true),
                    tick ? " ┤" : " │");
    for (size_t i = begin; i < data.history.size(); ++i) {
      out += Repeated(HistoryBlock(data.history[i], row), column);
    }
    std::string forecast;
    for (size_t i = 0; i < ahead_count; ++i) {
      forecast += Repeated(ForecastBlock(data.ahead[i], row), column);
    }
    absl::StrAppend(&out, Coloured(forecast, kForecastColour, style), "\n");
  }
  std::string below;
  if (begin < data.history.size()) {
    absl::StrAppend(&below, "█ ", Range(data.labels[begin], data.labels.back()));
    if (begin > 0) absl::StrAppend(&below, " (the newest ", data.history.size() - begin, ")");
  }
  if (ahead_count > 0) {
    absl::StrAppend(&below, below.empty() ? "" : "  ", "━ ",
                    Range(data.ahead[0].label, data.ahead[ahead_count - 1].label));
  }
  absl::StrAppend(&out, OneLine(below, style.width), "\n");
  absl::StrAppend(&out, OneLine("━ forecast  ▒ 80 of 100 values  ░ 95 of 100", style.width), "\n");
  return out + gaps.Legend(style);
}

}  // namespace tidemark::cli
