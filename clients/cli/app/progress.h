#ifndef TIDEMARK_CLIENTS_CLI_APP_PROGRESS_H_
#define TIDEMARK_CLIENTS_CLI_APP_PROGRESS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/cli/app/terminal.h"

namespace tidemark::cli {

// Tells on the error stream how far long work is: drawn over itself on a terminal, a line every
// ten seconds otherwise. Not thread-safe.
class Progress {
 public:
  // `noun`: what is counted, such as "rows". `quiet`: says nothing.
  Progress(const Terminal& terminal, std::string noun, bool quiet);

  // `fraction` of the work done, 0 to 1; negative: unknown. Cheap when it is not yet time to
  // draw again.
  void Update(uint64_t count, double fraction);
  // A line of its own, once per text in a row.
  void Note(std::string_view text);
  // Takes the bar away.
  void Finish();

  double elapsed_seconds() const;

 private:
  std::string Line(uint64_t count, double fraction, double seconds) const;

  const Terminal& terminal_;
  const std::string noun_;
  const bool quiet_;
  const int64_t started_ns_;
  int64_t next_draw_ns_;
  bool drawn_ = false;
  std::string last_note_;
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_PROGRESS_H_
