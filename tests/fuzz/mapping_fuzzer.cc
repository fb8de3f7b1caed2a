// A mapping of `tidemark import` and an input to go with it, parted by a line `=====`: every
// mapping compiles or is refused at a place, and every row becomes an event that protobuf reads, is
// skipped with a reason, or rejected with one.
#include <google/protobuf/stubs/logging.h>

#include "clients/cli/import/input_testing.h"
#include "clients/cli/import/mapping.h"
#include "tests/fuzz/fuzz.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::importer {
namespace {

constexpr std::string_view kParting = "\n=====\n";
constexpr std::string_view kCsv =
    "id,time,amount,category,name,empty\n"
    "1,2024-01-05 10:00:00,\"1,234.50\",food,Tea \xE8\x8C\xB6,\n"
    "2,05.01.2024,-3,,x,\n"
    "3,1704448800,(1e2),food/tea,\"a \"\"b\"\"\",\n";
// No mapping may make us look outside; nothing is there.
constexpr const char* kFolder = "/nonexistent/tidemark-fuzz";
constexpr int kMostRows = 200;

// Knows a few names, as a catalog does.
class FewNames final : public NameResolver {
 public:
  absl::Status Prepare(NameKind) override { return absl::OkStatus(); }
  absl::StatusOr<std::string> Resolve(NameKind, std::string_view name) override {
    if (name == "food" || name == "x") return std::string("id-") + std::string(name);
    return absl::NotFoundError("no such name");
  }
};

void CheckRefusal(const absl::Status& status) {
  FUZZ_CHECK(fuzz::BlamesInput(status), status.ToString());
}

void CheckMapped(const Mapped& mapped) {
  switch (mapped.kind) {
    case Mapped::Kind::kSkipped:
      return FUZZ_CHECK(!mapped.skip_reason.empty(), "skipped for no reason");
    case Mapped::Kind::kRejected:
      return FUZZ_CHECK(mapped.rejection != nullptr && !mapped.rejection->reason.empty() &&
                            !mapped.rejection->message.empty(),
                        "rejected for no reason");
    case Mapped::Kind::kEvent: {
      ingest::v1::Event event;
      FUZZ_CHECK(event.ParseFromArray(mapped.event.data(), static_cast<int>(mapped.event.size())),
                 "protobuf reads the event");
      FUZZ_CHECK(event.GetReflection()->GetUnknownFields(event).empty(),
                 "an event of the contract's fields");
    }
  }
}

void MapRows(const Mapping& mapping, const std::string& input) {
  FewNames names;
  const ObservatoryUnits units{.time_zone = "Asia/Shanghai", .currency = "CNY", .scale = 2};
  const auto opened = mapping.Open(SourceOf(input, 61), {.observatory = units, .resolver = &names});
  if (!opened.ok()) return CheckRefusal(opened.status());
  for (int rows = 0; rows < kMostRows; ++rows) {
    const auto row = opened->reader->Next();
    if (!row.ok()) return CheckRefusal(row.status());
    if (*row == nullptr) return;
    CheckMapped(opened->mapper->Map(**row));
  }
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  const size_t parting = bytes.find(kParting);
  const std::string yaml(bytes.substr(0, parting));
  const std::string input(
      parting == std::string_view::npos ? kCsv : bytes.substr(parting + kParting.size()));
  const auto mapping = Mapping::Parse(yaml, "map.yaml", kFolder, "in.csv");
  if (!mapping.ok()) return CheckRefusal(mapping.status());
  const auto again = Mapping::Parse(yaml, "map.yaml", kFolder, "in.csv");
  FUZZ_CHECK(again.ok() && again->fingerprint() == mapping->fingerprint(), "fingerprint");
  MapRows(*mapping, input);
}

}  // namespace tidemark::importer
