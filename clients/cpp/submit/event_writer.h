#ifndef TIDEMARK_CLIENTS_CPP_SUBMIT_EVENT_WRITER_H_
#define TIDEMARK_CLIENTS_CPP_SUBMIT_EVENT_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace tidemark::submit {

// Writes tidemark.ingest.v1.Event as protobuf wire bytes without building a message, about ten
// times as fast. Fields in ascending order give the bytes that protobuf's C++ serializer gives.
//
//   writer.Clear();
//   writer.Text(EventField::kSource, "shop");
//   writer.Number(EventField::kAmount, 1234);
//   submitter.AddSerialized(row, writer.bytes());
//
// Not thread-safe. The memory is kept between events.
enum class EventField : uint32_t {
  kSource = 1,
  kId = 2,
  kRevision = 3,
  kKind = 4,
  kEventTimeUs = 5,
  kOriginal = 6,
  kOrder = 7,
  kTransaction = 8,
  kReportingRole = 9,
  kConsumer = 10,
  kConsumerRegion = 11,
  kProviderRegion = 12,
  kPlaceOfUse = 13,
  kCategory = 14,
  kProduct = 15,
  kProvider = 16,
  kSegment = 17,
  kChannel = 18,
  kPaymentMethod = 19,
  kAgeBand = 20,
  kAreaType = 21,
  kIncomeBand = 22,
  kScenario = 23,
  kProject = 24,
  kActivity = 25,
  kAmount = 26,
  kVoucherAmount = 27,
  kQuantity = 28,
  kAttributes = 29,
  kCurrency = 30,
};

class EventWriter {
 public:
  EventWriter() : buffer_(new char[capacity_]) {}

  void Clear() { size_ = 0; }
  std::string_view bytes() const { return {buffer_.get(), size_}; }

  void Text(EventField field, std::string_view value) {
    Bytes(static_cast<uint32_t>(field), value);
  }
  // Negative numbers take ten bytes, as protobuf says.
  void Number(EventField field, int64_t value) {
    Reserve(kMostVarint * 2);
    Varint(static_cast<uint32_t>(field) << 3);
    Varint(static_cast<uint64_t>(value));
  }
  // A message of two texts with field numbers 1 and `second_number`: EventRef (1, 2),
  // TransactionRef (1, 2), Consumer (1 scheme, 2 id or 3 prehashed), an entry of attributes
  // (1, 2). An empty first text is left out, as proto3 does.
  void Pair(EventField field, std::string_view first, std::string_view second,
            uint32_t second_number = 2) {
    const size_t size = (first.empty() ? 0 : TextSize(first)) + TextSize(second);
    Reserve(kMostVarint * 2);
    Varint(static_cast<uint32_t>(field) << 3 | 2);
    Varint(size);
    if (!first.empty()) Bytes(1, first);
    Bytes(second_number, second);
  }

 private:
  static constexpr size_t kMostVarint = 10;

  static size_t VarintSize(uint64_t value) {
    size_t size = 1;
    while (value >= 0x80) {
      value >>= 7;
      ++size;
    }
    return size;
  }
  // Of a text field whose tag takes one byte.
  static size_t TextSize(std::string_view text) {
    return 1 + VarintSize(text.size()) + text.size();
  }

  void Bytes(uint32_t number, std::string_view value) {
    Reserve(kMostVarint * 2 + value.size());
    Varint(number << 3 | 2);
    Varint(value.size());
    if (!value.empty()) std::memcpy(buffer_.get() + size_, value.data(), value.size());
    size_ += value.size();
  }
  void Varint(uint64_t value) {
    char* at = buffer_.get() + size_;
    while (value >= 0x80) {
      *at++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *at++ = static_cast<char>(value);
    size_ = at - buffer_.get();
  }
  void Reserve(size_t more) {
    if (size_ + more > capacity_) [[unlikely]]
      Grow(size_ + more);
  }
  void Grow(size_t wanted) {
    while (capacity_ < wanted) capacity_ *= 2;
    std::unique_ptr<char[]> larger(new char[capacity_]);
    std::memcpy(larger.get(), buffer_.get(), size_);
    buffer_ = std::move(larger);
  }

  size_t capacity_ = 1024;
  std::unique_ptr<char[]> buffer_;
  size_t size_ = 0;
};

}  // namespace tidemark::submit

#endif  // TIDEMARK_CLIENTS_CPP_SUBMIT_EVENT_WRITER_H_
