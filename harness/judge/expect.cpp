#include "harness/judge/expect.hpp"

namespace atspec::judge {
namespace {

using Kind = trace::Event::Kind;

struct Line {
  std::string_view text;
  std::size_t event = 0;
  bool used = false;
  bool unsolicited = false;  ///< belongs to no command line
  bool listed = false;       ///< one of any number: others may stand before it
};

/// Without quotes, without blanks after colons and commas, and in small letters (A01, A02, A07).
std::string relaxed(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') continue;
    out.push_back(text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i]);
    if (text[i] != ':' && text[i] != ',') continue;
    while (i + 1 < text.size() && text[i + 1] == ' ') ++i;
  }
  return out;
}

/// A speed may follow CONNECT (V.250 §6.2.7).
bool with_speed(std::string_view pattern, const Line& line) {
  return pattern == "CONNECT" && line.text.starts_with("CONNECT ");
}

/// All a device said between one command line and the next; lines of a listing count.
std::vector<Line> lines_after(const Index& index, const Session& session, std::size_t exchange) {
  constexpr std::size_t most = 4096;
  const std::size_t begin = session.exchanges[exchange].event;
  const std::size_t end =
      exchange + 1 < session.exchanges.size() ? session.exchanges[exchange + 1].event : session.events.size();
  const auto* form = session.exchanges[exchange].form;
  const auto listed = [&](std::string_view line) {
    if (form == nullptr) return false;
    const auto& listing = index.traits(*form).listing;
    return std::any_of(listing.begin(), listing.end(), [&](const spec::Template* text) {
      return text->match(line, spec::Template::Blanks::any).has_value();
    });
  };
  std::vector<Line> lines;
  for (std::size_t i = begin; i < end && lines.size() < most; ++i) {
    const auto& event = session.events[i];
    if (event.kind == Kind::line || event.kind == Kind::final_result || event.kind == Kind::connect) {
      lines.push_back(
          {event.text, i, false, !session.owner[i].has_value(), event.kind == Kind::line && listed(event.text)});
    } else if (event.kind == Kind::data) {
      std::string_view rest = event.text;
      while (!rest.empty() && lines.size() < most) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        // the manual prints no data: it may be claimed, and may be passed over
        if (!line.empty()) lines.push_back({line, i, false, true, false});
      }
    }
  }
  return lines;
}

}  // namespace

bool fits_pattern(std::string_view pattern, std::string_view line) {
  std::size_t p = 0, l = 0;
  std::size_t star = std::string_view::npos, resume = 0;
  while (l < line.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = l;
    } else if (p < pattern.size() && pattern[p] == line[l]) {
      ++p;
      ++l;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      l = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

void check_expected_lines(const Surroundings& around, const Options& options, const std::vector<Reading>& readings,
                          Ledger& ledger) {
  const Session& session = around.session;
  const bool lenient = options.mode == Mode::lenient;
  std::optional<std::size_t> current;
  std::vector<Line> lines;
  for (const auto& step : session.steps) {
    if (!step.subject.starts_with("< ") || !session.in_body(step.record) || !step.exchange) continue;
    const Exchange& exchange = session.exchanges[*step.exchange];
    if (exchange.doubtful || !exchange.body) continue;
    if (current != step.exchange) {
      current = step.exchange;
      lines = lines_after(around.index, session, *current);
    }
    // a clause the spec does not have accuses nobody
    std::vector<spec::ClauseId> clauses = step.clauses;
    std::erase_if(clauses, [&](const spec::ClauseId& id) { return around.index.clause(id) == nullptr; });
    if (clauses.empty() && !step.clauses.empty()) continue;
    const std::string_view pattern = std::string_view(step.subject).substr(2);
    const std::string relaxed_pattern = relaxed(pattern);

    Line* next = nullptr;
    Line* match = nullptr;
    for (auto& line : lines) {
      if (line.used) continue;
      const bool fits = fits_pattern(pattern, line.text) ||
                        (lenient && (fits_pattern(relaxed_pattern, relaxed(line.text)) || with_speed(pattern, line)));
      if (fits) {
        match = &line;
        break;
      }
      if (line.unsolicited) continue;
      if (next == nullptr) next = &line;
      if (!lenient && !line.listed) break;
    }
    if (match != nullptr) {
      match->used = true;
      ledger.passed(clauses);
      continue;
    }
    if (next == nullptr && !step.ran_out) continue;  // it may yet come
    const Reading& reading = readings[*step.exchange];
    if (reading.fits && reading.by_accepted_reading) continue;
    if (options.other_mode && (reading.fits || !reading.judged)) continue;
    if (next != nullptr && !lenient) next->used = true;
    ledger.failed({clauses,
                   "the line the example prints did not come",
                   std::string(pattern),
                   next == nullptr ? "nothing" : io::escape(next->text.substr(0, 200)),
                   exchange.line,
                   {exchange.record, next == nullptr ? step.record : session.events[next->event].record},
                   {}});
  }
}

}  // namespace atspec::judge
