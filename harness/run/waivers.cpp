#include "harness/run/waivers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "harness/io/bytes.hpp"
#include "harness/scenario/words.hpp"

namespace atspec::run {
namespace {

using result::CaseResult;
using result::Finding;
using result::Verdict;

/// YYYY-MM-DD, and such a day is in the calendar.
bool is_date(std::string_view text) {
  const std::string_view form = "dddd-dd-dd";
  const bool formed =
      text.size() == form.size() && std::equal(text.begin(), text.end(), form.begin(),
                                               [](char c, char f) { return f == 'd' ? c >= '0' && c <= '9' : c == f; });
  if (!formed) return false;
  const auto number = [&](std::size_t at, std::size_t size) {
    return static_cast<unsigned>(scenario::parse_number(text.substr(at, size), 9999).value_or(0));
  };
  const std::chrono::year year{static_cast<int>(number(0, 4))};
  return (year / std::chrono::month{number(5, 2)} / std::chrono::day{number(8, 2)}).ok();
}

std::expected<Waiver, scenario::Complaint> read(scenario::Arguments arguments) {
  if (!arguments.take("waive"))
    return std::unexpected(scenario::Complaint{arguments.at(), "a line begins with `waive`"});
  Waiver out;
  auto pattern = arguments.word("a pattern of a case or a clause");
  if (!pattern) return std::unexpected(pattern.error());
  out.pattern = std::move(*pattern);
  const std::size_t end = arguments.at();
  std::set<std::string> given;
  for (const auto* word = arguments.peek(); word != nullptr; arguments.skip(), word = arguments.peek()) {
    const std::string key = word->key.value_or("");
    const std::map<std::string, std::string*> texts = {{"message", &out.message},
                                                       {"firmware", &out.firmware},
                                                       {"owner", &out.owner},
                                                       {"link", &out.link},
                                                       {"until", &out.until}};
    const auto known = texts.find(key);
    if ((known == texts.end() && key != "at-most") || !given.insert(key).second)
      return std::unexpected(scenario::Complaint{
          word->at, "one of message=, firmware=, at-most=, owner=, link=, until= comes here, each once"});
    if (known != texts.end()) {
      *known->second = word->text;
    } else {
      const auto number = scenario::parse_number(word->text, 1'000'000);
      if (!number || *number == 0)
        return std::unexpected(scenario::Complaint{word->at, "at-most= wants a number of cases"});
      out.at_most = static_cast<unsigned>(*number);
    }
    if (key == "until" && !is_date(out.until))
      return std::unexpected(scenario::Complaint{word->at, "until= wants a day like 2027-03-01"});
  }
  for (const char* must : {"owner", "link", "until"}) {
    if (!given.contains(must))
      return std::unexpected(
          scenario::Complaint{end, fmt::format("{}= is missing: a waiver has an owner, a link and an end", must)});
  }
  return out;
}

bool failed(const CaseResult& one) {
  return one.verdict == Verdict::fail || one.verdict == Verdict::inconc || one.verdict == Verdict::flaky;
}

bool names_cases(const Waiver& waiver) { return waiver.pattern.find('/') != std::string::npos; }

/// Whether some random sequence could have such a name (scenario::stimulus_hash): another seed or number of them makes
/// others.
bool names_sequences(const Waiver& waiver) {
  constexpr std::string_view begin = "SEQ/";
  constexpr std::size_t digits = 8;
  if (!waiver.pattern.starts_with(begin)) return false;
  const auto rest = std::string_view(waiver.pattern).substr(begin.size());
  const auto stars = static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '*'));
  return rest.find_first_not_of("0123456789abcdef?*") == std::string_view::npos &&
         (stars > 0 ? rest.size() - stars <= digits : rest.size() == digits);
}

/// Whether the waiver is about this case at all, whatever came of it.
bool is_about(const Waiver& waiver, const CaseResult& one) {
  if (names_cases(waiver)) return io::glob(waiver.pattern, one.id);
  const auto hit = [&](const auto& clause) { return io::glob(waiver.pattern, clause); };
  return std::any_of(one.clauses.begin(), one.clauses.end(), hit) ||
         std::any_of(one.checks.begin(), one.checks.end(), [&](const auto& check) { return hit(check.first); });
}

bool concerns(const Waiver& waiver, const CaseResult& one, const Finding& finding) {
  if (names_cases(waiver)) return io::glob(waiver.pattern, one.id);
  return std::any_of(finding.clauses.begin(), finding.clauses.end(),
                     [&](const auto& clause) { return io::glob(waiver.pattern, clause); });
}

bool covers(const Waiver& waiver, const CaseResult& one, const Finding& finding) {
  return concerns(waiver, one, finding) && finding.message.starts_with(waiver.message);
}

bool holds_for(const Waiver& waiver, const std::string& device) {
  return waiver.firmware.empty() || io::glob(waiver.firmware, device);
}

/// The findings of a failure; one without any is inconclusive for its reason.
std::vector<Finding> findings_of(const CaseResult& one) {
  if (!one.findings.empty()) return one.findings;
  Finding reason;
  reason.message = one.reason;
  reason.clauses = one.clauses;
  return {reason};
}

std::string spell(const Waiver& waiver) {
  std::string out = "waive " + scenario::spell_word(waiver.pattern);
  if (!waiver.message.empty()) out += " message=" + scenario::spell_quoted(waiver.message);
  if (!waiver.firmware.empty()) out += " firmware=" + scenario::spell_quoted(waiver.firmware);
  if (waiver.at_most != 1) out += fmt::format(" at-most={}", waiver.at_most);
  return out + fmt::format(" owner={} link={} until={}", scenario::spell_word(waiver.owner),
                           scenario::spell_word(waiver.link), waiver.until);
}

