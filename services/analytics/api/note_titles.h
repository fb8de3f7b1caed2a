#ifndef TIDEMARK_SERVICES_ANALYTICS_API_NOTE_TITLES_H_
#define TIDEMARK_SERVICES_ANALYTICS_API_NOTE_TITLES_H_

#include <string_view>

namespace tidemark::analytics {

// What the code of a note says in a few words of the language (Note.title); empty: nothing is said
// in it, only Chinese has titles.
std::string_view NoteTitleOf(std::string_view code, std::string_view language);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_API_NOTE_TITLES_H_
