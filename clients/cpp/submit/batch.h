#ifndef TIDEMARK_CLIENTS_CPP_SUBMIT_BATCH_H_
#define TIDEMARK_CLIENTS_CPP_SUBMIT_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/submit/batch_report.h"

namespace tidemark::submit {

// Wire bytes of one SubmitEventsRequest, made by concatenation: events are never parsed or
// serialized again.
class Batch {
 public:
  void Add(uint64_t record, std::string_view event);
  // Instead of Add, once: serialized tidemark.ingest.v1.EventColumns of as many events.
  void SetColumns(std::vector<uint64_t> records, std::string_view columns);
  // Appends the other fields. Once, before sending.
  void Finish(std::string_view request_id, bool validate_only);

  size_t events() const { return records_.size(); }
  size_t bytes() const { return bytes_->size(); }
  // Shared with gRPC as long as a call may still write it.
  const std::shared_ptr<std::string>& request() const { return bytes_; }
  std::vector<uint64_t>& records() { return records_; }

  // Makes it empty; keeps the memory unless a call still holds it.
  void Reset();

 private:
  std::shared_ptr<std::string> bytes_ = std::make_shared<std::string>();
  std::vector<uint64_t> records_;
};

// Reads a serialized SubmitEventsResponse into `report`, whose records are set already. INTERNAL:
// the answer does not fit the batch; the server is broken.
absl::Status ReadVerdict(std::string_view response, BatchReport& report);

}  // namespace tidemark::submit

#endif  // TIDEMARK_CLIENTS_CPP_SUBMIT_BATCH_H_
