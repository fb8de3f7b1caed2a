#ifndef TIDEMARK_CLIENTS_CLI_CHART_CHART_TEXT_H_
#define TIDEMARK_CLIENTS_CLI_CHART_CHART_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cli/chart/chart_data.h"
#include "clients/cli/chart/terminal_charts.h"

// What the charts of a terminal share.
namespace tidemark::cli {

inline constexpr char kNegativeColour[] = "31";
inline constexpr char kForecastColour[] = "36";

// `text` without what would break the line or steer the terminal, cut to `width` columns with `…`.
std::string OneLine(std::string_view text, size_t width);

// The style with a width that charts can be drawn in.
ChartStyle Usable(ChartStyle style);

// `name (unit)`, one line.
std::string TitleLine(const std::string& name, const std::string& unit, const ChartStyle& style);

std::string Coloured(const std::string& text, const char* colour, const ChartStyle& style);

// Columns that the widest text takes, at most `most`.
size_t WidestOf(const std::vector<std::string>& texts, size_t most);

// The texts of values that are there, `·` for gaps.
std::string ShownOf(const ChartValue& value);

// The least and the largest number; 0 and 0 when there is none.
struct Extent {
  double low = 0;
  double high = 0;
  bool any = false;
  void Add(const ChartValue& value);
};

// The first of the labels, and how many more there are.
std::string NamedOf(const std::vector<std::string>& labels);

// Which gaps there are and why, for the legend.
class Gaps {
 public:
  void Add(const std::string& label, const ChartValue& value);
  // `· NO_BASE: 2010-12, 2011-01 and 3 more`, a line per reason; empty: no gaps.
  std::string Legend(const ChartStyle& style) const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> labels_by_reason_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_CHART_CHART_TEXT_H_
