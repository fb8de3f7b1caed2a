#include "services/ingest/api/wire_reader.h"

namespace tidemark::ingest {

bool WireReader::ReadLong32(uint32_t* value, uint32_t last_byte_limit) {
  uint32_t result = 0;
  for (int i = 0; i < 5; ++i) {
    if (p_ == end_) return false;
    const uint32_t byte = *p_++;
    if (i == 4 && byte >= last_byte_limit) return false;
    result |= (byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      *value = result;
      return true;
    }
  }
  return false;
}

bool WireReader::ReadLongVarint(uint64_t* value) {
  uint64_t result = 0;
  for (int i = 0; i < 10; ++i) {
    if (p_ == end_) return false;
    const uint64_t byte = *p_++;
    result |= (byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      *value = result;
      return true;
    }
  }
  return false;
}

bool WireReader::SkipBytes(size_t count) {
  if (count > static_cast<size_t>(end_ - p_)) return false;
  p_ += count;
  return true;
}

bool WireReader::Skip(uint32_t tag, int depth) {
  uint64_t varint;
  std::string_view bytes;
  switch (tag & 7) {
    case kVarint:
      return ReadVarint(&varint);
    case kFixed64:
      return SkipBytes(8);
    case kBytes:
      return ReadBytes(&bytes);
    case kGroup:
      return SkipGroup(tag, depth);
    case kFixed32:
      return SkipBytes(4);
    default:
      return false;
  }
}

bool WireReader::SkipGroup(uint32_t start_tag, int depth) {
  if (depth == 0) return false;
  while (true) {
    uint32_t tag = 0;
    if (!ReadLong32(&tag, 0x80)) return false;
    if ((tag & 7) == 4) return tag == start_tag + 1;
    if (tag < 8 || !Skip(tag, depth - 1)) return false;
  }
}

}  // namespace tidemark::ingest
