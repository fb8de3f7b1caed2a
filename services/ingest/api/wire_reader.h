#ifndef TIDEMARK_SERVICES_INGEST_API_WIRE_READER_H_
#define TIDEMARK_SERVICES_INGEST_API_WIRE_READER_H_

#include <cstdint>
#include <string_view>

namespace tidemark::ingest {

enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kGroup = 3, kFixed32 = 5 };
constexpr uint32_t Tag(uint32_t number, WireType type) { return number << 3 | type; }

// Walks protobuf wire bytes. Accepts and refuses exactly what protobuf 3.21's C++ parser does
// (tags and lengths of at most five bytes, varints of at most ten, wrapped to their width).
// Every method returns false at damage and is not used after. Views point into the bytes.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes)
      : p_(reinterpret_cast<const uint8_t*>(bytes.data())), end_(p_ + bytes.size()) {}

  bool done() const { return p_ == end_; }

  // False also for tag 0, field number 0 and the end of a group.
  bool ReadTag(uint32_t* tag) {
    if (p_ != end_ && *p_ < 0x80) [[likely]] {
      *tag = *p_++;
    } else if (end_ - p_ >= 2 && p_[1] < 0x80) {
      *tag = (p_[0] & 0x7Fu) | uint32_t{p_[1]} << 7;
      p_ += 2;
    } else if (!ReadLong32(tag, /*last_byte_limit=*/0x80)) {
      return false;
    }
    return *tag >= 8 && (*tag & 7) != 4;
  }
  bool ReadVarint(uint64_t* value) {
    if (p_ != end_ && *p_ < 0x80) [[likely]] {
      *value = *p_++;
      return true;
    }
    return ReadLongVarint(value);
  }
  bool ReadBytes(std::string_view* out) {
    uint32_t size = 0;
    if (p_ != end_ && *p_ < 0x80) [[likely]] {
      size = *p_++;
    } else if (!ReadLong32(&size, /*last_byte_limit=*/8)) {
      return false;
    }
    if (size > static_cast<size_t>(end_ - p_)) return false;
    *out = {reinterpret_cast<const char*>(p_), size};
    p_ += size;
    return true;
  }
  // The eight bytes of a fixed64.
  bool ReadFixed64(std::string_view* out) {
    if (end_ - p_ < 8) return false;
    *out = {reinterpret_cast<const char*>(p_), 8};
    p_ += 8;
    return true;
  }
  // Skips the value of a field that is not known. `depth`: groups that may nest.
  bool Skip(uint32_t tag, int depth = 100);

 private:
  bool ReadLong32(uint32_t* value, uint32_t last_byte_limit);
  bool ReadLongVarint(uint64_t* value);
  bool SkipBytes(size_t count);
  bool SkipGroup(uint32_t start_tag, int depth);

  const uint8_t* p_;
  const uint8_t* end_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_WIRE_READER_H_
