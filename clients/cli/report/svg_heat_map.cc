#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "clients/cli/chart/chart_text.h"
#include "clients/cli/report/svg_charts.h"
#include "clients/cli/report/svg_writer.h"

namespace tidemark::cli::report {

std::string SvgHeatMap(const HeatData& data, const SvgText& text) {
  constexpr size_t kMostLabel = 30;
  constexpr double kCell = 20;
  constexpr double kWidest = 90;
  constexpr double kUprightLine = 14;
  constexpr size_t kLegendSteps = 5;
  SvgWriter svg;
  Extent extent;
  std::string least;
  std::string most;
  for (const auto& row : data.cells) {
    for (const ChartValue& value : row) {
      extent.Add(value);
      if (value.number && *value.number == extent.low) least = value.shown;
      if (value.number && *value.number == extent.high) most = value.shown;
    }
  }
  const double largest = std::max(std::abs(extent.low), std::abs(extent.high));
  const auto opacity = [&](double number) {
    return largest == 0 ? 0.05 : 0.05 + 0.95 * std::abs(number) / largest;
  };
  const double left = static_cast<double>(WidestOf(data.rows, kMostLabel)) * kLetter + 12;
  const double area = kChartWidth - left - 4;
  const double width = data.columns.empty()
                           ? kWidest
                           : std::min(kWidest, area / static_cast<double>(data.columns.size()));
  // Headings that are wider than their columns stand upright, and are left out only where even
  // lines of text have no room.
  const double heading = static_cast<double>(WidestOf(data.columns, kMostLabel)) * kLetter + 8;
  const bool upright = heading > width;
  const size_t every = upright ? static_cast<size_t>(std::ceil(kUprightLine / width)) : 1;
  double y = upright ? heading + 8 : 24;
  for (size_t c = 0; c < data.columns.size(); c += every) {
    const double x = left + static_cast<double>(c) * width;
    if (upright) {
      svg.TextUpwards(x + width / 2, y - 6, data.columns[c], kMostLabel);
    } else {
      svg.Text(x, 12, SvgWriter::kStart, data.columns[c], kMostLabel);
    }
  }
  for (size_t r = 0; r < data.rows.size(); ++r) {
    svg.Text(left - 6, y + kCell / 2, SvgWriter::kEnd, data.rows[r], kMostLabel);
    for (size_t c = 0; c < data.columns.size(); ++c) {
      const ChartValue& value = data.cells[r][c];
      const double x = left + static_cast<double>(c) * width;
      if (value.number) {
        svg.Rect(x, y, width - 1, kCell - 1, *value.number < 0 ? kNegative : kColours[0],
                 opacity(*value.number));
      } else {
        svg.Line(x + width / 2 - 3, y + kCell / 2, x + width / 2 + 3, y + kCell / 2,
                 "currentColor");
      }
    }
    y += kCell;
  }
  y += 14;
  if (extent.any) {
    svg.Text(left, y, SvgWriter::kStart, least);
    const double scale = left + static_cast<double>(WidestOf({least}, kMostLabel)) * kLetter + 8;
    for (size_t i = 0; i < kLegendSteps; ++i) {
      const double number =
          extent.low + (extent.high - extent.low) * static_cast<double>(i) / (kLegendSteps - 1.0);
      svg.Rect(scale + static_cast<double>(i) * kCell, y - 6, kCell, 12,
               number < 0 ? kNegative : kColours[0], opacity(number));
    }
    svg.Text(scale + kLegendSteps * kCell + 8, y, SvgWriter::kStart,
             absl::StrCat(most, data.unit.empty() ? "" : " ", data.unit));
  }
  return svg.Finish(y + 12, text);
}

}  // namespace tidemark::cli::report
