#include "services/analytics/store/sum_layout.h"

#include <map>
#include <utility>

namespace tidemark::analytics {
namespace {

using Kind = EffectKind;
using Signs = std::array<int8_t, kEffectKindCount>;

Signs Plus(const EffectKinds& kinds) {
  Signs signs = {};
  for (int kind = 0; kind < kEffectKindCount; ++kind)
    signs[kind] = kinds.Has(static_cast<Kind>(kind)) ? 1 : 0;
  return signs;
}

struct Recipe {
  SumColumn column = SumColumn::kCount;
  Signs signs = {};
};

Recipe RecipeOf(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::kGross:
      return {SumColumn::kAmount, Plus({Kind::kPurchase})};
    case Aggregate::kRefunds:
      return {SumColumn::kAmount, Plus({Kind::kRefund, Kind::kUnlinkedRefund})};
    case Aggregate::kUnlinkedRefunds:
      return {SumColumn::kAmount, Plus({Kind::kUnlinkedRefund})};
    case Aggregate::kPendingRefunds:
      return {SumColumn::kAmount, Plus({Kind::kPendingRefund})};
    case Aggregate::kVoidRefunds:
      return {SumColumn::kAmount, Plus({Kind::kVoidRefund})};
    case Aggregate::kCohortRefunds:
      return {SumColumn::kAmount, Plus({Kind::kCohortRefund})};
    case Aggregate::kVoucher:
      return {SumColumn::kVoucher, Plus({Kind::kPurchase})};
    case Aggregate::kIdentifiedGross:
      return {SumColumn::kIdentified, Plus({Kind::kPurchase})};
    case Aggregate::kEvents:
      return {SumColumn::kCount, Plus(kEvents)};
    case Aggregate::kPurchases:
      return {SumColumn::kCount, Plus({Kind::kPurchase})};
    case Aggregate::kUses:
      return {SumColumn::kCount, Plus({Kind::kServiceUse})};
    case Aggregate::kQuantity: {
      Recipe recipe{SumColumn::kQuantity, Plus({Kind::kPurchase})};
      recipe.signs[static_cast<int>(Kind::kRefund)] = -1;
      recipe.signs[static_cast<int>(Kind::kUnlinkedRefund)] = -1;
      return recipe;
    }
    case Aggregate::kOrders:
    case Aggregate::kConsumers:
    case Aggregate::kNewConsumers:
      break;
  }
  return {};
}

}  // namespace

SumLayout::SumLayout(std::span<const Aggregate> aggregates) {
  // Kinds with the same signs in everything share a slot; those with none are the rest.
  std::vector<Signs> wanted = {Plus(kShown), Plus({Kind::kPurchase})};
  std::array<bool, kSumColumnCount> columns = {};
  for (Aggregate aggregate : aggregates) {
    const Recipe recipe = RecipeOf(aggregate);
    wanted.push_back(recipe.signs);
    columns[static_cast<int>(recipe.column)] = true;
  }
  place_.fill(-1);
  place_[static_cast<int>(SumColumn::kCount)] = 0;
  for (int column = 1; column < kSumColumnCount; ++column) {
    if (!columns[column]) continue;
    values_.push_back(static_cast<SumColumn>(column));
    place_[column] = static_cast<int>(values_.size());
  }
  const std::vector<int8_t> none(wanted.size());
  std::map<std::vector<int8_t>, uint32_t> slots;
  std::array<std::vector<int8_t>, kEffectKindCount> treated;
  for (int kind = 0; kind < kEffectKindCount; ++kind) {
    for (const Signs& signs : wanted) treated[kind].push_back(signs[kind]);
    if (treated[kind] != none) slots.emplace(treated[kind], static_cast<uint32_t>(slots.size()));
  }
  slots_ = static_cast<uint32_t>(slots.size()) + 1;
  for (int kind = 0; kind < kEffectKindCount; ++kind)
    slot_of_[kind] = treated[kind] == none ? rest() : slots[treated[kind]];
  shown_ = TermsOf(SumColumn::kCount, wanted[0]);
  purchases_ = TermsOf(SumColumn::kCount, wanted[1]);
}

SumLayout::Terms SumLayout::TermsOf(SumColumn column, const Signs& signs) const {
  Terms terms;
  std::array<bool, kEffectKindCount + 1> done = {};
  for (int kind = 0; kind < kEffectKindCount; ++kind) {
    const uint32_t slot = slot_of_[kind];
    if (signs[kind] == 0 || std::exchange(done[slot], true)) continue;
    terms.push_back({slot * slot_size() + static_cast<uint32_t>(place_[static_cast<int>(column)]),
                     signs[kind]});
  }
  return terms;
}

SumLayout::Terms SumLayout::TermsOf(Aggregate aggregate) const {
  const Recipe recipe = RecipeOf(aggregate);
  return TermsOf(recipe.column, recipe.signs);
}

}  // namespace tidemark::analytics
