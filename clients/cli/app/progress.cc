#include "clients/cli/app/progress.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tidemark::cli {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDrawEvery = kSecond / 5;
constexpr int64_t kLineEvery = 10 * kSecond;
constexpr int kBarWidth = 24;

// "1:02:03" or "4:05".
std::string DurationText(double seconds) {
  const auto whole = static_cast<int64_t>(std::clamp(seconds, 0.0, 1e9));
  if (whole >= 3600) {
    return absl::StrFormat("%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return absl::StrFormat("%d:%02d", whole / 60, whole % 60);
}

}  // namespace

Progress::Progress(const Terminal& terminal, std::string noun, bool quiet)
    : terminal_(terminal),
      noun_(std::move(noun)),
      quiet_(quiet),
      started_ns_(terminal.clock.MonotonicNanos()),
      next_draw_ns_(started_ns_ + (terminal.err_is_terminal ? kDrawEvery : kLineEvery)) {}

double Progress::elapsed_seconds() const {
  return static_cast<double>(terminal_.clock.MonotonicNanos() - started_ns_) / kSecond;
}

void Progress::Update(uint64_t count, double fraction) {
  if (quiet_) return;
  const int64_t now = terminal_.clock.MonotonicNanos();
  if (now < next_draw_ns_) return;
  const std::string line = Line(count, fraction, static_cast<double>(now - started_ns_) / kSecond);
  if (terminal_.err_is_terminal) {
    // Back to the line's begin, clear it.
    terminal_.err << "\r\x1b[K" << line << std::flush;
    drawn_ = true;
    next_draw_ns_ = now + kDrawEvery;
  } else {
    terminal_.err << line << std::endl;
    next_draw_ns_ = now + kLineEvery;
  }
}

std::string Progress::Line(uint64_t count, double fraction, double seconds) const {
  std::string line;
  if (fraction >= 0) {
    fraction = std::min(fraction, 1.0);
    const int filled = static_cast<int>(fraction * kBarWidth);
    absl::StrAppend(&line, "[", std::string(filled, '#'), std::string(kBarWidth - filled, '.'),
                    "] ", absl::StrFormat("%5.1f %%  ", fraction * 100));
  }
  absl::StrAppendFormat(&line, "%d %s  %.0f/s", count, noun_,
                        seconds > 0 ? static_cast<double>(count) / seconds : 0.0);
  if (fraction > 0) {
    absl::StrAppend(&line, "  ETA ", DurationText(seconds * (1 - fraction) / fraction));
  }
  return line;
}

void Progress::Note(std::string_view text) {
  if (text == last_note_) return;
  last_note_ = std::string(text);
  if (drawn_) terminal_.err << "\r\x1b[K";
  terminal_.err << text << std::endl;
}

void Progress::Finish() {
  if (drawn_) terminal_.err << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace tidemark::cli
