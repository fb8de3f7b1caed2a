#include "services/catalog/search/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace tidemark::catalog {
namespace {

constexpr UChar32 kTableSize = 0x10000;
constexpr char32_t kParts = 0;
constexpr char32_t kVanishes = 1;
// From here on: an index of `several_`.
constexpr char32_t kSeveral = 0x110000;

bool IsIdeograph(UChar32 c) {
  return u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC) != 0 || c == 0x3007;
}

// What every code point of the basic plane becomes. Made once, as ICU's transliterators take
// microseconds per character.
class FoldTable {
 public:
  static const FoldTable& Get() {
    static const FoldTable table;
    return table;
  }

  char32_t At(UChar32 c) const {
    if (c < kTableSize) return folded_[static_cast<size_t>(c)];
    return IsIdeograph(c) || u_isalnum(c) != 0 ? static_cast<char32_t>(c) : kParts;
  }
  const std::u32string& Several(char32_t folded) const { return several_[folded - kSeveral]; }

 private:
  FoldTable() : folded_(kTableSize, kParts) {
    // Characters that a transliterator has still to see, one a line.
    icu::UnicodeString latin, han;
    std::vector<UChar32> latin_from, han_from;
    UErrorCode error = U_ZERO_ERROR;
    const icu::Normalizer2* nfkd = icu::Normalizer2::getNFKDInstance(error);
    const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
    for (UChar32 c = 0; c < kTableSize; ++c) {
      if (U_IS_SURROGATE(c)) continue;
      if (Vanishes(c)) {
        folded_[static_cast<size_t>(c)] = kVanishes;
        continue;
      }
      icu::UnicodeString text = Simple(c, nfkd, nfc);
      if (text.isEmpty()) continue;
      const UChar32 first = text.char32At(0);
      if (IsIdeograph(first)) {
        han.append(text).append(static_cast<UChar32>('\n'));
        han_from.push_back(c);
      } else if (first > 0x7F && uscript_hasScript(first, USCRIPT_LATIN) != 0) {
        latin.append(text).append(static_cast<UChar32>('\n'));
        latin_from.push_back(c);
      } else {
        Set(c, text);
      }
    }
    Transliterate("Traditional-Simplified", &han);
    Transliterate("Latin-ASCII", &latin);
    latin.foldCase();
    SetLines(han_from, han);
    SetLines(latin_from, latin);
    // A simplified character may itself be the traditional form of another one, and each of two the
    // simplified form of the other: 薴 becomes 苧, 苧 becomes 苎, and 苎 becomes 苧.
    const std::vector<char32_t> once = folded_;
    for (char32_t& folded : folded_) folded = Last(folded, once);
    for (std::u32string& several : several_) {
      for (char32_t& one : several) one = Last(one, once);
    }
  }

  // What a character becomes in the end: what becomes itself, or the smallest of those that become
  // each other.
  static char32_t Last(char32_t c, const std::vector<char32_t>& once) {
    constexpr int kMaxSteps = 8;
    const auto next = [&](char32_t from) {
      if (from <= kVanishes || from >= kTableSize) return from;
      const char32_t to = once[from];
      return to <= kVanishes || to >= kSeveral ? from : to;
    };
    for (int i = 0; i < kMaxSteps; ++i) c = next(c);
    char32_t least = c;
    for (int i = 0; i < kMaxSteps; ++i) {
      c = next(c);
      least = std::min(least, c);
    }
    return least;
  }

  static bool Vanishes(UChar32 c) {
    return (c >= 0x300 && c <= 0x36F) || c == '\'' || c == 0x2019 || c == 0x2BC || c == 0xAD ||
           (c >= 0x200B && c <= 0x200D) || c == 0xFEFF;
  }

