#include "common/redis/shared_buckets.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/log/log.h"
#include "common/redis/sealed_value.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::redis {
namespace {

// base::TokenBuckets::TryTake in Redis. ARGV: now, then count, rate and burst for each of KEYS; a
// key holds the time when its bucket is full. Answers "ok" and these times, or "no", which take
// and how long. What is no number, NaN included, counts as full.
constexpr std::string_view kScript = R"lua(
local now, worst, at, full = tonumber(ARGV[1]), 1, 0, {}
for i, key in ipairs(KEYS) do
  local count, rate, burst = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local fill = burst * 1e6 / rate
  local before = tonumber(redis.call('GET', key) or '') or now
  if not (before > now) then before = now end
  if before > now + fill then before = now + fill end
  full[i] = before + count * 1e6 / rate
  local wait = full[i] - now - fill
  if wait > worst then worst, at = wait, i end
end
if at > 0 then return string.format('no %d %.0f', at - 1, math.ceil(worst)) end
local answer = 'ok'
for i, key in ipairs(KEYS) do
  local text = string.format('%.3f', full[i])
  redis.call('SET', key, text, 'PX', string.format('%.0f', math.ceil((full[i] - now) / 1000) + 1000))
  answer = answer .. ' ' .. text
end
return answer
)lua";

constexpr int kSchema = 1;

absl::Status NotUnderstood() {
  return absl::FailedPreconditionError("redis: an answer that the script does not give");
}

}  // namespace

absl::StatusOr<std::unique_ptr<SharedBuckets>> SharedBuckets::Create(Options options) {
  std::optional<Endpoint> endpoint;
  if (!options.address.empty()) {
    const bool url = absl::StrContains(options.address, "://");
    auto parsed =
        Endpoint::Parse(url ? options.address : absl::StrCat("redis://", options.address));
    if (!parsed.ok()) return status::Prefixed("--redis", parsed.status());
    endpoint = *std::move(parsed);
  }
  return std::unique_ptr<SharedBuckets>(new SharedBuckets(std::move(options), endpoint));
}

SharedBuckets::SharedBuckets(Options options, std::optional<Endpoint> endpoint)
    : options_(std::move(options)), breaker_(options_.breaker, options_.clock) {
  if (!endpoint) return;
  pool_.emplace(ConnectionPool::Options{.endpoint = *std::move(endpoint),
                                        .connect_timeout = options_.timeout,
                                        .command_timeout = options_.timeout});
}

std::optional<base::TokenBuckets::Refusal> SharedBuckets::TryTake(absl::Span<const Take> takes) {
  const int64_t now_us = options_.clock->NowMicros();
  if (pool_) {
    const auto answer = Ask(takes, now_us);
    if (answer.ok()) return *answer;
    ++decided_alone_;
  }
  return own_.TryTake(takes, now_us);
}

absl::StatusOr<std::optional<base::TokenBuckets::Refusal>> SharedBuckets::Ask(
    absl::Span<const Take> takes, int64_t now_us) {
  if (!breaker_.Allow()) return absl::UnavailableError("redis: left alone after failures");
  absl::StatusOr<std::string> answer = Call(takes, now_us);
  const bool was_open = breaker_.open();
  // As of RedisCache: only silence counts against it.
  breaker_.Record(answer.ok() || absl::IsFailedPrecondition(answer.status()));
  if (!was_open && breaker_.open()) {
    log::Warn("shared limits not usable, each process goes by its own",
              {{"name_space", options_.name_space}, {"error", answer.status()}});
  }
  TM_RETURN_IF_ERROR(answer.status());
  return Understand(*answer, takes);
}

absl::StatusOr<std::string> SharedBuckets::Call(absl::Span<const Take> takes, int64_t now_us) {
  std::vector<std::string> texts = {absl::StrCat(takes.size())};
  for (const Take& take : takes) {
    texts.push_back(RedisKey(options_.name_space, kSchema, take.name));
  }
  texts.push_back(absl::StrCat(now_us));
  for (const Take& take : takes) {
    texts.push_back(absl::StrCat(take.count));
    texts.push_back(absl::StrCat(take.per_second));
    texts.push_back(absl::StrCat(take.burst));
  }
  std::vector<std::string_view> args = {"EVAL", kScript};
  args.insert(args.end(), texts.begin(), texts.end());
  TM_ASSIGN_OR_RETURN(const auto lease, pool_->Acquire());
  TM_ASSIGN_OR_RETURN(std::optional<std::string> answer, lease->Command(args, options_.timeout));
  if (!answer) return NotUnderstood();
  return *std::move(answer);
}

absl::StatusOr<std::optional<base::TokenBuckets::Refusal>> SharedBuckets::Understand(
    std::string_view answer, absl::Span<const Take> takes) {
  const std::vector<std::string> words = absl::StrSplit(std::string(answer), ' ');
  if (words[0] == "ok" && words.size() == takes.size() + 1) {
    for (size_t i = 0; i < takes.size(); ++i) {
      double full_at_us;
      if (!absl::SimpleAtod(words[i + 1], &full_at_us)) return NotUnderstood();
      own_.SetFullAt(takes[i].name, full_at_us);
    }
    return std::optional<Refusal>();
  }
  Refusal refusal;
  int64_t wait_us;
  if (words[0] != "no" || words.size() != 3 || !absl::SimpleAtoi(words[1], &refusal.index) ||
      refusal.index >= takes.size() || !absl::SimpleAtoi(words[2], &wait_us)) {
    return NotUnderstood();
  }
  refusal.wait = absl::Microseconds(wait_us);
  return std::optional<Refusal>(refusal);
}

}  // namespace tidemark::redis
