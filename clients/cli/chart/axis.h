#ifndef TIDEMARK_CLIENTS_CLI_CHART_AXIS_H_
#define TIDEMARK_CLIENTS_CLI_CHART_AXIS_H_

#include <string>
#include <vector>

namespace tidemark::cli {

// An axis from first to last tick, the ticks being multiples of 1, 2 or 5 times a power of ten.
struct Axis {
  double low = 0;
  double high = 1;
  double step = 1;
  // What tick i stands at, from low on.
  std::vector<double> ticks;
  // The same in as many digits as the step needs, with thousands apart.
  std::vector<std::string> labels;
};

// The axis with the smallest such step that covers low to high in at most `most` steps (at least
// 1). Equal ends, and ends that are no numbers, get an axis all the same.
Axis NiceAxis(double low, double high, int most);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_CHART_AXIS_H_
