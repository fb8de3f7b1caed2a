#include "services/analytics/store/order_hash.h"

#include <bit>
#include <cstring>
#include <string>

namespace tidemark::analytics {
namespace {

class SipState {
 public:
  explicit SipState(const Key16& key)
      : v0_(key.low ^ 0x736f6d6570736575u),
        v1_(key.high ^ 0x646f72616e646f6du ^ 0xee),
        v2_(key.low ^ 0x6c7967656e657261u),
        v3_(key.high ^ 0x7465646279746573u) {}

  void Word(uint64_t word) {
    v3_ ^= word;
    Round();
    Round();
    v0_ ^= word;
  }

  Key16 Finish() {
    Key16 out;
    v2_ ^= 0xee;
    for (int i = 0; i < 4; ++i) Round();
    out.low = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= 0xdd;
    for (int i = 0; i < 4; ++i) Round();
    out.high = v0_ ^ v1_ ^ v2_ ^ v3_;
    return out;
  }

 private:
  void Round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace

Key16 SipHash128(const Key16& key, std::string_view message) {
  SipState state(key);
  const uint64_t length = message.size();
  while (message.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, message.data(), 8);
    state.Word(word);
    message.remove_prefix(8);
  }
  uint64_t last = length << 56;
  for (size_t i = 0; i < message.size(); ++i) {
    last |= uint64_t{static_cast<uint8_t>(message[i])} << (8 * i);
  }
  state.Word(last);
  return state.Finish();
}

Key16 OrderKey(const Key16& log_key, CodeId source, std::string_view order) {
  char small[64];
  if (order.size() + sizeof(source) <= sizeof(small)) {
    std::memcpy(small, &source, sizeof(source));
    if (!order.empty()) std::memcpy(small + sizeof(source), order.data(), order.size());
    return SipHash128(log_key, {small, order.size() + sizeof(source)});
  }
  std::string message(reinterpret_cast<const char*>(&source), sizeof(source));
  message.append(order);
  return SipHash128(log_key, message);
}

Key16 LogKey(std::string_view log_id) { return SipHash128({}, log_id); }

}  // namespace tidemark::analytics
