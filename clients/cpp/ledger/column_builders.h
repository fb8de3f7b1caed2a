// Private to BlockBuilder and EventRows: the values of one column. A column is untouched by rows in
// which it is absent, so that fields nobody uses cost nothing. Texts are views of the caller's
// memory where nothing else is said. All of them keep their memory over Clear().
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_COLUMN_BUILDERS_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_COLUMN_BUILDERS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/ledger/arena.h"
#include "common/base/tail_hash.h"

namespace tidemark::ledger {

// Which rows have a value.
class PresenceBuilder {
 public:
  void Set(uint32_t row) {
    if ((row >> 3) >= bits_.size()) bits_.resize((row >> 3) + 1);
    bits_[row >> 3] = static_cast<uint8_t>(bits_[row >> 3] | 1u << (row & 7));
    ++count_;
  }
  // The rows [begin, end), none of which is set.
  void SetRange(uint32_t begin, uint32_t end);
  void Clear() {
    bits_.clear();
    count_ = 0;
  }
  uint32_t count() const { return count_; }
  // Bits of `rows` rows.
  std::string_view Bits(uint32_t rows) {
    bits_.resize((size_t{rows} + 7) / 8);
    return {reinterpret_cast<const char*>(bits_.data()), bits_.size()};
  }

 private:
  std::vector<uint8_t> bits_;
  uint32_t count_ = 0;
};

// Hash of a table that is not stored. Whoever does not know the key cannot choose texts that
// collide.
struct TextHashKey {
  uint64_t first;
  uint64_t second;
};
uint64_t HashText(std::string_view text, const TextHashKey& key);

// Most rows that a column takes at once.
inline constexpr size_t kMostRowsAtOnce = 64;

// Texts that are likely to repeat: distinct values, in the order of their first rows, and an index.
class DictionaryBuilder {
 public:
  // Texts are copied to `arena`, once each, instead of being kept as views. Before the first one.
  void CopyTo(Arena* arena) { arena_ = arena; }
  // Rows ascend.
  void Add(uint32_t row, std::string_view text);
  // The rows from `row` on, at most kMostRowsAtOnce; absent ones have data() == nullptr, not all of
  // them. As Add one by one, but the memory that they look at is fetched together.
  void AddMany(uint32_t row, std::span<const std::string_view> texts);
  // The number of a text, whose hash is HashOf() it, for AddNumbers. It need not have a row.
  uint32_t NumberOf(std::string_view text, uint64_t hash) {
    Reserve(1);
    return Find(text, hash);
  }
  // A number of its own for a text that is not looked for: entries may then be equal, as after
  // SetColumn().
  uint32_t AddEntry(std::string_view text, uint64_t hash) {
    entries_.push_back({hash, text.data(), static_cast<uint32_t>(text.size())});
    entry_bytes_ += text.size();
    return static_cast<uint32_t>(entries_.size());
  }
  // The rows from `row` on, by number, 0 for absent ones; `text_bytes`: of their texts together.
  void AddNumbers(uint32_t row, std::span<const uint32_t> numbers, uint64_t text_bytes);
  static uint64_t HashOf(std::string_view text);
  // `count` rows with the same text.
  void AddRepeated(uint32_t row, uint32_t count, std::string_view text);
  // The rows `rows` of another dictionary, ascending, as rows from `row` on. A text that is in many
  // of them is looked up once.
  void AddColumn(uint32_t row, const DictionaryBuilder& from, std::span<const uint32_t> rows);
  // Becomes the rows `rows` of a column whose row r has values[numbers[r] - 1], or nothing where
  // numbers[r] is 0. Entries are then the values, also where two are equal or no row has one:
  // AddColumn() of it makes them different. Nothing may be added after it.
  void SetColumn(std::span<const std::string_view> values, std::span<const uint32_t> numbers,
                 std::span<const uint32_t> rows);
  void Clear();

