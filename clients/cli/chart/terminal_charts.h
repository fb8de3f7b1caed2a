#ifndef TIDEMARK_CLIENTS_CLI_CHART_TERMINAL_CHARTS_H_
#define TIDEMARK_CLIENTS_CLI_CHART_TERMINAL_CHARTS_H_

#include <cstddef>
#include <string>

#include "clients/cli/chart/chart_data.h"

// Charts of block characters. Every line ends with a line end, is at most `width` columns wide
// (unless the terminal is narrower than kLeastWidth), and labels are aligned by display width. A
// value that is not there is a gap, and the legend says why.
namespace tidemark::cli {

inline constexpr size_t kLeastWidth = 40;

struct ChartStyle {
  size_t width = 80;
  // Colours of a terminal beside the blocks; nothing is told by colour alone.
  bool colour = false;
};

// One line per value, from a common zero; negative bars go to the left.
std::string DrawBars(const BarData& data, const ChartStyle& style);

// One block per label, from the least to the largest of all values; wrapped where it is too long.
std::string DrawSparklines(const LineData& data, const ChartStyle& style);

// Four shades by size; a negative value has a minus in its cell. Too many columns go below.
std::string DrawHeatMap(const HeatData& data, const ChartStyle& style);

// Columns for the history, and after it the forecast with its intervals. Of a history that is too
// long for the width the newest periods are drawn.
std::string DrawBand(const BandData& data, const ChartStyle& style);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_CHART_TERMINAL_CHARTS_H_
