#ifndef TIDEMARK_CLIENTS_CLI_REPORT_QUESTION_H_
#define TIDEMARK_CLIENTS_CLI_REPORT_QUESTION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tidemark/analytics/v1/result.pb.h"

namespace tidemark::cli::report {

// What a template asks: a query, or a named statistic with the options of its command.
struct Question {
  enum Kind { kQuery, kForecast, kFlows, kAvailability, kConcentration, kCoConsumption };
  Kind kind = kQuery;
  // In the query language: a query, or clauses.
  std::string text;
  // Of forecasts.
  uint32_t horizon = 0;
  uint32_t season = 0;
  bool join_january_february = false;
  // Of flows.
  std::string level;
  std::string to;
  std::vector<std::string> groups;
  // Of co-consumption.
  std::string of;
  bool goods_and_services = false;
  uint32_t within = 0;

  bool operator==(const Question&) const = default;
};

struct Snapshot {
  std::string log_id;
  uint64_t log_size = 0;
  uint64_t catalog_version = 0;

  bool operator==(const Snapshot&) const = default;
};

struct Answer {
  // By name, the first being the one that is meant without a name; of each its pages.
  std::vector<std::pair<std::string, std::vector<analytics::v1::Result>>> tables;
  Snapshot snapshot;
  // The question in its canonical form, with the options that it was asked with.
  std::string canonical;
};

// Asks at the snapshot of its first answer.
using AskFunction = std::function<absl::StatusOr<Answer>(const Question& question)>;

}  // namespace tidemark::cli::report

#endif  // TIDEMARK_CLIENTS_CLI_REPORT_QUESTION_H_
