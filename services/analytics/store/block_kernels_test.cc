// Every version of the loops over blocks against loops that are plain enough to be read.
#include "services/analytics/store/block_kernels.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/analytics/store/columns.h"

namespace tidemark::analytics {
namespace {

class BlockKernelsTest : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    kernels_ = GetParam() == std::string_view("portable") ? &PortableKernels() : Avx512Kernels();
    if (kernels_ == nullptr) GTEST_SKIP() << "this machine has no such instructions";
  }

  // Lengths around the numbers of rows that are read at once, and whole blocks.
  std::vector<size_t> Lengths() {
    return {
        1,         7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 200, 1 + random_() % kBlockRows,
        kBlockRows};
  }
  // With few bits, about half of them, most, all and none.
  std::vector<uint64_t> Mask(size_t n, int density) {
    std::vector<uint64_t> mask(kBlockRows / 64);
    for (size_t row = 0; row < n; ++row) {
      const uint64_t draw = random_() % 64;
      const bool set = density == 4 || (density == 0 && draw == 0) || (density == 1 && draw < 32) ||
                       (density == 2 && draw != 0);
      if (set) mask[row / 64] |= uint64_t{1} << (row % 64);
    }
    return mask;
  }
  static bool Has(const std::vector<uint64_t>& mask, size_t row) {
    return (mask[row / 64] >> (row % 64) & 1) != 0;
  }
  static std::vector<uint16_t> RowsOf(const std::vector<uint64_t>& mask, size_t n) {
    std::vector<uint16_t> rows;
    for (size_t row = 0; row < n; ++row) {
      if (Has(mask, row)) rows.push_back(static_cast<uint16_t>(row));
    }
    return rows;
  }
  // The first `n`, the rest being for whoever writes too much to overwrite.
  template <typename T>
  static std::vector<T> First(const std::vector<T>& values, size_t n) {
    return {values.begin(), values.begin() + static_cast<ptrdiff_t>(n)};
  }

  template <typename Visit>
  void ForMasks(Visit visit) {
    for (size_t n : Lengths()) {
      for (int density = 0; density < 5; ++density) visit(n, Mask(n, density));
    }
  }

  std::vector<uint8_t> Bytes(size_t n, size_t below) {
    std::vector<uint8_t> bytes(n);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random_() % below);
    return bytes;
  }
  std::vector<uint32_t> Numbers(size_t n, uint64_t below) {
    std::vector<uint32_t> numbers(n);
    for (uint32_t& number : numbers) number = static_cast<uint32_t>(random_() % below);
    return numbers;
  }

  const BlockKernels* kernels_ = nullptr;
  std::mt19937_64 random_{11};
};

TEST_P(BlockKernelsTest, DecodesAllWidths) {
  for (uint64_t range : {0ull, 200ull, 60'000ull, 16'000'000ull, 4'000'000'000ull, ~0ull}) {
    const uint8_t width = WidthFor(range);
    for (int64_t base : {int64_t{0}, int64_t{-5}, INT64_MAX - 3}) {
      ForMasks([&](size_t n, const std::vector<uint64_t>& mask) {
        // Nothing behind the last row but the byte that may be read.
        std::vector<uint8_t> data(n * width + (width == 3 ? 1 : 0));
        std::vector<int64_t> want;
        for (size_t i = 0; i < n; ++i) {
          const uint64_t value = range == 0 ? 0 : random_() % range;
          if (width > 0) std::memcpy(data.data() + i * width, &value, width);
          want.push_back(static_cast<int64_t>(value + static_cast<uint64_t>(base)));
        }
        const PackedRows rows{data.data(), width, base};
        std::vector<int64_t> out64(n), some64(kBlockRows), want_some;
        std::vector<uint32_t> out32(n), some32(kBlockRows), want32, want_some32;
        kernels_->decode64(rows, n, out64.data());
        kernels_->decode32(rows, n, out32.data());
        kernels_->select64(rows, n, mask.data(), some64.data());
        kernels_->select32(rows, n, mask.data(), some32.data());
        for (size_t i = 0; i < n; ++i) {
          want32.push_back(static_cast<uint32_t>(want[i]));
          if (!Has(mask, i)) continue;
          want_some.push_back(want[i]);
          want_some32.push_back(want32[i]);
        }
        ASSERT_EQ(out64, want);
        ASSERT_EQ(out32, want32);
        ASSERT_EQ(First(some64, want_some.size()), want_some);
        ASSERT_EQ(First(some32, want_some.size()), want_some32);
      });
    }
  }
}

TEST_P(BlockKernelsTest, ListsAndSelectsTheRowsOfMasks) {
  ForMasks([&](size_t n, const std::vector<uint64_t>& mask) {
    const std::vector<uint16_t> want = RowsOf(mask, n);
    std::vector<uint16_t> rows(kBlockRows);
    kernels_->list_rows(mask.data(), n, rows.data());
    ASSERT_EQ(First(rows, want.size()), want);
    const std::vector<uint8_t> data = Bytes(n, 256);
    std::vector<uint8_t> some(kBlockRows), want_bytes;
    for (uint16_t row : want) want_bytes.push_back(data[row]);
    kernels_->select8(data.data(), n, mask.data(), some.data());
    ASSERT_EQ(First(some, want.size()), want_bytes);
  });
}

