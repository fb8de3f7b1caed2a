// Numbers and times as people write them in files: what is read can be written and read again to
// the same value, and no arithmetic passes a limit unseen.
#include <fuzzer/FuzzedDataProvider.h>

#include "absl/time/time.h"
#include "clients/cli/import/decimal.h"
#include "clients/cli/import/local_time.h"
#include "clients/cli/import/time_format.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::importer {
namespace {

void CheckScaled(const Decimal& number) {
  for (const int scale : {0, 2, 4, 9}) {
    const Scaled exact = ToScale(number, scale, Rounding::kExact);
    const Scaled even = ToScale(number, scale, Rounding::kHalfEven);
    const Scaled up = ToScale(number, scale, Rounding::kHalfUp);
    if (exact.result == Scaled::Result::kOk) {
      FUZZ_CHECK(even.result == Scaled::Result::kOk && even.value == exact.value, "half even");
      FUZZ_CHECK(up.result == Scaled::Result::kOk && up.value == exact.value, "half up");
      const Decimal back{.digits = exact.value, .scale = scale};
      FUZZ_CHECK(Compare(back, number) == 0, "an exact amount is the number");
    } else if (even.result == Scaled::Result::kOk && up.result == Scaled::Result::kOk) {
      const int64_t apart = up.value > even.value ? up.value - even.value : even.value - up.value;
      FUZZ_CHECK(apart <= 1, "two roundings are at most one apart");
    }
  }
}

void CheckNumber(std::string_view text, const NumberFormat& format, Decimal* out) {
  const auto number = ParseDecimal(text, format);
  if (!number) return;
  *out = *number;
  const std::string written = DecimalText(*number);
  const auto again = ParseDecimal(written, NumberFormat{});
  // 30 digits and an exponent of 30 make 60, more than ParseDecimal takes.
  if (written.size() <= 30) {
    FUZZ_CHECK(again.has_value(), written);
    FUZZ_CHECK(Compare(*again, *number) == 0, written);
    FUZZ_CHECK(DecimalText(*again) == written, "written in one way: " + written);
  }
  FUZZ_CHECK(number->sign() == Compare(*number, Decimal{}), "sign of " + written);
  CheckScaled(*number);
}

void CheckArithmetic(const Decimal& a, const Decimal& b) {
  FUZZ_CHECK(Compare(a, b) == -Compare(b, a) || (Compare(a, b) < 0) != (Compare(b, a) < 0),
             "order is antisymmetric");
  const auto sum = Add(a, b);
  const auto other = Add(b, a);
  FUZZ_CHECK(sum.has_value() == other.has_value(), "a + b, b + a");
  if (sum) FUZZ_CHECK(Compare(*sum, *other) == 0, "a + b = b + a");
  if (sum && b.sign() > 0) FUZZ_CHECK(Compare(*sum, a) > 0, "a + b > a");
  const auto product = Multiply(a, b);
  if (product) FUZZ_CHECK(product->sign() == a.sign() * b.sign(), "sign of a product");
}

void CheckTime(const std::string& format, std::string_view text) {
  const auto compiled = TimeFormat::Compile(format);
  if (!compiled.ok()) {
    FUZZ_CHECK(absl::IsInvalidArgument(compiled.status()), compiled.status().ToString());
    return;
  }
  const auto time = compiled->Parse(text);
  if (!time) return;
  if (!time->instant_us) {
    FUZZ_CHECK(time->month >= 1 && time->month <= 12 && time->day >= 1 && time->day <= 31, "day");
    FUZZ_CHECK(time->hour >= 0 && time->hour <= 23 && time->minute >= 0 && time->minute <= 59 &&
                   time->second >= 0 && time->second <= 59,
               "time of day");
    FUZZ_CHECK(time->micros >= 0 && time->micros < 1'000'000, "fraction");
    const absl::CivilDay day(time->year, time->month, time->day);
    FUZZ_CHECK(day.month() == time->month && day.day() == time->day, "a day of the calendar");
    FUZZ_CHECK(
        DaysFromCivil(time->year, time->month, time->day) == day - absl::CivilDay(1970, 1, 1),
        "days since 1970");
  }
  static const absl::TimeZone zone = [] {
    absl::TimeZone berlin;
    absl::LoadTimeZone("Europe/Berlin", &berlin);
    return berlin;
  }();
  LocalTime shifting(zone, LocalTime::Gap::kShift, LocalTime::Overlap::kEarlier);
  int64_t micros = 0;
  FUZZ_CHECK(shifting.ToMicros(*time, &micros), "a gap that is shifted over is no error");
  if (time->instant_us) {
    FUZZ_CHECK(micros == *time->instant_us, "an instant");
  } else if (!time->offset_seconds) {
    const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(
        time->year, time->month, time->day, time->hour, time->minute, time->second));
    FUZZ_CHECK(micros == absl::ToUnixMicros(info.pre) + time->micros, "as absl reads the clock");
  }
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  FuzzedDataProvider input(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  const auto choice = input.ConsumeIntegral<uint8_t>();
  const size_t cut = input.ConsumeIntegral<uint8_t>();
  const std::string first = input.ConsumeBytesAsString(cut);
  const std::string second = input.ConsumeRemainingBytesAsString();
  static const char kThousands[] = {0, ',', '.', ' ', '\''};
  NumberFormat format{.decimal_point = (choice & 1) != 0 ? ',' : '.',
                      .thousands = kThousands[(choice >> 1) % sizeof(kThousands)]};
  if (format.thousands == format.decimal_point) format.thousands = 0;
  if ((choice & 0x80) != 0) format.strip = {"EUR", "kr"};
  Decimal a, b;
  CheckNumber(first, format, &a);
  CheckNumber(second, format, &b);
  CheckArithmetic(a, b);
  CheckTime(first, second);
  CheckTime("iso8601", second);
  CheckTime("unix_seconds", second);
  CheckTime("excel", second);
}

}  // namespace tidemark::importer
