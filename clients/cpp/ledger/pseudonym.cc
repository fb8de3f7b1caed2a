#include "clients/cpp/ledger/pseudonym.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tidemark::ledger {
namespace {

// ASCII only, whatever the locale.
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::string Digits(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), IsDigit);
  return out;
}

absl::Status Invalid(std::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat("consumer.id: ", message));
}

absl::StatusOr<std::string> E164(std::string_view text) {
  text = Trim(text);
  std::string out = "+";
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  } else if (text.starts_with("00")) {
    text.remove_prefix(2);
  } else {
    return Invalid("want a number with its country code, as in +86 138...");
  }
  for (const char c : text) {
    if (IsDigit(c)) {
      out.push_back(c);
    } else if (std::string_view(" .-()").find(c) == std::string_view::npos) {
      return Invalid(
          "want digits, spaces, dots, dashes and brackets only after the country code's +");
    }
  }
  if (out.size() < 8 || out.size() > 16 || out[1] == '0')
    return Invalid("want 7 to 15 digits, the first not 0");
  return out;
}

absl::StatusOr<std::string> CnResidentId(std::string_view text) {
  std::string out(Trim(text));
  if (out.size() != 18) return Invalid("want 18 characters");
  if (out[17] == 'x') out[17] = 'X';
  // GB 11643: the digits weighted by 2^(17 - i) mod 11.
  static constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) {
    if (!IsDigit(out[i])) return Invalid("want 17 digits and a check character");
    sum += kWeights[i] * (out[i] - '0');
  }
  if (out[17] != "10X98765432"[sum % 11]) return Invalid("the check character is wrong");
  return out;
}

absl::StatusOr<std::string> Apply(Normalisation rule, std::string_view id) {
  switch (rule) {
    case Normalisation::kNone:
      return std::string(id);
    case Normalisation::kTrim:
      return std::string(Trim(id));
    case Normalisation::kLower:
      return Lower(Trim(id));
    case Normalisation::kDigitsOnly:
      return Digits(id);
    case Normalisation::kE164:
      return E164(id);
    case Normalisation::kCnResidentId:
      return CnResidentId(id);
  }
  return Invalid("unknown normalisation");
}

}  // namespace

absl::StatusOr<std::string> Normalise(Normalisation rule, std::string_view id) {
  absl::StatusOr<std::string> out = Apply(rule, id);
  if (out.ok() && out->empty()) return Invalid("empty after normalisation");
  return out;
}

Pseudonym MakePseudonym(const HmacKey& key, std::string_view scheme,
                        std::string_view normalised_id) {
  std::string message(scheme);
  message.push_back('\0');
  message.append(normalised_id);
  const Hash mac = key.Mac(message);
  Pseudonym pseudonym;
  std::copy_n(mac.begin(), pseudonym.size(), pseudonym.begin());
  return pseudonym;
}

}  // namespace tidemark::ledger
