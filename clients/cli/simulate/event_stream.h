#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_EVENT_STREAM_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_EVENT_STREAM_H_

#include <cstdint>

#include "clients/cpp/submit/column_batch.h"
#include "clients/cpp/submit/event_writer.h"

namespace tidemark::simulate {

// Numbered events, each of which can be written any number of times, from any thread.
class EventStream {
 public:
  virtual ~EventStream() = default;

  virtual uint64_t events() const = 0;
  // Writes event `index`, 0 to events() - 1, into the cleared writer.
  virtual void Write(uint64_t index, submit::EventWriter& writer) const = 0;
  // Appends it to the batch.
  virtual void Append(uint64_t index, submit::ColumnBatch& batch) const = 0;
};

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_EVENT_STREAM_H_
