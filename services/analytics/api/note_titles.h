#ifndef TIDEMARK_SERVICES_ANALYTICS_API_NOTE_TITLES_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_NOTE_TITLES_H_

#include <string_view>
#include <vector>

#include "services/analytics/query/plan.h"
#include "tidemark/analytics/v1/result.pb.h"

namespace tidemark::analytics {

// What the code of a note says in a few words of the language (Note.title); empty: nothing is said
// in it, only Chinese has titles.
std::string_view NoteTitleOf(std::string_view code, std::string_view language);

// Adds the notes, with their titles in the language of labels.
void WriteNotes(const std::vector<PlanNote>& notes, std::string_view language,
                google::protobuf::RepeatedPtrField<v1::Note>* out);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_NOTE_TITLES_H_
