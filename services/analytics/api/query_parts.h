#ifndef TIDEMARK_SERVICES_ANALYTICS_API_QUERY_PARTS_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_QUERY_PARTS_H_

#include <google/protobuf/io/coded_stream.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "services/analytics/api/query_handler.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"

// What QueryHandler knows of a request on its way. For its own files.
namespace tidemark::analytics {

inline constexpr uint32_t kDefaultPageSize = 10'000;

// A field of a message as protobuf writes it: what is serialized already need not be read to become
// part of another message.
inline std::string LengthDelimited(uint32_t field_number, std::string_view bytes) {
  using google::protobuf::io::CodedOutputStream;
  constexpr uint32_t kLengthDelimited = 2;
  uint8_t head[10];
  uint8_t* end =
      CodedOutputStream::WriteVarint32ToArray(field_number << 3 | kLengthDelimited, head);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<uint32_t>(bytes.size()), end);
  std::string field(reinterpret_cast<const char*>(head), static_cast<size_t>(end - head));
  field.append(bytes);
  return field;
}

// A request after everything about it has been looked up.
struct QueryHandler::Asked {
  int64_t begun_nanos = 0;
  // Keeps the plan's calendar.
  std::shared_ptr<const Calendar> calendar;
  Plan plan;
  // See ScopeOf.
  std::string scope;
  std::string canonical_text;
  // What a kept table is found by; empty until somebody looks for one.
  std::string table_key;
  uint64_t offset = 0;
  uint64_t page_size = kDefaultPageSize;
  std::string label_language;
  bool bypass_cache = false;
  // Of the asset that is used, if any.
  grants::PermittedUse permitted;

  std::string PageKey() const {
    return absl::StrCat("page ", offset, " ", page_size, " ", label_language, "\n", table_key);
  }
};

// A page as it is cached: three numbers of eight bytes, then the serialized Result.
struct QueryHandler::Page {
  uint64_t total_rows = 0;
  // Rows up to the end of this page.
  uint64_t end = 0;
  uint64_t effects_scanned = 0;
  std::string result;
  v1::CacheState origin = v1::CACHE_STATE_MISS;

  std::string Encode() const {
    const uint64_t numbers[] = {total_rows, end, effects_scanned};
    std::string bytes(reinterpret_cast<const char*>(numbers), sizeof(numbers));
    return bytes += result;
  }
  static std::optional<Page> Decode(std::string_view bytes) {
    uint64_t numbers[3];
    if (bytes.size() < sizeof(numbers)) return std::nullopt;
    std::memcpy(numbers, bytes.data(), sizeof(numbers));
    return Page{numbers[0], numbers[1], numbers[2], std::string(bytes.substr(sizeof(numbers)))};
  }
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_QUERY_PARTS_H_
