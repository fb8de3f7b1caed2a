#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "clients/cli/import/event_fields.h"
#include "clients/cli/import/expression.h"
#include "clients/cpp/ledger/record.h"
#include "common/base/hex.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

// Numbers of Consumer's fields.
constexpr uint32_t kId = 2;
constexpr uint32_t kPrehashed = 3;

// 32 hexadecimal digits are too long for 16 bytes in base64, so the two cannot be mistaken for each
// other.
std::optional<std::string> PseudonymOf(std::string_view text) {
  std::string bytes;
  if (text.size() == 2 * ledger::kPseudonymBytes) return base::HexDecode(text);
  if (!absl::Base64Unescape(text, &bytes) && !absl::WebSafeBase64Unescape(text, &bytes)) {
    return std::nullopt;
  }
  if (bytes.size() != ledger::kPseudonymBytes) return std::nullopt;
  return bytes;
}

// Left out when its identity is absent.
class ConsumerField final : public EventFieldWriter {
 public:
  ConsumerField(TextPtr scheme, TextPtr identity, bool prehashed)
      : scheme_(std::move(scheme)), identity_(std::move(identity)), prehashed_(prehashed) {}
  bool Write(RowContext& context, submit::EventWriter& writer) override {
    std::string_view scheme, identity;
    if (!identity_->Eval(context, &identity)) return false;
    if (identity.data() == nullptr) return true;
    if (!scheme_->Eval(context, &scheme)) return false;
    if (!prehashed_) {
      writer.Pair(submit::EventField::kConsumer, scheme, identity, kId);
      return true;
    }
    const std::optional<std::string> pseudonym = PseudonymOf(identity);
    if (!pseudonym.has_value()) {
      return context.Reject(
          "INVALID_PSEUDONYM",
          "want the 16 bytes of a pseudonym as 32 hexadecimal digits or in base64");
    }
    writer.Pair(submit::EventField::kConsumer, scheme, *pseudonym, kPrehashed);
    return true;
  }

 private:
  const TextPtr scheme_;
  const TextPtr identity_;
  const bool prehashed_;
};

}  // namespace

absl::StatusOr<EventFieldPtr> CompileConsumerField(const ConfigNode& node, CompileScope& scope) {
  TM_RETURN_IF_ERROR(node.CheckKeys({"scheme", "id", "prehashed"}));
  const bool prehashed = node.Has("prehashed");
  if (prehashed && node.Has("id")) {
    return node.Get("prehashed").Error("goes without `id`: give the identifier or its pseudonym");
  }
  TM_ASSIGN_OR_RETURN(TextPtr scheme, CompileText(node.Get("scheme"), scope));
  TM_ASSIGN_OR_RETURN(TextPtr identity,
                      CompileText(node.Get(prehashed ? "prehashed" : "id"), scope));
  return std::make_unique<ConsumerField>(std::move(scheme), std::move(identity), prehashed);
}

}  // namespace tidemark::importer
