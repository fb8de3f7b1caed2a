#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/catalog/domain/checks.h"
#include "services/catalog/domain/text.h"

namespace tidemark::catalog {
namespace {

constexpr uint32_t kMaxScale = 4;

bool IsTimeZone(const std::string& name) {
  // absl also takes paths of files, "localtime" and fixed offsets; only IANA names mean the same
  // on every machine.
  if (name.empty() || name.size() > 64 || absl::StartsWith(name, "/") || name == "localtime" ||
      absl::StartsWith(name, "Fixed/")) {
    return false;
  }
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '/' && c != '_' && c != '-' && c != '+') return false;
  }
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone);
}

bool IsCurrency(std::string_view code) {
  if (code.size() != 3) return false;
  for (const char c : code) {
    if (!absl::ascii_isupper(c)) return false;
  }
  return true;
}

}  // namespace

void CheckObservatory(const Observatory& observatory, Report& report) {
  if (!IsTimeZone(observatory.time_zone)) {
    report.AddTyped("time_zone", absl::StrCat(Quoted(observatory.time_zone),
                                              " is no time zone known here; want an IANA name, "
                                              "such as Asia/Shanghai"));
  }
  if (!IsCurrency(observatory.currency)) {
    report.AddTyped("currency", absl::StrCat(Quoted(observatory.currency),
                                             " is no ISO 4217 code; want three capital letters, "
                                             "such as CNY"));
  }
  if (observatory.scale > kMaxScale) {
    report.AddTyped("scale", absl::StrCat(observatory.scale, ", want 0 to ", kMaxScale));
  }
  if (observatory.fiscal_start_month > 12) {
    report.AddTyped("fiscal_start_month",
                    absl::StrCat(observatory.fiscal_start_month, ", want 1 to 12"));
  }
  if (!observatory.start) {
    report.AddTyped("start", "missing; want the first day of event times");
  } else if (!IsRealDay(*observatory.start)) {
    report.AddTyped("start",
                    absl::StrCat(ToString(*observatory.start), " is no day of the years 1 to 9999"),
                    "INVALID_DATE");
  }
  CheckPrecedence(observatory.precedence, report);
}

void CheckObservatoryChange(const Observatory& before, const Observatory& after, Report& report) {
  if (before.log_id.empty()) return;
  const auto fixed = [&](std::string_view field, const auto& was, const auto& is) {
    if (was == is) return;
    report.AddTyped(field,
                    absl::StrCat("is fixed at ", was, " since log ", before.log_id,
                                 " is bound; start a new observatory to count otherwise"),
                    "IMMUTABLE_FIELD");
  };
  fixed("time_zone", before.time_zone, after.time_zone);
  fixed("currency", before.currency, after.currency);
  fixed("scale", before.scale, after.scale);
  fixed("fiscal_start_month", before.fiscal_start_month, after.fiscal_start_month);
  fixed("start", ToString(before.start.value_or(Date{})), ToString(after.start.value_or(Date{})));
}

}  // namespace tidemark::catalog
