#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "clients/cli/chart/chart_text.h"
#include "clients/cli/chart/terminal_charts.h"
#include "clients/cli/table/display_width.h"

namespace tidemark::cli {
namespace {

constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

std::string Repeated(const char* block, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += block;
  return text;
}

// From the left; whatever is above zero is seen.
std::string BarToTheRight(double share, size_t columns) {
  const auto eighths = static_cast<size_t>(
      std::max(std::lround(share * static_cast<double>(columns) * 8), share > 0 ? 1L : 0L));
  return absl::StrCat(Repeated("█", eighths / 8), kEighths[eighths % 8]);
}

// Ends at the right; Unicode has only halves of that kind.
std::string BarToTheLeft(double share, size_t columns) {
  const auto halves = static_cast<size_t>(
      std::max(std::lround(share * static_cast<double>(columns) * 2), share > 0 ? 1L : 0L));
  return absl::StrCat(halves % 2 == 1 ? "▐" : "", Repeated("█", halves / 2));
}

}  // namespace

std::string DrawBars(const BarData& data, const ChartStyle& asked) {
  const ChartStyle style = Usable(asked);
  std::vector<std::string> shown;
  Extent extent;
  Gaps gaps;
  for (size_t i = 0; i < data.values.size(); ++i) {
    shown.push_back(OneLine(ShownOf(data.values[i]), style.width / 3));
    extent.Add(data.values[i]);
    gaps.Add(data.labels[i], data.values[i]);
  }
  const double low = std::min(extent.low, 0.0);
  const double high = std::max(extent.high, 0.0);
  const size_t label_width = WidestOf(data.labels, style.width / 3);
  const size_t value_width = WidestOf(shown, style.width / 3);
  const size_t area = style.width - label_width - value_width - 4 - (low < 0 ? 1 : 0);
  size_t left = 0;
  if (low < 0) {
    left = static_cast<size_t>(std::lround(static_cast<double>(area) * (-low / (high - low))));
    left = std::clamp<size_t>(left, 1, high > 0 ? area - 1 : area);
  }
  const size_t right = area - left;
  std::string out = TitleLine(data.name, data.unit, style);
  for (size_t i = 0; i < data.values.size(); ++i) {
    const double number = data.values[i].number.value_or(0);
    const std::string negative = number < 0 ? BarToTheLeft(number / low, left) : "";
    const std::string positive = number > 0 ? BarToTheRight(number / high, right) : "";
    const std::string blanks(left - DisplayWidth(negative), ' ');
    absl::StrAppend(&out, PadTo(OneLine(data.labels[i], label_width), label_width, false), "  ",
                    blanks, Coloured(negative, kNegativeColour, style), low < 0 ? "│" : "",
                    PadTo(positive, right, false), "  ", PadTo(shown[i], value_width, true), "\n");
  }
  return out + gaps.Legend(style);
}

}  // namespace tidemark::cli
