#include "harness/modem/arguments.hpp"

#include <algorithm>
#include <charconv>

namespace atspec::modem {

const Limit* Arguments::limit(const char* parameter) const {
  const auto found = config_.limits.find(command_.name + "." + parameter);
  return found == config_.limits.end() ? nullptr : &found->second;
}

std::string Arguments::text(const char* parameter) {
  if (!more()) {
    good_ = false;
    return {};
  }
  const std::string& raw = command_.arguments[next_++];
  if (raw.size() < 2 || raw.front() != '"' || raw.back() != '"') {
    if (config_.fault("lax.text") != nullptr) return raw;
    good_ = false;
    return {};
  }
  std::string out = raw.substr(1, raw.size() - 2);
  // a control byte would end the FTP command it goes into, and a quote the AT line it comes back in
  const auto forbidden = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '"'; };
  if (std::any_of(out.begin(), out.end(), forbidden)) good_ = false;
  if (const Limit* known = limit(parameter); known != nullptr && known->max_length && out.size() > *known->max_length)
    good_ = false;
  if (const std::string cut = "cut-text." + command_.name + "." + parameter; config_.fault(cut) != nullptr)
    out.resize(std::min(out.size(), static_cast<std::size_t>(config_.fault_number(cut))));
  return out;
}

std::string Arguments::bare() {
  if (more()) return command_.arguments[next_++];
  good_ = false;
  return {};
}

std::int64_t Arguments::integer(const char* parameter) {
  if (!more()) {
    good_ = good_ && config_.fault("lax.missing") != nullptr;
    return 0;
  }
  const std::string& raw = command_.arguments[next_++];
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if ((raw.empty() || error != std::errc{} || end != raw.data() + raw.size()) &&
      config_.fault("lax.number") == nullptr) {
    good_ = false;
    return 0;
  }
  if (const Limit* known = limit(parameter)) {
    if ((known->min && value < *known->min) || (known->max && value > *known->max)) good_ = false;
    if (!known->choices.empty() &&
        std::find(known->choices.begin(), known->choices.end(), value) == known->choices.end())
      good_ = false;
  }
  return value;
}

std::optional<std::int64_t> Arguments::optional_integer(const char* parameter) {
  if (more()) return integer(parameter);
  const Limit* known = limit(parameter);
  if (known == nullptr || !known->default_value) return std::nullopt;
  std::int64_t value = 0;
  const std::string& text = *known->default_value;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<std::string> Arguments::optional_text(const char* parameter) {
  if (more()) return text(parameter);
  const Limit* known = limit(parameter);
  return known == nullptr ? std::nullopt : known->default_value;
}

}  // namespace atspec::modem