  // Compatible, without accents, in one case; empty when it is no letter, digit or character.
  static icu::UnicodeString Simple(UChar32 c, const icu::Normalizer2* nfkd,
                                   const icu::Normalizer2* nfc) {
    // Half-width marks of kana are no marks by their category.
    if (c == 0xFF9E || c == 0xFF9F) return icu::UnicodeString(c - 0xFF9E + 0x3099);
    UErrorCode error = U_ZERO_ERROR;
    const icu::UnicodeString apart = nfkd->normalize(icu::UnicodeString(c), error);
    icu::UnicodeString kept;
    bool wanted = false;
    for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
      const UChar32 part = apart.char32At(i);
      if (Vanishes(part)) continue;
      const bool mark = (U_GET_GC_MASK(part) & U_GC_M_MASK) != 0;
      if (!mark && u_isalnum(part) == 0 && !IsIdeograph(part)) continue;
      wanted = wanted || !mark;
      kept.append(part);
    }
    // A mark of another script belongs to the letter before it.
    if (!wanted && (U_GET_GC_MASK(c) & U_GC_M_MASK) == 0) return {};
    return nfc->normalize(kept.foldCase(), error);
  }

  static void Transliterate(const char* id, icu::UnicodeString* text) {
    UErrorCode error = U_ZERO_ERROR;
    const std::unique_ptr<icu::Transliterator> transliterator(
        icu::Transliterator::createInstance(id, UTRANS_FORWARD, error));
    // Only absent when ICU's data are; the text stays as it is then.
    if (transliterator != nullptr) transliterator->transliterate(*text);
  }

  void SetLines(const std::vector<UChar32>& from, const icu::UnicodeString& lines) {
    int32_t begin = 0;
    for (const UChar32 c : from) {
      const int32_t end = lines.indexOf(static_cast<UChar32>('\n'), begin);
      Set(c, lines.tempSubStringBetween(begin, end));
      begin = end + 1;
    }
  }

  void Set(UChar32 c, const icu::UnicodeString& text) {
    char32_t& folded = folded_[static_cast<size_t>(c)];
    if (text.countChar32() == 1) {
      folded = static_cast<char32_t>(text.char32At(0));
      return;
    }
    std::u32string several;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
      several.push_back(static_cast<char32_t>(text.char32At(i)));
    }
    if (several.empty()) return;
    folded = static_cast<char32_t>(kSeveral + several_.size());
    several_.push_back(std::move(several));
  }

  std::vector<char32_t> folded_;
  std::vector<std::u32string> several_;
};

void AppendUtf8(char32_t c, std::string* out) {
  char bytes[U8_MAX_LENGTH];
  int32_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, static_cast<UChar32>(c));
  out->append(bytes, static_cast<size_t>(length));
}

// Marks of kana, vowels and last consonants of Hangul: they may be one character with what is
// before them, as NFC says.
bool MayJoin(char32_t c) {
  return c == 0x3099 || c == 0x309A || (c >= 0x1161 && c <= 0x1175) || (c >= 0x11A8 && c <= 0x11C2);
}

// The character that both are together; 0: they are two.
char32_t JoinedOf(char32_t first, char32_t second) {
  static const icu::Normalizer2* const nfc = [] {
    UErrorCode error = U_ZERO_ERROR;
    return icu::Normalizer2::getNFCInstance(error);
  }();
  if (nfc == nullptr || !MayJoin(second)) return 0;
  const UChar32 joined =
      nfc->composePair(static_cast<UChar32>(first), static_cast<UChar32>(second));
  return joined < 0 ? 0 : static_cast<char32_t>(joined);
}

class RunBuilder {
 public:
  void Add(char32_t c, size_t begin, size_t end) {
    const bool han = IsHan(c);
    if (open_ && runs_.back().han != han) open_ = false;
    if (!open_) {
      runs_.push_back({.han = han, .begin = begin});
      open_ = true;
    } else if (const char32_t joined = JoinedOf(last_, c)) {
      runs_.back().text.resize(last_at_);
      c = joined;
    }
    last_ = c;
    last_at_ = runs_.back().text.size();
    AppendUtf8(c, &runs_.back().text);
    runs_.back().end = end;
  }
  void Part() { open_ = false; }
  std::vector<Run> Take() { return std::move(runs_); }

 private:
  std::vector<Run> runs_;
  bool open_ = false;
  // The last character of the last run, and where it stands in its text.
  char32_t last_ = 0;
  size_t last_at_ = 0;
};

}  // namespace

bool IsHan(char32_t c) {
  if (c < 0x3007) return false;
  if (c >= 0x4E00 && c <= 0x9FFF) return true;
  return IsIdeograph(static_cast<UChar32>(c));
}

std::vector<Run> RunsOf(std::string_view text) {
  const FoldTable& table = FoldTable::Get();
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int32_t>(text.size());
  RunBuilder runs;
  for (int32_t i = 0; i < size;) {
    const auto begin = static_cast<size_t>(i);
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    const char32_t folded = c < 0 ? kParts : table.At(c);
    if (folded == kParts) {
      runs.Part();
    } else if (folded >= kSeveral) {
      for (const char32_t one : table.Several(folded)) {
        runs.Add(one, begin, static_cast<size_t>(i));
      }
    } else if (folded != kVanishes) {
      runs.Add(folded, begin, static_cast<size_t>(i));
    }
  }
  return runs.Take();
}

std::string Joined(const std::vector<Run>& runs) {
  std::string joined;
  for (const Run& run : runs) joined += run.text;
  return joined;
}

std::u32string ToCodePoints(std::string_view utf8) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(utf8.data());
  const auto size = static_cast<int32_t>(utf8.size());
  std::u32string out;
  for (int32_t i = 0; i < size;) {
    UChar32 c;
    U8_NEXT(bytes, i, size, c);
    out.push_back(c < 0 ? char32_t{0xFFFD} : static_cast<char32_t>(c));
  }
  return out;
}

std::string ToUtf8(std::u32string_view code_points) {
  std::string out;
  for (const char32_t c : code_points) AppendUtf8(c, &out);
  return out;
}

}  // namespace tidemark::catalog
