#ifndef TIDEMARK_CLIENTS_CLI_REPORT_SVG_CHARTS_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_SVG_CHARTS_H_

#include <string>

#include "clients/cli/chart/chart_data.h"

// Charts as SVG elements that stand by themselves: no style sheet, no script, no blank line, text
// in the colour of the page around, title and desc for those who do not see it. Equal data gives
// equal bytes.
namespace tidemark::cli::report {

struct SvgText {
  // Unique on the page.
  std::string id;
  std::string title;
  std::string description;
};

std::string SvgBars(const BarData& data, const SvgText& text);
std::string SvgLines(const LineData& data, const SvgText& text);
std::string SvgBand(const BandData& data, const SvgText& text);
std::string SvgHeatMap(const HeatData& data, const SvgText& text);

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_SVG_CHARTS_H_
