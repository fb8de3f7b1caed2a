#include "clients/cpp/catalog/name_search.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/base/edit_distance.h"

namespace tidemark::catalog_client {
namespace {

constexpr size_t kMaxCodePoints = 64;
// From this length on, being contained in a name makes a text resemble it.
constexpr size_t kMinContained = 2;

// Length of the UTF-8 sequence that starts with `first`; 1 for what cannot start one.
size_t SequenceLength(unsigned char first) {
  if (first >= 0xF0 && first < 0xF8) return 4;
  if (first >= 0xE0) return first < 0xF0 ? 3 : 1;
  return first >= 0xC2 ? 2 : 1;
}

void AppendCodePoints(std::string_view text, std::u32string* out) {
  for (size_t i = 0; i < text.size() && out->size() < kMaxCodePoints;) {
    const auto first = static_cast<unsigned char>(text[i]);
    const size_t length = std::min(SequenceLength(first), text.size() - i);
    char32_t code = first;
    if (length == 1) {
      code = static_cast<unsigned char>(absl::ascii_tolower(first));
    } else {
      code = first & (0x7F >> length);
      for (size_t k = 1; k < length; ++k) code = (code << 6) | (text[i + k] & 0x3F);
    }
    out->push_back(code);
    i += length;
  }
}

}  // namespace

std::string FoldName(std::string_view text) {
  return absl::AsciiStrToLower(absl::StripAsciiWhitespace(text));
}

std::u32string ToCodePoints(std::string_view text) {
  std::u32string out;
  AppendCodePoints(text, &out);
  return out;
}

NearestNames::NearestNames(std::string_view text)
    : text_(ToCodePoints(absl::StripAsciiWhitespace(text))),
      limit_(std::max(1, static_cast<int>(text_.size()) / 3)) {}

int NearestNames::Score(std::string_view name) {
  scratch_.clear();
  AppendCodePoints(name, &scratch_);
  const size_t furthest = static_cast<size_t>(limit_);
  const int distance = static_cast<int>(base::EditDistance(text_, scratch_, furthest));
  if (distance <= limit_) return distance;
  const bool contained = text_.size() >= kMinContained &&
                         std::u32string_view(scratch_).find(text_) != std::u32string_view::npos;
  return contained ? limit_ : limit_ + 1;
}

void NearestNames::Offer(std::string_view name, std::string_view id) {
  if (text_.empty()) return;
  // A name has no more code points than bytes: too short to come near, and decoding costs most.
  if (name.size() + static_cast<size_t>(limit_) < text_.size()) return;
  const int score = Score(name);
  if (score <= limit_) found_.emplace_back(score, id);
}

std::vector<std::string> NearestNames::Best(size_t limit) {
  std::sort(found_.begin(), found_.end());
  std::vector<std::string> best;
  for (const auto& [score, id] : found_) {
    if (best.size() == limit) break;
    if (std::find(best.begin(), best.end(), id) == best.end()) best.emplace_back(id);
  }
  return best;
}

}  // namespace tidemark::catalog_client
