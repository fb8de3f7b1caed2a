#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cli/chart/axis.h"
#include "clients/cli/chart/chart_text.h"
#include "clients/cli/report/svg_charts.h"
#include "clients/cli/report/svg_writer.h"
#include "clients/cli/table/display_width.h"

namespace tidemark::cli::report {
namespace {

constexpr double kTop = 26;
constexpr double kHeight = 260;
constexpr int kMostSteps = 6;

using Points = std::vector<std::pair<double, double>>;

// The plane that lines are drawn on.
class Plane {
 public:
  Plane(const Extent& extent, size_t labels, SvgWriter* svg)
      : axis_(NiceAxis(extent.low, extent.high, kMostSteps)), count_(labels), svg_(svg) {
    left_ = static_cast<double>(WidestOf(axis_.labels, 40)) * kLetter + 12;
  }

  double X(size_t i) const {
    const double width = kChartWidth - left_ - 24;
    return left_ + 8 + (count_ < 2 ? width / 2 : width * static_cast<double>(i) / (count_ - 1.0));
  }
  double Y(double number) const {
    return kTop + kHeight * (axis_.high - number) / (axis_.high - axis_.low);
  }

  void DrawAxes(const std::vector<std::string>& labels, const std::string& unit) {
    for (size_t i = 0; i < axis_.ticks.size(); ++i) {
      const double y = Y(axis_.ticks[i]);
      svg_->Line(left_, y, kChartWidth - 8, y, axis_.ticks[i] == 0 ? "currentColor" : kFaint);
      svg_->Text(left_ - 6, y, SvgWriter::kEnd, axis_.labels[i]);
    }
    if (!unit.empty()) svg_->Text(4, kTop - 16, SvgWriter::kStart, unit);
    // As many labels as have room beside each other.
    const double width = static_cast<double>(WidestOf(labels, 24)) * kLetter + 14;
    const double room = count_ < 2 ? kChartWidth : X(1) - X(0);
    const auto every = static_cast<size_t>(width / room) + 1;
    for (size_t i = 0; i < labels.size(); i += every) {
      svg_->Line(X(i), kTop + kHeight, X(i), kTop + kHeight + 4, "currentColor");
      // Neither the first nor the last is cut by the edge of the picture.
      const double half =
          static_cast<double>(std::min<size_t>(DisplayWidth(labels[i]), 24)) * kLetter / 2;
      const double x = std::clamp(X(i), half, std::max(half, kChartWidth - half));
      svg_->Text(x, kTop + kHeight + 14, SvgWriter::kMiddle, labels[i], 24);
    }
  }

  // Where values are missing the line is broken; a value alone is a dot.
  void DrawLine(const std::vector<ChartValue>& values, size_t begin, const char* colour,
                bool dashed) {
    Points points;
    const auto flush = [&] {
      if (points.size() > 1) svg_->Path(points, colour, dashed);
      if (points.size() == 1) svg_->Dot(points[0].first, points[0].second, colour);
      points.clear();
    };
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].number) {
        points.emplace_back(X(begin + i), Y(*values[i].number));
      } else {
        flush();
      }
    }
    flush();
  }

 private:
  Axis axis_;
  size_t count_;
  double left_;
  SvgWriter* svg_;
};

// Names of lines below the picture; how high it is then.
double DrawLegend(const std::vector<std::pair<std::string, const char*>>& names, SvgWriter* svg) {
  double x = 8;
  double y = kTop + kHeight + 14 + kLine + 6;
  for (const auto& [name, colour] : names) {
    constexpr size_t kMost = 40;
    const double width = static_cast<double>(std::min(DisplayWidth(name), kMost)) * kLetter + 34;
    if (x > 8 && x + width > kChartWidth) {
      x = 8;
      y += kLine;
    }
    svg->Rect(x, y - 5, 12, 10, colour);
    svg->Text(x + 17, y, SvgWriter::kStart, name, kMost);
    x += width;
  }
  return names.empty() ? y - kLine + 6 : y + kLine;
}

// Draws the band between two bounds, which starts at the last value of the history.
void DrawBetween(const BandData& data, ChartValue BandData::Ahead::*low,
                 ChartValue BandData::Ahead::*high, double opacity, const Plane& plane,
                 SvgWriter* svg) {
  Points points;
  Points back;
  const size_t begin = data.history.size();
  if (begin > 0 && data.history.back().number) {
    points.emplace_back(plane.X(begin - 1), plane.Y(*data.history.back().number));
  }
  for (size_t i = 0; i < data.ahead.size(); ++i) {
    const ChartValue& lower = data.ahead[i].*low;
    const ChartValue& upper = data.ahead[i].*high;
    if (!lower.number || !upper.number) break;
    points.emplace_back(plane.X(begin + i), plane.Y(*upper.number));
    back.emplace_back(plane.X(begin + i), plane.Y(*lower.number));
  }
  if (back.empty()) return;
  points.insert(points.end(), back.rbegin(), back.rend());
  svg->Area(points, kColours[1], opacity);
}

}  // namespace

std::string SvgLines(const LineData& data, const SvgText& text) {
  Extent extent;
  for (const LineData::Line& line : data.lines) {
    for (const ChartValue& value : line.values) extent.Add(value);
  }
  SvgWriter svg;
  Plane plane(extent, data.labels.size(), &svg);
  plane.DrawAxes(data.labels, data.unit);
  std::vector<std::pair<std::string, const char*>> names;
  for (size_t i = 0; i < data.lines.size(); ++i) {
    plane.DrawLine(data.lines[i].values, 0, ColourOf(i), false);
    if (!data.lines[i].name.empty()) names.emplace_back(data.lines[i].name, ColourOf(i));
  }
  const double height = DrawLegend(names, &svg);
  return svg.Finish(height, text);
}

std::string SvgBand(const BandData& data, const SvgText& text) {
  Extent extent;
  for (const ChartValue& value : data.history) extent.Add(value);
  std::vector<std::string> labels = data.labels;
  // The line of the forecast starts where the history ends.
  std::vector<ChartValue> points;
  if (!data.history.empty()) points.push_back(data.history.back());
  for (const BandData::Ahead& ahead : data.ahead) {
    for (const ChartValue* value : {&ahead.point, &ahead.lower_95, &ahead.upper_95}) {
      extent.Add(*value);
    }
    labels.push_back(ahead.label);
    points.push_back(ahead.point);
  }
  SvgWriter svg;
  Plane plane(extent, labels.size(), &svg);
  plane.DrawAxes(labels, data.unit);
  using Ahead = BandData::Ahead;
  DrawBetween(data, &Ahead::lower_95, &Ahead::upper_95, 0.2, plane, &svg);
  DrawBetween(data, &Ahead::lower_80, &Ahead::upper_80, 0.3, plane, &svg);
  plane.DrawLine(data.history, 0, kColours[0], false);
  plane.DrawLine(points, data.history.empty() ? 0 : data.history.size() - 1, kColours[1], true);
  return svg.Finish(DrawLegend({}, &svg), text);
}

}  // namespace tidemark::cli::report