TEST_P(BlockKernelsTest, NarrowsMasks) {
  ForMasks([&](size_t n, const std::vector<uint64_t>& mask) {
    std::vector<uint64_t> want(mask.size());
    const auto keep_if = [&](auto keep) {
      want.assign(mask.size(), 0);
      for (uint16_t row : RowsOf(mask, n)) {
        if (keep(row)) want[row / 64] |= uint64_t{1} << (row % 64);
      }
    };
    std::vector<uint64_t> got = mask;
    std::vector<uint8_t> keep = Bytes(256, 2);
    for (uint8_t& byte : keep) byte = byte != 0 ? 0xFF : 0;
    const std::vector<uint8_t> data = Bytes(n, 256);
    kernels_->keep_bytes(data.data(), n, keep.data(), got.data());
    keep_if([&](size_t row) { return keep[data[row]] != 0; });
    ASSERT_EQ(got, want);

    got = mask;
    const std::vector<uint32_t> values = Numbers(n, 20);
    kernels_->keep_range(values.data(), n, 3, 11, got.data());
    keep_if([&](size_t row) { return values[row] >= 3 && values[row] < 11; });
    ASSERT_EQ(got, want);

    got = mask;
    std::vector<uint8_t> flags = Bytes(kBlockRows + 64, 2);
    for (uint8_t& flag : flags) flag = flag != 0 ? 0xFF : 0;
    kernels_->narrow(flags.data(), n, got.data());
    size_t next = 0;
    keep_if([&](size_t) { return flags[next++] != 0; });
    ASSERT_EQ(got, want);
  });
}

TEST_P(BlockKernelsTest, NumbersCellsAndPlaces) {
  for (size_t n : Lengths()) {
    std::vector<uint16_t> groups(kFewCodes);
    for (uint16_t& group : groups) group = static_cast<uint16_t>(random_());
    std::vector<uint32_t> cells = Numbers(n, 1'000'000), want = cells;
    const std::vector<uint8_t> codes = Bytes(n, kFewCodes);
    kernels_->add_groups(codes.data(), n, groups.data(), cells.data());
    for (size_t i = 0; i < n; ++i) want[i] += groups[codes[i]];
    ASSERT_EQ(cells, want);

    kernels_->scale(want.data(), n, 7, 3, cells.data());
    for (size_t i = 0; i < n; ++i) want[i] = 3 + want[i] * 7;
    ASSERT_EQ(cells, want);

    const std::vector<uint8_t> places_in_cell = Bytes(64, 256), classes = Bytes(n, 64);
    std::vector<uint32_t> places(n);
    kernels_->find_places(cells.data(), classes.data(), n, 37, places_in_cell.data(),
                          places.data());
    for (size_t i = 0; i < n; ++i) want[i] = want[i] * 37 + places_in_cell[classes[i]];
    ASSERT_EQ(places, want);

    std::vector<uint8_t> keep = Bytes(64, 2);
    for (uint8_t& byte : keep) byte = byte != 0 ? 0xFF : 0;
    const std::vector<uint32_t> ids = Numbers(n, 20);
    std::vector<uint32_t> counted(n);
    kernels_->count_ids(ids.data(), classes.data(), n, 5, keep.data(), counted.data());
    for (size_t i = 0; i < n; ++i) want[i] = keep[classes[i]] != 0 && ids[i] > 5 ? ids[i] - 5 : 0;
    ASSERT_EQ(counted, want);

    const std::vector<uint32_t> set = Numbers(40, uint64_t{1} << 32),
                                members = Numbers(n, 32 * set.size());
    std::vector<uint64_t> mask((n + 63) / 64), want_mask(mask.size());
    kernels_->find_members(members.data(), n, set.data(), mask.data());
    for (size_t i = 0; i < n; ++i)
      want_mask[i / 64] |= uint64_t{set[members[i] / 32] >> (members[i] % 32) & 1} << (i % 64);
    ASSERT_EQ(mask, want_mask);

    std::vector<int64_t> values(n), identified(n), want_identified;
    for (int64_t& value : values) value = static_cast<int64_t>(random_());
    kernels_->keep_identified(counted.data(), values.data(), n, identified.data());
    for (size_t i = 0; i < n; ++i) want_identified.push_back(counted[i] == 0 ? 0 : values[i]);
    ASSERT_EQ(identified, want_identified);
    uint64_t sum = 0;
    for (size_t i = 0; i < n; ++i) sum += Has(mask, i) ? static_cast<uint64_t>(values[i]) : 0;
    ASSERT_EQ(kernels_->sum(values.data(), n, mask.data()), static_cast<int64_t>(sum));
  }
}

TEST_P(BlockKernelsTest, FindsStepsOfSeconds) {
  constexpr uint64_t kSeconds = 31 * 86'400;
  for (uint64_t step : {512u, 3'600u, 28'800u, 86'400u, 86'399u, 200'000u}) {
    const auto inverse = static_cast<uint32_t>(((uint64_t{1} << kStepShift) + step - 1) / step);
    const size_t steps = (kSeconds - 1) / step + 1;
    std::vector<uint32_t> table =
        Numbers((steps + kStepsPadded - 1) / kStepsPadded * kStepsPadded, ~uint32_t{0});
    for (size_t n : Lengths()) {
      std::vector<uint32_t> seconds = Numbers(n, kSeconds);
      // Where one step ends and the next begins.
      for (size_t i = 0; i < n; i += 3) {
        seconds[i] = static_cast<uint32_t>(
            std::min(kSeconds - 1, seconds[i] / step * step + (i % 2 == 0 ? 0 : step - 1)));
      }
      std::vector<uint32_t> want;
      for (uint32_t second : seconds) want.push_back(table[second / step]);
      kernels_->find_steps(seconds.data(), n, inverse, table.data(), table.size());
      ASSERT_EQ(seconds, want) << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, BlockKernelsTest, ::testing::Values("portable", "avx512"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace tidemark::analytics
