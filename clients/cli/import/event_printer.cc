#include "clients/cli/import/event_printer.h"

#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/json_util.h>

#include <ostream>

#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::importer {

absl::Status EventPrinter::operator()(uint64_t, std::string_view event) const {
  ingest::v1::Event message;
  // The status says it; protobuf would write to the terminal besides.
  const google::protobuf::LogSilencer silencer;
  if (!message.ParseFromArray(event.data(), static_cast<int>(event.size()))) {
    return absl::InvalidArgumentError("a text of the event is not valid UTF-8");
  }
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(message, &json).ok()) {
    return absl::InvalidArgumentError("the event cannot be written as JSON");
  }
  out_ << json << '\n';
  return absl::OkStatus();
}

}  // namespace tidemark::importer
