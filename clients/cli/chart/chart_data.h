#ifndef TIDEMARK_CLIENTS_CLI_CHART_CHART_DATA_H_
#define TIDEMARK_CLIENTS_CLI_CHART_CHART_DATA_H_

#include <optional>
#include <string>
#include <vector>

// Values to draw, wherever they came from and whatever draws them.
namespace tidemark::cli {

struct ChartValue {
  // To draw by; none: a gap.
  std::optional<double> number;
  // The exact text beside it.
  std::string shown;
  // Why there is a gap.
  std::string reason;
};

// One labelled value after the other.
struct BarData {
  std::string name;
  // Of the values; empty: counts.
  std::string unit;
  std::vector<std::string> labels;
  std::vector<ChartValue> values;
};

// Lines over the same labels.
struct LineData {
  struct Line {
    std::string name;
    std::vector<ChartValue> values;
  };
  std::string name;
  std::string unit;
  std::vector<std::string> labels;
  std::vector<Line> lines;
};

struct HeatData {
  std::string name;
  std::string unit;
  std::vector<std::string> rows;
  std::vector<std::string> columns;
  // By row and column.
  std::vector<std::vector<ChartValue>> cells;
};

// A history and how it may go on.
struct BandData {
  struct Ahead {
    std::string label;
    ChartValue point;
    ChartValue lower_80;
    ChartValue upper_80;
    ChartValue lower_95;
    ChartValue upper_95;
  };
  std::string name;
  std::string unit;
  std::vector<std::string> labels;
  std::vector<ChartValue> history;
  std::vector<Ahead> ahead;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_CHART_CHART_DATA_H_
