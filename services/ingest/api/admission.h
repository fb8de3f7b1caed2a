#ifndef TIDEMARK_SERVICES_INGEST_API_ADMISSION_H_
#define TIDEMARK_SERVICES_INGEST_API_ADMISSION_H_

#include <atomic>
#include <cstddef>
#include <utility>

#include "common/base/executor.h"

namespace tidemark::ingest {

// Bounds the bytes of batches between arrival and answer. Thread-safe.
class Admission {
 public:
  explicit Admission(size_t max_bytes) : max_bytes_(max_bytes) {}

  // The room of one batch, given back when it dies. Must not outlive the Admission.
  class Ticket {
   public:
    Ticket() = default;
    Ticket(Ticket&& other) noexcept
        : admission_(std::exchange(other.admission_, nullptr)), bytes_(other.bytes_) {}
    Ticket& operator=(Ticket&& other) noexcept {
      std::swap(admission_, other.admission_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Ticket() {
      if (admission_ != nullptr) admission_->bytes_.fetch_sub(bytes_);
    }
    bool admitted() const { return admission_ != nullptr; }

   private:
    friend class Admission;
    Ticket(Admission* admission, size_t bytes) : admission_(admission), bytes_(bytes) {}
    Admission* admission_ = nullptr;
    size_t bytes_ = 0;
  };

  // Not admitted when there is no room; one batch always gets in.
  Ticket TryEnter(size_t bytes) {
    const size_t before = bytes_.fetch_add(bytes);
    if (before == 0 || before + bytes <= max_bytes_) return Ticket(this, bytes);
    bytes_.fetch_sub(bytes);
    return Ticket();
  }
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

 private:
  const size_t max_bytes_;
  std::atomic<size_t> bytes_{0};
};

// Refuses every task: a method with it is answered as overloaded, after its caller was let in.
class RefusingExecutor final : public base::Executor {
 public:
  bool TryPost(absl::AnyInvocable<void()>) override { return false; }
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_ADMISSION_H_
