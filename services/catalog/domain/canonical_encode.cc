#include "common/base/varint.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/names.h"

namespace tidemark::catalog {
namespace {

class Writer {
 public:
  // Proto3: a default is not written.
  void Number(int field, uint64_t value) {
    if (value != 0) Present(field, value);
  }
  // Written even when 0: presence has a meaning.
  void Present(int field, uint64_t value) {
    Key(field, 0);
    base::AppendVarint(value, &bytes_);
  }
  void Text(int field, std::string_view value) {
    if (!value.empty()) Block(field, value);
  }
  // Written even when empty: presence has a meaning.
  void Block(int field, std::string_view value) {
    Key(field, 2);
    base::AppendVarint(value.size(), &bytes_);
    bytes_.append(value);
  }
  void Texts(int field, const std::vector<std::string>& values) {
    for (const std::string& value : values) Block(field, value);
  }
  template <typename Enum>
  void Enums(int field, const std::vector<Enum>& values) {
    std::string packed;
    for (const Enum value : values) {
      base::AppendVarint(static_cast<uint64_t>(int64_t{static_cast<int>(value)}), &packed);
    }
    Text(field, packed);
  }
  void Day(int field, const std::optional<Date>& date) {
    if (!date) return;
    Writer inner;
    inner.Number(1, static_cast<uint64_t>(int64_t{date->year}));
    inner.Number(2, static_cast<uint64_t>(int64_t{date->month}));
    inner.Number(3, static_cast<uint64_t>(int64_t{date->day}));
    Block(field, inner.bytes_);
  }
  void Days(int field, const Validity& validity) {
    if (!validity.start && !validity.end) return;
    Writer inner;
    inner.Day(1, validity.start);
    inner.Day(2, validity.end);
    Block(field, inner.bytes_);
  }
  void Raw(std::string_view encoded) { bytes_.append(encoded); }
  std::string Take() { return std::move(bytes_); }

 private:
  void Key(int field, int wire) {
    base::AppendVarint((static_cast<uint64_t>(field) << 3) | static_cast<uint64_t>(wire), &bytes_);
  }
  std::string bytes_;
};

template <typename Enum>
uint64_t Code(Enum value) {
  return static_cast<uint64_t>(int64_t{static_cast<int>(value)});
}

struct ContentWriter {
  Writer& out;

  void operator()(const std::monostate&) const {}
  void operator()(const Observatory& value) const {
    out.Text(1, value.time_zone);
    out.Text(2, value.currency);
    out.Present(3, value.scale);
    out.Number(4, value.fiscal_start_month);
    out.Day(5, value.start);
    out.Text(6, value.log_id);
    out.Enums(7, value.precedence);
  }
  void operator()(const Source& value) const {
    out.Number(1, Code(value.kind));
    out.Days(2, value.reports);
    out.Texts(3, value.regions);
    out.Texts(4, value.categories);
    out.Number(5, value.closes_days ? 1 : 0);
    out.Number(6, value.new_codes_per_day);
    if (value.quota) {
      Writer inner;
      inner.Number(1, value.quota->events_per_second);
      inner.Number(2, value.quota->burst);
      out.Block(7, inner.Take());
    }
    out.Enums(8, value.channels);
    out.Text(9, value.organisation);
    out.Number(10, value.synthetic ? 1 : 0);
  }
  void operator()(const IdentifierScheme& value) const {
    out.Number(1, Code(value.scheme_class));
    out.Number(2, Code(value.normalisation));
    out.Text(3, value.source);
    out.Days(4, value.valid);
  }
  void operator()(const Region& value) const {
    out.Number(1, Code(value.level));
    out.Text(2, value.parent);
    out.Days(3, value.valid);
    out.Texts(4, value.aliases);
    for (const RegionSuccessor& successor : value.successors) {
      Writer inner;
      inner.Text(1, successor.region);
      inner.Day(2, successor.date);
      inner.Number(3, Code(successor.basis));
      if (successor.weight) {
        Writer decimal;
        decimal.Text(1, *successor.weight);
        inner.Block(4, decimal.Take());
      }
      out.Block(5, inner.Take());
    }
    out.Number(6, Code(value.lowest_level));
  }
  void operator()(const RegionGroup& value) const {
    for (const RegionGroupMember& member : value.members) {
      Writer inner;
      inner.Text(1, member.member);
      inner.Days(2, member.valid);
      out.Block(1, inner.Take());
    }
    out.Number(2, value.declared_count);
  }
  void operator()(const Category& value) const {
    out.Text(1, value.parent);
    out.Text(2, value.coicop_2018);
    out.Number(3, Code(value.information_content));
    out.Days(4, value.valid);
    out.Texts(5, value.aliases);
    out.Enums(6, value.precedence);
    for (const ClassificationCode& code : value.codes) {
      Writer inner;
      inner.Number(1, Code(code.classification));
      inner.Text(2, code.code);
      inner.Number(3, Code(code.relation));
      out.Block(7, inner.Take());
    }
    out.Number(8, Code(value.nature));
  }
  void operator()(const Token& value) const {
    out.Text(1, value.principal);
    out.Enums(2, value.roles);
    out.Texts(3, value.sources);
    out.Text(4, value.region_scope);
    out.Number(5, static_cast<uint64_t>(value.expire_time_us));
    out.Text(6, value.secret_hash);
    out.Text(7, value.acts_for);
  }
  void operator()(const Document& value) const { out.Raw(value.bytes); }
};

void WriteResource(const Resource& resource, Writer& out) {
  out.Text(1, resource.name);
  for (const auto& [language, text] : resource.display_names) {
    Writer entry;
    entry.Block(1, language);
    entry.Block(2, text);
    out.Block(2, entry.Take());
  }
  out.Text(3, resource.description);
  out.Texts(8, resource.citations);
  out.Texts(9, resource.search_terms);
  if (resource.type() != Type::kNone) {
    Writer content;
    std::visit(ContentWriter{content}, resource.content);
    out.Block(FieldNumber(resource.type()), content.Take());
  }
}

}  // namespace

std::string EncodeState(const Resource& resource) {
  Writer out;
  WriteResource(resource, out);
  return out.Take();
}

}  // namespace tidemark::catalog
