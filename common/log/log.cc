#include "common/log/log.h"

#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace tidemark::log {
namespace {

// Process-wide because stderr is.
struct Global {
  base::Mutex mutex;
  std::string process ABSL_GUARDED_BY(mutex);
  std::function<void(std::string_view)> sink ABSL_GUARDED_BY(mutex);
};

Global& GetGlobal() {
  static Global* const global = new Global;
  return *global;
}

std::string_view LevelName(Level level) {
  switch (level) {
    case Level::kInfo:
      return "INFO";
    case Level::kWarn:
      return "WARN";
    case Level::kError:
      return "ERROR";
  }
  return "ERROR";
}

// Length of the valid UTF-8 character at the front of `text`, 0 when there is none.
size_t CharacterBytes(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t size = byte(0) < 0x80                       ? 1
                      : byte(0) >= 0xc2 && byte(0) <= 0xdf ? 2
                      : (byte(0) & 0xf0) == 0xe0           ? 3
                      : byte(0) >= 0xf0 && byte(0) <= 0xf4 ? 4
                                                           : 0;
  if (size == 0 || size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, beyond U+10FFFF.
  if (size == 3 && byte(0) == 0xe0 && byte(1) < 0xa0) return 0;
  if (size == 3 && byte(0) == 0xed && byte(1) > 0x9f) return 0;
  if (size == 4 && byte(0) == 0xf0 && byte(1) < 0x90) return 0;
  if (size == 4 && byte(0) == 0xf4 && byte(1) > 0x8f) return 0;
  return size;
}

// Messages may quote what a client sent, so any bytes must become one line of valid JSON.
void AppendString(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const char c = text.front();
    size_t size = 1;
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (c == '\n') {
      out->append("\\n");
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      size = CharacterBytes(text);
      out->append(size == 0 ? std::string_view("\xef\xbf\xbd") : text.substr(0, size));
      if (size == 0) size = 1;
    }
    text.remove_prefix(size);
  }
  out->push_back('"');
}

void AppendValue(const Field::Value& value, std::string* out) {
  std::visit(
      [out](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string>) {
          AppendString(v, out);
        } else if constexpr (std::is_same_v<T, bool>) {
          out->append(v ? "true" : "false");
        } else if constexpr (std::is_same_v<T, double>) {
          // JSON knows neither infinity nor NaN.
          if (std::isfinite(v)) {
            absl::StrAppendFormat(out, "%.17g", v);
          } else {
            AppendString(absl::StrCat(v), out);
          }
        } else {
          absl::StrAppend(out, v);
        }
      },
      value);
}

void Write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  Global& global = GetGlobal();
  base::MutexLock lock(global.mutex);
  std::string line =
      FormatLine(level, base::SystemClock().NowMicros(), global.process, message, fields);
  line.push_back('\n');
  if (global.sink) return global.sink(line);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // Nobody is left to tell.
    rest.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

std::string FormatLine(Level level, int64_t time_micros, std::string_view process,
                       std::string_view message, std::initializer_list<Field> fields) {
  std::string line =
      absl::StrCat("{\"time\":\"",
                   absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6SZ", absl::FromUnixMicros(time_micros),
                                    absl::UTCTimeZone()),
                   "\",\"level\":\"", LevelName(level), "\"");
  if (!process.empty()) {
    line.append(",\"process\":");
    AppendString(process, &line);
  }
  line.append(",\"message\":");
  AppendString(message, &line);
  for (const Field& field : fields) {
    line.push_back(',');
    AppendString(field.key, &line);
    line.push_back(':');
    AppendValue(field.value, &line);
  }
  line.push_back('}');
  return line;
}

void Info(std::string_view message, std::initializer_list<Field> fields) {
  Write(Level::kInfo, message, fields);
}
void Warn(std::string_view message, std::initializer_list<Field> fields) {
  Write(Level::kWarn, message, fields);
}
void Error(std::string_view message, std::initializer_list<Field> fields) {
  Write(Level::kError, message, fields);
}

void SetProcessName(std::string_view name) {
  base::MutexLock lock(GetGlobal().mutex);
  GetGlobal().process = std::string(name);
}

ScopedSink::ScopedSink(std::function<void(std::string_view line)> sink) {
  base::MutexLock lock(GetGlobal().mutex);
  GetGlobal().sink = std::move(sink);
}

ScopedSink::~ScopedSink() {
  base::MutexLock lock(GetGlobal().mutex);
  GetGlobal().sink = nullptr;
}

}  // namespace tidemark::log
