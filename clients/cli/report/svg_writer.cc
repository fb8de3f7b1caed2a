#include "clients/cli/report/svg_writer.h"

#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/chart/chart_text.h"
#include "clients/cli/report/markup.h"

namespace tidemark::cli::report {
namespace {

// As few digits as a hundredth of a unit needs.
std::string N(double number) {
  std::string text = absl::StrFormat("%.2f", number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string Points(const std::vector<std::pair<double, double>>& points) {
  std::string text;
  for (const auto& [x, y] : points) {
    absl::StrAppend(&text, text.empty() ? "" : " ", N(x), ",", N(y));
  }
  return text;
}

}  // namespace

void SvgWriter::Rect(double x, double y, double width, double height, std::string_view fill,
                     double opacity) {
  absl::StrAppend(&body_, "<rect x=\"", N(x), "\" y=\"", N(y), "\" width=\"", N(width),
                  "\" height=\"", N(height), "\" fill=\"", fill, "\"");
  if (opacity < 1) absl::StrAppend(&body_, " fill-opacity=\"", N(opacity), "\"");
  body_ += "/>\n";
}

void SvgWriter::Line(double x1, double y1, double x2, double y2, std::string_view stroke) {
  absl::StrAppend(&body_, "<line x1=\"", N(x1), "\" y1=\"", N(y1), "\" x2=\"", N(x2), "\" y2=\"",
                  N(y2), "\" stroke=\"", stroke, "\"/>\n");
}

void SvgWriter::Path(const std::vector<std::pair<double, double>>& points, std::string_view stroke,
                     bool dashed) {
  absl::StrAppend(&body_, "<polyline points=\"", Points(points), "\" fill=\"none\" stroke=\"",
                  stroke, "\" stroke-width=\"2\"", dashed ? " stroke-dasharray=\"5 4\"" : "",
                  "/>\n");
}

void SvgWriter::Area(const std::vector<std::pair<double, double>>& points, std::string_view fill,
                     double opacity) {
  absl::StrAppend(&body_, "<polygon points=\"", Points(points), "\" fill=\"", fill,
                  "\" fill-opacity=\"", N(opacity), "\"/>\n");
}

void SvgWriter::Dot(double x, double y, std::string_view fill) {
  absl::StrAppend(&body_, "<circle cx=\"", N(x), "\" cy=\"", N(y), "\" r=\"2.5\" fill=\"", fill,
                  "\"/>\n");
}

void SvgWriter::Text(double x, double y, Anchor anchor, std::string_view text, size_t columns) {
  constexpr const char* kAnchors[] = {"start", "middle", "end"};
  absl::StrAppend(&body_, "<text x=\"", N(x), "\" y=\"", N(y + 4), "\" text-anchor=\"",
                  kAnchors[anchor], "\">", Escaped(OneLine(text, columns)), "</text>\n");
}

void SvgWriter::TextUpwards(double x, double y, std::string_view text, size_t columns) {
  absl::StrAppend(&body_, "<text transform=\"translate(", N(x + 4), " ", N(y), ") rotate(-90)\">",
                  Escaped(OneLine(text, columns)), "</text>\n");
}

std::string SvgWriter::Finish(double height, const SvgText& text) const {
  return absl::StrCat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ", N(kChartWidth), " ", N(height),
      "\" width=\"", N(kChartWidth), "\" height=\"", N(height),
      "\" role=\"img\" aria-labelledby=\"", Escaped(text.id), "-title ", Escaped(text.id),
      "-desc\" font-family=\"system-ui, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', "
      "sans-serif\" font-size=\"12\" fill=\"currentColor\">\n<title id=\"",
      Escaped(text.id), "-title\">", Escaped(text.title), "</title>\n<desc id=\"", Escaped(text.id),
      "-desc\">", Escaped(text.description), "</desc>\n", body_, "</svg>\n");
}

const char* ColourOf(size_t index) { return kColours[index % std::size(kColours)]; }

}  // namespace tidemark::cli::report
