#include "tests/fault/preload/plan.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace tidemark::fault {
namespace {

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Action ParseAction(const std::string& name) {
  static constexpr std::pair<std::string_view, Action> kActions[] = {
      {"eio", Action::kEio},   {"full", Action::kFull}, {"short", Action::kShort},
      {"kill", Action::kKill}, {"torn", Action::kTorn}, {"power", Action::kPower}};
  for (const auto& [known, action] : kActions) {
    if (name == known) return action;
  }
  std::fprintf(stderr, "TIDEMARK_FAULT: `%s` is none of eio full short kill torn power\n",
               name.c_str());
  std::abort();
}

Plan FromEnvironment() {
  Plan plan;
  plan.dir = Variable("TIDEMARK_FAULT_DIR");
  plan.lift = Variable("TIDEMARK_FAULT_LIFT");
  plan.journal = Variable("TIDEMARK_FAULT_JOURNAL");
  plan.sends = Variable("TIDEMARK_FAULT_SENDS") == "1";
  plan.sync_delay_us = std::strtoull(Variable("TIDEMARK_FAULT_SYNC_DELAY_US").c_str(), nullptr, 10);
  const std::string fault = Variable("TIDEMARK_FAULT");
  if (fault.empty()) return plan;
  const size_t at = fault.find('@');
  plan.action = ParseAction(fault.substr(0, at));
  if (at != std::string::npos) plan.at = std::strtoull(fault.c_str() + at + 1, nullptr, 10);
  if (plan.at == 0 || plan.dir.empty()) {
    std::fprintf(stderr, "TIDEMARK_FAULT wants ACTION@N with N from 1, and TIDEMARK_FAULT_DIR\n");
    std::abort();
  }
  return plan;
}

}  // namespace

bool Plan::Covers(std::string_view path) const {
  return !dir.empty() && path.substr(0, dir.size()) == dir &&
         (path.size() == dir.size() || path[dir.size()] == '/');
}

const Plan& ThePlan() {
  static const Plan* const plan = new Plan(FromEnvironment());
  return *plan;
}

}  // namespace tidemark::fault
