#ifndef TIDEMARK_CLIENTS_CLI_REPORT_SVG_WRITER_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_SVG_WRITER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cli/report/svg_charts.h"

namespace tidemark::cli::report {

inline constexpr double kChartWidth = 720;
inline constexpr double kLetter = 7.2;  // width of a column of text
inline constexpr double kLine = 18;     // height of a line of text

// Colours that are legible on white and on black.
inline constexpr const char* kColours[] = {"#2f7fb5", "#c8722c", "#3f9a5a", "#a65fb0",
                                           "#b8556b", "#8a8430", "#4b94a0", "#7b7bc4"};
inline constexpr char kNegative[] = "#c8553d";
inline constexpr char kFaint[] = "#8884";

// The parts of one <svg>, in units of a page that is kChartWidth wide.
class SvgWriter {
 public:
  enum Anchor { kStart, kMiddle, kEnd };

  void Rect(double x, double y, double width, double height, std::string_view fill,
            double opacity = 1);
  void Line(double x1, double y1, double x2, double y2, std::string_view stroke);
  void Path(const std::vector<std::pair<double, double>>& points, std::string_view stroke,
            bool dashed);
  void Area(const std::vector<std::pair<double, double>>& points, std::string_view fill,
            double opacity);
  void Dot(double x, double y, std::string_view fill);
  // `y` is the middle of the line. Cut to `columns` of text with `…`.
  void Text(double x, double y, Anchor anchor, std::string_view text, size_t columns = 200);

  // From below to above; begins at `y`, `x` is the middle of the line.
  void TextUpwards(double x, double y, std::string_view text, size_t columns);

  std::string Finish(double height, const SvgText& text) const;

 private:
  std::string body_;
};

// Of kColours, again from the first after the last.
const char* ColourOf(size_t index);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_SVG_WRITER_H_
