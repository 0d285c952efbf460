// What XML 1.0 forbids and the parser behind Source lets pass: a `<` or a bare `&` in an attribute, an attribute that
// is there twice, a second root element, bytes that are no UTF-8. Editors and other XML tools stop at these, so the
// loader names them too. It is not a parser: it wants text that already parsed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atspec::spec {

struct Breach {
  std::size_t offset = 0;
  std::string message;
};

/// At most the first hundred.
std::vector<Breach> breaches_of_xml(std::string_view text);

}  // namespace atspec::spec
