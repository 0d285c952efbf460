// The files of reports/template, held in the program so that a report needs nothing beside it.
#pragma once

#include <string_view>

namespace atspec::report {

std::string_view template_html();
std::string_view template_css();

}  // namespace atspec::report
