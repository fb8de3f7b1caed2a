#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cli/chart/axis.h"
#include "clients/cli/chart/chart_text.h"
#include "clients/cli/report/svg_charts.h"
#include "clients/cli/report/svg_writer.h"

namespace tidemark::cli::report {

std::string SvgBars(const BarData& data, const SvgText& text) {
  constexpr size_t kMostLabel = 34;
  constexpr size_t kMostValue = 24;
  constexpr int kMostSteps = 6;
  constexpr double kTop = 8;
  constexpr double kRow = 20;
  constexpr double kBar = 13;
  SvgWriter svg;
  Extent extent{.any = true};
  std::vector<std::string> shown;
  for (const ChartValue& value : data.values) {
    extent.Add(value);
    shown.push_back(value.number ? value.shown : absl::StrCat("– ", value.reason));
  }
  const double left = static_cast<double>(WidestOf(data.labels, kMostLabel)) * kLetter + 10;
  const double right =
      kChartWidth - static_cast<double>(WidestOf(shown, kMostValue)) * kLetter - 12;
  const Axis axis = NiceAxis(extent.low, extent.high, kMostSteps);
  const auto x_of = [&](double number) {
    return left + (number - axis.low) / (axis.high - axis.low) * (right - left);
  };
  const double bottom = kTop + static_cast<double>(data.values.size()) * kRow;
  for (size_t i = 0; i < axis.ticks.size(); ++i) {
    const double x = x_of(axis.ticks[i]);
    svg.Line(x, kTop, x, bottom + 4, kFaint);
    svg.Text(x, bottom + 14, SvgWriter::kMiddle, axis.labels[i]);
  }
  for (size_t i = 0; i < data.values.size(); ++i) {
    const double y = kTop + static_cast<double>(i) * kRow;
    svg.Text(left - 6, y + kRow / 2, SvgWriter::kEnd, data.labels[i], kMostLabel);
    if (data.values[i].number) {
      const double number = *data.values[i].number;
      const double from = x_of(std::min(number, 0.0));
      svg.Rect(from, y + (kRow - kBar) / 2, x_of(std::max(number, 0.0)) - from, kBar,
               number < 0 ? kNegative : kColours[0]);
    }
    svg.Text(kChartWidth - 4, y + kRow / 2, SvgWriter::kEnd, shown[i], kMostValue);
  }
  svg.Line(x_of(0), kTop, x_of(0), bottom, "currentColor");
  if (!data.unit.empty()) {
    svg.Text(right, bottom + 14 + kLine, SvgWriter::kEnd, data.unit);
  }
  return svg.Finish(bottom + 14 + 2 * kLine, text);
}

}  // namespace tidemark::cli::report
