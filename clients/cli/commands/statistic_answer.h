#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_STATISTIC_ANSWER_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_STATISTIC_ANSWER_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"
#include "tidemark/analytics/v1/result.pb.h"
#include "tidemark/analytics/v1/statistics_service.pb.h"

namespace tidemark::cli {

inline constexpr absl::Duration kStatisticTimeout = absl::Seconds(120);

// A table of an answer, as it came. What it names lives as long as the answer.
struct NamedTable {
  std::string_view name;
  // One at least.
  const std::vector<analytics::v1::Result>* pages;
};

// The answer of a named statistic: tables of any size, and the rest.
class StatisticAnswer {
 public:
  // `name`: as the field of the response. One that the answer lacks has one page without columns.
  NamedTable Table(std::string_view name) const;
  // As the response of the statistic that was asked, without tables.
  template <typename Response>
  const Response& Rest() const {
    return static_cast<const Response&>(RestMessage());
  }
  const analytics::v1::QueryMeta& meta() const;

 private:
  friend absl::StatusOr<StatisticAnswer> AskStatistic(CommandHost& host,
                                                      const google::protobuf::Message& question);
  const google::protobuf::Message& RestMessage() const;

  std::map<std::string, std::vector<analytics::v1::Result>, std::less<>> tables_;
  analytics::v1::StatisticRest rest_;
};

// Asks for a whole answer. `question`: the request of a method of StatisticsService that
// StreamStatisticRequest has.
absl::StatusOr<StatisticAnswer> AskStatistic(CommandHost& host,
                                             const google::protobuf::Message& question);

// What answers the question: the descriptor of its response.
const google::protobuf::Descriptor& ResponseTo(const google::protobuf::Message& question);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_STATISTIC_ANSWER_H_
