// Text fit for a page, a terminal or an XML file, whatever bytes it came from.
#pragma once

#include <string>
#include <string_view>

namespace atspec::report {

/// Valid UTF-8, line feeds and tabs stay; other control characters, broken sequences and the controls that reorder
/// text become \xHH or \u{HHHH}. Markup is not escaped here: the template does that.
std::string safe_text(std::string_view bytes);

/// `text`, or its first `limit` bytes (cut between characters) and how much more there was.
std::string shorten(std::string_view text, std::size_t limit);

/// Microseconds as people read them: "430 µs", "12.3 ms", "2.50 s".
std::string human_time(long long microseconds);

}  // namespace atspec::report
