#include "services/catalog/search/pinyin.h"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/catalog/search/fold.h"

namespace tidemark::catalog {
namespace {

// Both cases, alone and with each tone.
std::string WithV(std::string_view pinyin) {
  return absl::StrReplaceAll(pinyin, {{"ü", "v"},
                                      {"Ü", "v"},
                                      {"ǖ", "v"},
                                      {"ǘ", "v"},
                                      {"ǚ", "v"},
                                      {"ǜ", "v"},
                                      {"Ǖ", "v"},
                                      {"Ǘ", "v"},
                                      {"Ǚ", "v"},
                                      {"Ǜ", "v"},
                                      {"u\u0308", "v"}});
}

// Readings by character, made for 256 characters at a time when one of them is first met: all take
// half a second.
class Readings {
 public:
  static Readings& Get() {
    static Readings readings;
    return readings;
  }

  // Empty when there is none.
  const std::string& Of(char32_t c) {
    static const std::string none;
    if (c < kFirst || c > kLast) return none;
    const size_t at = c - kFirst;
    Block& block = blocks_[at / kBlock];
    std::call_once(block.made, [&] { Make(kFirst + at / kBlock * kBlock, &block); });
    return block.readings[at % kBlock];
  }

 private:
  static constexpr size_t kFirst = 0x3400;
  static constexpr size_t kLast = 0x9FFF;
  static constexpr size_t kBlock = 256;
  struct Block {
    std::once_flag made;
    std::array<std::string, kBlock> readings;
  };

  Readings() {
    UErrorCode error = U_ZERO_ERROR;
    transliterator_.reset(icu::Transliterator::createInstance("Han-Latin", UTRANS_FORWARD, error));
  }

  void Make(size_t first, Block* block) const {
    // Only absent when ICU's data are; nothing is found by pinyin then.
    if (transliterator_ == nullptr) return;
    for (size_t i = 0; i < kBlock; ++i) {
      icu::UnicodeString text(static_cast<UChar32>(first + i));
      transliterator_->transliterate(text);
      std::string reading;
      text.toUTF8String(reading);
      const std::vector<Run> runs = RunsOf(WithV(reading));
      if (runs.size() == 1 && !runs[0].han) block->readings[i] = runs[0].text;
    }
  }

  std::unique_ptr<icu::Transliterator> transliterator_;
  std::array<Block, (kLast + 1 - kFirst) / kBlock> blocks_;
};

}  // namespace

std::vector<std::string> UsualSyllables(std::string_view text) {
  std::vector<std::string> syllables;
  for (const char32_t c : ToCodePoints(text)) {
    if (!IsHan(c)) continue;
    const std::string& reading = Readings::Get().Of(c);
    if (!reading.empty()) syllables.push_back(reading);
  }
  return syllables;
}

std::vector<std::string> GivenSyllables(std::string_view pinyin) {
  std::vector<std::string> syllables;
  for (Run& run : RunsOf(WithV(pinyin))) {
    if (!run.han) syllables.push_back(std::move(run.text));
  }
  return syllables;
}

std::vector<std::string> Spellings(const std::vector<std::string>& syllables) {
  std::string with_v = absl::StrJoin(syllables, "");
  std::string with_u = with_v;
  std::replace(with_u.begin(), with_u.end(), 'v', 'u');
  if (with_u == with_v) return {std::move(with_u)};
  return {std::move(with_u), std::move(with_v)};
}

std::string Initials(const std::vector<std::string>& syllables) {
  std::string initials;
  for (const std::string& syllable : syllables) {
    const std::u32string letters = ToCodePoints(syllable);
    if (!letters.empty()) initials += ToUtf8(std::u32string_view(letters).substr(0, 1));
  }
  return initials;
}

}  // namespace tidemark::catalog
