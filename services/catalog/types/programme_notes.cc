#include "services/catalog/types/programme_notes.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "absl/strings/str_cat.h"
#include "services/catalog/types/document_message.h"

namespace tidemark::catalog {
namespace {

using google::protobuf::internal::WireFormatLite;

// The fields up to the number `last` of a resource's message. They come first in its bytes, so the
// rest, which may be large, is not read.
template <typename M>
M FirstFields(const Resource& resource, int last) {
  const std::string& bytes = std::get<Document>(resource.content).bytes;
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                            static_cast<int>(bytes.size()));
  int end = 0;
  while (const uint32_t tag = in.ReadTag()) {
    if (WireFormatLite::GetTagFieldNumber(tag) > last) break;
    if (!WireFormatLite::SkipField(&in, tag)) break;
    end = in.CurrentPosition();
  }
  M message;
  // Stored bytes are well-formed; of others nothing is known.
  (void)message.ParseFromArray(bytes.data(), end);
  return message;
}

}  // namespace

std::string ProgrammeNotes::Places::OtherClaim(const std::string& place,
                                               std::string_view name) const {
  const auto claims_of_place = claims.find(place);
  if (claims_of_place == claims.end()) return "";
  for (const std::string& claim : claims_of_place->second) {
    if (claim != name) return claim;
  }
  return "";
}

const ProgrammeNotes::Programme* ProgrammeNotes::FindProgramme(const std::string& name,
                                                               const ResourceLookup& after) {
  const auto [it, is_new] = programmes_.try_emplace(name);
  if (!is_new) return it->second.get();
  const Resource* resource = after.Find(name);
  auto message = resource == nullptr ? std::nullopt : MessageIn<v1::Programme>(*resource);
  if (!message) return nullptr;
  auto programme = std::make_unique<Programme>();
  programme->message = *std::move(message);
  for (const v1::Criterion& criterion : programme->message.criteria()) {
    programme->criteria[criterion.id()] = criterion.round();
    if (v1::AssessmentRound_IsValid(criterion.round())) {
      ++programme->criteria_of_round[criterion.round()];
    }
  }
  for (const v1::ProgrammeContent& content : programme->message.contents()) {
    programme->contents.insert(content.id());
  }
  it->second = std::move(programme);
  return it->second.get();
}

const ProgrammeNotes::Places& ProgrammeNotes::Candidacies(const std::string& programme,
                                                          const ResourceLookup& after) {
  const auto [it, is_new] = candidacies_.try_emplace(programme);
  if (!is_new) return *it->second;
  it->second = std::make_unique<Places>();
  Places& places = *it->second;
  after.ForEachReferrer(Type::kCandidacy, programme, [&](const Resource& resource) {
    const auto candidacy =
        FirstFields<v1::Candidacy>(resource, v1::Candidacy::kCandidateFieldNumber);
    places.claims[candidacy.candidate()].push_back(resource.name);
    ++places.counts[0];
  });
  return places;
}

std::string ProgrammeNotes::ProgrammeOf(const Resource& candidacy) {
  return FirstFields<v1::Candidacy>(candidacy, v1::Candidacy::kProgrammeFieldNumber).programme();
}

std::string ProgrammeNotes::Place(v1::AssessmentRound round, const std::string& assessor) {
  return absl::StrCat(static_cast<int>(round), "/", assessor);
}

const ProgrammeNotes::Places& ProgrammeNotes::Assessments(const std::string& candidacy,
                                                          const ResourceLookup& after) {
  const auto [it, is_new] = assessments_.try_emplace(candidacy);
  if (!is_new) return *it->second;
  it->second = std::make_unique<Places>();
  Places& places = *it->second;
  after.ForEachReferrer(Type::kAssessment, candidacy, [&](const Resource& resource) {
    const auto assessment =
        FirstFields<v1::Assessment>(resource, v1::Assessment::kAssessorFieldNumber);
    places.claims[Place(assessment.round(), assessment.assessor())].push_back(resource.name);
    if (v1::AssessmentRound_IsValid(assessment.round())) ++places.counts[assessment.round()];
  });
  return places;
}

}  // namespace tidemark::catalog
