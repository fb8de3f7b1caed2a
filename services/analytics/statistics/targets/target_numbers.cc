#include "services/analytics/statistics/targets/target_numbers.h"

#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// How many of what (PERSON, HOUSEHOLD, or a time that has no multiple here) a number is divided by.
struct Divisor {
  pb::UnitPer of = pb::UNIT_PER_UNSPECIFIED;
  int many = 1;
};

Divisor DivisorOf(pb::UnitPer per) {
  switch (per) {
    case pb::UNIT_PER_HUNDRED_PERSONS:
      return {pb::UNIT_PER_PERSON, 100};
    case pb::UNIT_PER_THOUSAND_PERSONS:
      return {pb::UNIT_PER_PERSON, 1000};
    case pb::UNIT_PER_HUNDRED_HOUSEHOLDS:
      return {pb::UNIT_PER_HOUSEHOLD, 100};
    default:
      return {per, 1};
  }
}

}  // namespace

std::optional<base::Rational> UnitFactor(const pb::Unit& from, const pb::Unit& to) {
  const Divisor of_from = DivisorOf(from.per()), of_to = DivisorOf(to.per());
  if (PlainUnit(from).kind() != PlainUnit(to).kind() || from.currency() != to.currency() ||
      of_from.of != of_to.of) {
    return std::nullopt;
  }
  return ScaleOf(from) / ScaleOf(to) * base::Rational(of_to.many) / base::Rational(of_from.many);
}

}  // namespace tidemark::analytics
