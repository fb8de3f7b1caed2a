#ifndef TIDEMARK_COMMON_LOG_LOG_H_
#define TIDEMARK_COMMON_LOG_LOG_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"

// One JSON object per line on stderr:
//   {"time":"2024-03-05T06:07:08.123456Z","level":"WARN","process":"tidemark-ingest",
//    "message":"checkpoint failed","file":"/var/lib/...","bytes":12}
// One line per failure or change of state, never per event. Never personal data, never tokens.
// Thread-safe; a line is written by one write(2).
namespace tidemark::log {

enum class Level { kInfo, kWarn, kError };

class Field {
 public:
  using Value = std::variant<std::string, int64_t, uint64_t, double, bool>;

  Field(std::string_view key, std::string_view value) : key(key), value(std::string(value)) {}
  Field(std::string_view key, const char* value) : key(key), value(std::string(value)) {}
  Field(std::string_view key, const std::string& value) : key(key), value(value) {}
  // Code and message; the details attached to a status are bytes, not for people.
  Field(std::string_view key, const absl::Status& value)
      : key(key), value(value.ToString(absl::StatusToStringMode::kWithNoExtraData)) {}
  Field(std::string_view key, bool value) : key(key), value(value) {}
  Field(std::string_view key, double value) : key(key), value(value) {}
  template <std::signed_integral T>
  Field(std::string_view key, T value) : key(key), value(static_cast<int64_t>(value)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Field(std::string_view key, T value)
      : key(key), value(static_cast<uint64_t>(value)) {}

  std::string_view key;
  Value value;
};

void Info(std::string_view message, std::initializer_list<Field> fields = {});
void Warn(std::string_view message, std::initializer_list<Field> fields = {});
void Error(std::string_view message, std::initializer_list<Field> fields = {});

// Shown in every line. Call once, first thing in main.
void SetProcessName(std::string_view name);

// Sends lines (with their newline) elsewhere while it lives. For tests; one at a time.
class ScopedSink {
 public:
  explicit ScopedSink(std::function<void(std::string_view line)> sink);
  ~ScopedSink();
  ScopedSink(const ScopedSink&) = delete;
  ScopedSink& operator=(const ScopedSink&) = delete;
};

// The line without the newline; `time_micros` UTC.
std::string FormatLine(Level level, int64_t time_micros, std::string_view process,
                       std::string_view message, std::initializer_list<Field> fields);

}  // namespace tidemark::log

#endif  // TIDEMARK_COMMON_LOG_LOG_H_
