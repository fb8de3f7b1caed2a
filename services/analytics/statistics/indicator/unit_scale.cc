#include "services/analytics/statistics/indicator/unit_scale.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/enum_word.h"

namespace tidemark::analytics {

namespace pb = catalog::v1;

pb::Unit PlainUnit(pb::Unit unit) {
  unit.clear_power_of_ten();
  if (unit.kind() == pb::UNIT_KIND_PERCENT) unit.set_kind(pb::UNIT_KIND_RATIO);
  return unit;
}

base::Rational ScaleOf(const pb::Unit& unit) {
  if (unit.kind() == pb::UNIT_KIND_PERCENT) return base::Rational::PowerOfTen(-2);
  return base::Rational::PowerOfTen(unit.power_of_ten());
}

std::string UnitName(const pb::Unit& unit) {
  const auto word = [](const google::protobuf::EnumDescriptor* type, int number) {
    return absl::AsciiStrToLower(catalog_client::EnumWord(*type, number));
  };
  std::string name = unit.power_of_ten() == 0 ? "" : absl::StrCat("10^", unit.power_of_ten(), " ");
  absl::StrAppend(&name, unit.currency().empty() ? word(pb::UnitKind_descriptor(), unit.kind())
                                                 : unit.currency());
  if (unit.per() != pb::UNIT_PER_UNSPECIFIED)
    absl::StrAppend(&name, " per ", word(pb::UnitPer_descriptor(), unit.per()));
  return name;
}

int DecimalsOf(const type::v1::Decimal& decimal) {
  const size_t point = decimal.value().find('.');
  return point == std::string::npos ? 0 : static_cast<int>(decimal.value().size() - point - 1);
}

base::Rational ValueOf(const type::v1::Decimal& decimal) {
  return base::Rational::FromDecimal(decimal.value());
}

base::Rational PublishedValue(const pb::Observation& observation) {
  return ValueOf(observation.value()) / base::Rational(std::max(1u, observation.divisor()));
}

FigureKind KindOfFigure(const pb::Unit& unit, bool adds_up) {
  if (!adds_up || unit.per() != pb::UNIT_PER_UNSPECIFIED) return FigureKind::kNotAdded;
  switch (unit.kind()) {
    case pb::UNIT_KIND_PERSONS:
      return FigureKind::kPersons;
    case pb::UNIT_KIND_MONEY:
      return FigureKind::kMoney;
    case pb::UNIT_KIND_SQUARE_KILOMETRES:
      return FigureKind::kArea;
    case pb::UNIT_KIND_RATIO:
    case pb::UNIT_KIND_PERCENT:
    case pb::UNIT_KIND_PERCENTAGE_POINTS:
    case pb::UNIT_KIND_INDEX:
      return FigureKind::kNotAdded;
    default:
      return FigureKind::kOther;
  }
}

}  // namespace tidemark::analytics
