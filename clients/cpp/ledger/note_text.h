// Private to the note and checkpoint sources: which texts a signed note may hold.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_NOTE_TEXT_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_NOTE_TEXT_H_

#include <string_view>

namespace tidemark::ledger {

// UTF-8 without control characters below U+0020 but newline.
bool IsNoteText(std::string_view text);
// UTF-8, not empty, without control characters, Unicode white space and '+'.
bool IsKeyName(std::string_view name);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_NOTE_TEXT_H_