  bool empty() const { return entries_.empty(); }
  size_t entry_count() const { return entries_.size(); }
  std::string_view entry(size_t i) const { return {entries_[i].data, entries_[i].size}; }
  size_t entry_bytes() const { return entry_bytes_; }
  // 1 + that of the entry; 0: absent.
  uint32_t number(size_t row) const { return row < index_.size() ? index_[row] : 0; }
  // Absent: data() == nullptr.
  std::string_view text(size_t row) const {
    const uint32_t number = this->number(row);
    return number == 0 ? std::string_view() : entry(number - 1);
  }
  // As Index, but of no more rows than had to be counted: those behind them are absent.
  std::span<const uint32_t> numbers() const { return index_; }
  // Bytes of the texts of all rows.
  uint64_t text_bytes() const { return text_bytes_; }
  // One per row: 0 for absent, else 1 + the entry's number.
  std::span<const uint32_t> Index(uint32_t rows) {
    index_.resize(rows);
    return index_;
  }

 private:
  struct Entry {
    uint64_t hash;
    const char* data;
    uint32_t size;
  };
  // 1 + entry number, 0: free; and the upper half of the entry's hash, so that a text which is not
  // there hardly ever costs a look at another.
  struct Slot {
    uint32_t number = 0;
    uint32_t tag = 0;
  };
  // Makes room for `more` entries.
  void Reserve(size_t more);
  // There is room for one.
  uint32_t Find(std::string_view text, uint64_t hash);
  void Rehash(size_t slots);

  // The number that a number of another dictionary has here, and the size of its text.
  struct Mapped {
    uint32_t number = 0;
    uint32_t size = 0;
  };

  // Numbers of another dictionary that are not mapped yet, some perhaps twice.
  struct NewNumbers {
    size_t count = 0;
    std::array<uint32_t, kMostRowsAtOnce> numbers;
  };
  // Those of the rows, at most kMostRowsAtOnce, whose texts are then fetched.
  void FindNew(const DictionaryBuilder& from, std::span<const uint32_t> rows, NewNumbers* found);
  // Returns how many that were; there is room for them.
  size_t Map(const DictionaryBuilder& from, const NewNumbers& found);

  Arena* arena_ = nullptr;
  size_t entry_bytes_ = 0;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // a power of two, at most half full
  std::vector<uint32_t> index_;
  uint32_t last_ = 0;
  // Numbers met lately, by a hash of the text's end: a few codes are most of a column.
  std::array<uint32_t, base::kTailHashes> recent_ = {};
  uint64_t text_bytes_ = 0;
  std::vector<Mapped> mapped_;
};

// Texts that hardly repeat.
class PlainTextBuilder {
 public:
  // Rows ascend.
  void Add(uint32_t row, std::string_view text) {
    texts_.resize(row);
    texts_.push_back(text);
  }
  void Clear() { texts_.clear(); }
  bool empty() const { return texts_.empty(); }
  // One per row, absent ones with data() == nullptr.
  std::span<const std::string_view> Texts(uint32_t rows) {
    texts_.resize(rows);
    return texts_;
  }

 private:
  std::vector<std::string_view> texts_;
};

class IntegerBuilder {
 public:
  void Add(uint32_t row, int64_t value) {
    presence_.Set(row);
    values_.push_back(value);
  }
  // The values of the rows from `row` on, all of them present: `count` times value(i).
  template <typename Value>
  void AddMany(uint32_t row, size_t count, const Value& value) {
    presence_.SetRange(row, row + static_cast<uint32_t>(count));
    values_.reserve(values_.size() + count);
    for (size_t i = 0; i < count; ++i) values_.push_back(value(i));
  }
  void Clear() {
    presence_.Clear();
    values_.clear();
  }
  bool empty() const { return values_.empty(); }
  // Of the present rows.
  std::vector<int64_t>& values() { return values_; }
  PresenceBuilder& presence() { return presence_; }

 private:
  PresenceBuilder presence_;
  std::vector<int64_t> values_;
};

// Enum numbers, 0 for absent.
class SmallBuilder {
 public:
  void Add(uint32_t row, uint8_t value) {
    values_.resize(row);
    values_.push_back(value);
  }
  // As Add of value(0), value(1) ... to the rows from `row` on.
  template <typename Value>
  void AddMany(uint32_t row, size_t count, const Value& value) {
    values_.resize(row + count);
    for (size_t i = 0; i < count; ++i) values_[row + i] = value(i);
  }
  void Clear() { values_.clear(); }
  bool empty() const { return values_.empty(); }
  std::span<const uint8_t> Values(uint32_t rows) {
    values_.resize(rows);
    return values_;
  }

 private:
  std::vector<uint8_t> values_;
};

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_COLUMN_BUILDERS_H_
