// An upload with an information response behind its data (+QFUPL): what the device says in data mode, before the final
// result, is lines and not data, since the data went the other way.
#pragma once

#include <vector>

#include "harness/trace/lex.hpp"

namespace atspec::trace {

/// Whether some event is to be read again.
bool has_upload_answer(const std::vector<Event>& events);
/// Those events as the lines they are.
std::vector<Event> with_upload_answers(const std::vector<Event>& events);

}  // namespace atspec::trace
