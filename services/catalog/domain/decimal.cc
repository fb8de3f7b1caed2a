#include "services/catalog/domain/decimal.h"

#include <algorithm>

namespace tidemark::catalog {
namespace {

constexpr int kMostDigits = 18;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

absl::int128 Decimal::AtFullScale() const {
  absl::int128 value = unscaled;
  for (int i = scale; i < kMostDigits; ++i) value *= 10;
  return value;
}

std::optional<Decimal> ParseDecimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view part =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0')) return std::nullopt;
  if (point != std::string_view::npos && part.empty()) return std::nullopt;
  if (!std::all_of(whole.begin(), whole.end(), IsDigit) ||
      !std::all_of(part.begin(), part.end(), IsDigit) || part.size() > kMostDigits) {
    return std::nullopt;
  }
  Decimal decimal{.scale = static_cast<int>(part.size())};
  int digits = 0;
  for (const std::string_view some : {whole, part}) {
    for (const char c : some) {
      if (digits > 0 || c != '0') ++digits;
      if (digits > kMostDigits) return std::nullopt;
      decimal.unscaled = decimal.unscaled * 10 + (c - '0');
    }
  }
  if (!negative) return decimal;
  if (digits == 0) return std::nullopt;
  decimal.unscaled = -decimal.unscaled;
  return decimal;
}

std::string TextOfProduct(const Decimal& decimal, uint64_t count) {
  absl::uint128 rest = absl::uint128(static_cast<uint64_t>(decimal.unscaled)) * count;
  std::string reversed;
  for (int digits = 0; rest > 0 || digits <= decimal.scale; ++digits) {
    if (digits == decimal.scale && digits > 0) reversed.push_back('.');
    reversed.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  }
  return {reversed.rbegin(), reversed.rend()};
}

bool SameNumber(const Decimal& a, const Decimal& b) { return a.AtFullScale() == b.AtFullScale(); }

}  // namespace tidemark::catalog
