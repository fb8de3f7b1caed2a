#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_TESTING_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_TESTING_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/import/input_testing.h"
#include "clients/cli/import/mapping.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::importer {

// What a row became, for tests.
struct Outcome {
  ingest::v1::Event event;
  // "skipped REASON" or "rejected REASON field: message"; empty for an event.
  std::string other;
};

struct Mapper {
  Mapping::Opened opened;
  std::vector<Outcome> Rest() {
    std::vector<Outcome> outcomes;
    while (true) {
      const auto row = opened.reader->Next();
      EXPECT_TRUE(row.ok()) << row.status();
      if (!row.ok() || *row == nullptr) return outcomes;
      const Mapped mapped = opened.mapper->Map(**row);
      Outcome& outcome = outcomes.emplace_back();
      if (mapped.kind == Mapped::Kind::kSkipped) {
        outcome.other = absl::StrCat("skipped ", mapped.skip_reason);
      } else if (mapped.kind == Mapped::Kind::kRejected) {
        outcome.other = absl::StrCat("rejected ", mapped.rejection->reason, " ",
                                     mapped.rejection->field, ": ", mapped.rejection->message);
      } else {
        EXPECT_TRUE(outcome.event.ParseFromArray(mapped.event.data(),
                                                 static_cast<int>(mapped.event.size())));
      }
    }
  }
};

inline absl::StatusOr<Mapper> OpenMapping(const std::string& yaml, const std::string& input,
                                          const std::string& folder = "",
                                          const Mapping::Options& options = {},
                                          const std::string& name = "in.csv") {
  auto mapping = Mapping::Parse(yaml, "map.yaml", folder, name);
  if (!mapping.ok()) return mapping.status();
  auto opened = mapping->Open(SourceOf(input), options);
  if (!opened.ok()) return opened.status();
  return Mapper{*std::move(opened)};
}

// Fields that every mapping needs, to be followed by lines indented by two.
inline std::string WithEvent(std::string_view head, std::string_view fields) {
  return absl::StrCat(head,
                      "\nevent:\n  source: shop\n  id: x\n  kind: PURCHASE\n"
                      "  event_time: \"2024-01-01\"\n",
                      fields);
}

// The only row's outcome.
inline Outcome MapOne(const std::string& yaml, const std::string& input,
                      const std::string& folder = "", const Mapping::Options& options = {}) {
  auto mapper = OpenMapping(yaml, input, folder, options);
  EXPECT_TRUE(mapper.ok()) << mapper.status();
  if (!mapper.ok()) return {};
  std::vector<Outcome> outcomes = mapper->Rest();
  EXPECT_EQ(outcomes.size(), 1u);
  return outcomes.empty() ? Outcome() : outcomes[0];
}

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_MAPPING_TESTING_H_