/// What became of one waiver in a run.
struct Met {
  std::size_t covered = 0;    ///< cases with a finding it covers
  std::string other_message;  ///< of a finding it is about and does not cover
  bool executed = false;      ///< a case it is about was carried out
  std::string not_run;        ///< why one was not
};

Met meet(const Waiver& waiver, const result::Result& result) {
  Met out;
  for (const auto& one : result.cases) {
    bool covered = false;
    for (const auto& finding : failed(one) ? findings_of(one) : std::vector<Finding>{}) {
      if (covers(waiver, one, finding)) {
        covered = true;
      } else if (concerns(waiver, one, finding) && out.other_message.empty()) {
        out.other_message = finding.message;
      }
    }
    if (covered) ++out.covered;
    if (!covered && !is_about(waiver, one)) continue;
    if (one.verdict == Verdict::none) {
      out.not_run = one.reason;
    } else {
      out.executed = true;
    }
  }
  return out;
}

}  // namespace

std::expected<Waivers, std::string> parse_waivers(std::string_view text, const std::string& file) {
  Waivers out;
  out.file = file;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    text.remove_prefix(std::min(end + 1, text.size()));
    out.lines.emplace_back(line);
    auto words = scenario::split_words(line, 0);
    const auto wrong = [&](const scenario::Complaint& complaint) {
      return std::unexpected(fmt::format("{}:{}:{}: {}", file, out.lines.size(), complaint.at + 1, complaint.message));
    };
    if (!words) return wrong(words.error());
    if (words->empty()) continue;
    auto waiver = read({std::move(*words), line.size()});
    if (!waiver) return wrong(waiver.error());
    waiver->line = out.lines.size();
    out.list.push_back(std::move(*waiver));
  }
  return out;
}

void apply(const Waivers& waivers, std::string_view today, const std::vector<std::string>& known,
           result::Result& result) {
  std::vector<const Waiver*> in_force;
  for (const auto& waiver : waivers.list) {
    if (!holds_for(waiver, result.device)) continue;
    const auto complain = [&](const std::string& what) {
      result.complaints.push_back(fmt::format("{}:{}: {}: {}", waivers.file, waiver.line, waiver.pattern, what));
    };
    if (waiver.until < today) {
      complain(fmt::format("expired on {}", waiver.until));
      continue;
    }
    in_force.push_back(&waiver);
    const Met met = meet(waiver, result);
    if (met.covered > waiver.at_most) {
      complain(fmt::format("covers {} cases, and is to cover at most {}", met.covered, waiver.at_most));
    } else if (met.covered == 0 && !met.other_message.empty()) {
      complain(fmt::format("fails with another message: {}", met.other_message));
    } else if (met.covered == 0 && met.executed) {
      complain("passes: the waiver is no longer needed");
    } else if (met.covered == 0 && !met.not_run.empty()) {
      complain(fmt::format("was not run: {}", met.not_run));
    } else if (met.covered == 0 && names_cases(waiver) && !names_sequences(waiver) &&
               std::none_of(known.begin(), known.end(), [&](const auto& id) { return io::glob(waiver.pattern, id); })) {
      complain("no case has such a name");
    } else if (met.covered == 0 && !names_cases(waiver) &&
               std::none_of(result.clauses.begin(), result.clauses.end(),
                            [&](const auto& clause) { return io::glob(waiver.pattern, clause.first); })) {
      complain("no clause has such a name");
    }
  }
  for (auto& one : result.cases) {
    if (!failed(one)) continue;
    const Waiver* last = nullptr;
    const auto findings = findings_of(one);
    const bool all = std::all_of(findings.begin(), findings.end(), [&](const Finding& finding) {
      const auto found = std::find_if(in_force.begin(), in_force.end(),
                                      [&](const Waiver* waiver) { return covers(*waiver, one, finding); });
      if (found != in_force.end()) last = *found;
      return found != in_force.end();
    });
    if (all) one.waived = fmt::format("{}, {}, until {}", last->owner, last->link, last->until);
  }
}

std::string updated(const Waivers& waivers, const result::Result& result, const std::string& owner,
                    const std::string& until) {
  std::string out;
  std::vector<Waiver> kept;
  auto next = waivers.list.begin();
  for (std::size_t i = 0; i < waivers.lines.size(); ++i) {
    if (next == waivers.list.end() || next->line != i + 1) {
      out += waivers.lines[i] + "\n";
      continue;
    }
    Waiver waiver = *next++;
    const Met met = meet(waiver, result);
    const bool elsewhere = !holds_for(waiver, result.device);
    const bool not_made = names_sequences(waiver) && !met.executed && met.not_run.empty();
    if (!elsewhere && !not_made && met.covered == 0 && met.other_message.empty()) continue;
    if (!elsewhere && !not_made && met.covered == 0) waiver.message = met.other_message;
    const auto now = static_cast<unsigned>(meet(waiver, result).covered);
    const bool changed =
        waiver.message != waivers.list[static_cast<std::size_t>(next - waivers.list.begin()) - 1].message ||
        now > waiver.at_most;
    if (now > waiver.at_most) waiver.at_most = now;
    out += (changed ? spell(waiver) : waivers.lines[i]) + "\n";
    if (!elsewhere) kept.push_back(std::move(waiver));
  }
  for (const auto& one : result.cases) {
    if (!failed(one)) continue;
    for (const auto& finding : findings_of(one)) {
      const auto listed = [&](const Waiver& waiver) { return covers(waiver, one, finding); };
      if (std::any_of(kept.begin(), kept.end(), listed)) continue;
      Waiver waiver{one.id, finding.message, {}, owner, "none", until};
      out += spell(waiver) + "\n";
      kept.push_back(std::move(waiver));
    }
  }
  return out;
}

}  // namespace atspec::run
