// Bodies of the record kinds that are not events (docs/formats/leaf.md, "Other kinds").
//
//   std::string body;
//   TM_RETURN_IF_ERROR(EncodeBody(CatalogMark{.version = 7, .hash = hash}, &body));
//   TM_ASSIGN_OR_RETURN(CatalogMark mark, DecodeCatalogMark(record.body));
//
// Encoders append to `out` and return INVALID_ARGUMENT naming the field. Decoders return DATA_LOSS
// for anything an encoder does not write; their views point into `body`. Thread-safe.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_CONTROL_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_CONTROL_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

absl::Status EncodeBody(const CatalogMark& mark, std::string* out);
absl::Status EncodeBody(const SourceDay& day, std::string* out);
absl::Status EncodeBody(const Erasure& erasure, std::string* out);

absl::StatusOr<CatalogMark> DecodeCatalogMark(std::string_view body);
absl::StatusOr<SourceDay> DecodeSourceDay(std::string_view body);
// `ranges` is replaced and holds what the result's `leaves` points to.
absl::StatusOr<Erasure> DecodeErasure(std::string_view body, std::vector<LeafRange>* ranges);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_CONTROL_H_
