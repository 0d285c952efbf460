#include "harness/judge/peer_files.hpp"

namespace atspec::judge {
namespace {

std::string_view last_component(std::string_view path) {
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// Whether `name` is a component of `path`: a renamed or removed directory takes what is in it along.
bool lies_on(std::string_view path, std::string_view name) {
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    if (path.substr(0, slash) == name) return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
  return false;
}

}  // namespace

std::optional<std::string> absolute_path(std::string_view path, const std::optional<std::string>& cwd) {
  if (path.empty()) return std::nullopt;  // what no name means is the server's affair
  std::string whole;
  if (path.front() != '/') {
    if (!cwd || cwd->empty() || cwd->front() != '/') return std::nullopt;
    whole = *cwd + "/";
  }
  whole.append(path);
  std::string out;
  for (std::size_t from = 0; from < whole.size();) {
    const std::size_t slash = std::min(whole.find('/', from), whole.size());
    const std::string_view part = std::string_view(whole).substr(from, slash - from);
    if (part == "..") {
      out.erase(out.empty() ? 0 : out.rfind('/'));
    } else if (!part.empty() && part != ".") {
      out.append("/").append(part);
    }
    from = slash + 1;
  }
  return out.empty() ? "/" : out;
}

PeerFiles::PeerFiles(const Session& session, const Control& control, const Index& index)
    : known_(session.trace->files_known) {
  const auto& records = session.trace->records;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto* fact = std::get_if<trace::Fact>(&records[i]);
    if (fact == nullptr) continue;
    const bool is_before = fact->kind == trace::Fact::Kind::file_before;
    if (!is_before && fact->kind != trace::Fact::Kind::file_after) continue;
    const auto path = absolute_path(fact->subject, std::nullopt);
    if (!path) continue;
    File file;
    file.directory = fact->subject.back() == '/';
    file.size = fact->size;
    file.hash = fact->hash;
    if (fact->value.size() == fact->size) file.content = &fact->value;
    (is_before ? before_ : after_).insert_or_assign(*path, std::move(file));
    auto& look = is_before ? first_look_ : last_look_;
    if (!look || !is_before) look = Moment{fact->at, i};
  }
  if (!first_look_ && session.body_record) {
    first_look_ = Moment{std::get<trace::Fact>(records[*session.body_record]).at, *session.body_record};
  }
  looked_last_ = last_look_.has_value() || (known_ && !session.lost);

  if (control.observed) {
    for (const auto& command : control.commands) {
      if (!alters_files(command.verb)) continue;
      Change change{command.when, {}};
      const std::size_t blank = command.line.find(' ');
      if (blank != std::string::npos && !control.torn) {
        change.names.emplace_back(last_component(std::string_view(command.line).substr(blank + 1)));
        // "a/.." names what its last component does not tell
        if (change.names.back() == "." || change.names.back() == "..") change.names.clear();
      }
      changes_.push_back(std::move(change));
    }
  } else {
    for (const auto& exchange : session.exchanges) {
      if (exchange.refused) continue;
      // a line of several commands, or one the spec does not know, may do anything
      const bool may =
          exchange.form != nullptr ? index.traits(*exchange.form).changes_files : exchange.invocations.size() > 1;
      if (!may) continue;
      Change change{{exchange.sent, exchange.record}, {}};
      if (exchange.form != nullptr) {
        for (const auto& argument : exchange.invocations.front().arguments) {
          change.names.emplace_back(last_component(argument.text));
          if (change.names.back() == "." || change.names.back() == "..") {
            change.names.clear();
            break;
          }
        }
      }
      changes_.push_back(std::move(change));
    }
  }
  for (const auto& step : session.steps) {
    for (const std::string_view prefix : {"peer file ", "peer dir "}) {
      if (!step.subject.starts_with(prefix)) continue;
      const std::string_view rest = std::string_view(step.subject).substr(prefix.size());
      changes_.push_back({{step.at, step.record}, {std::string(last_component(rest.substr(0, rest.find(' '))))}});
    }
  }
}

bool PeerFiles::changed(const std::string& path, const Moment* after, const Moment* before) const {
  for (const auto& change : changes_) {
    if (after != nullptr && !earlier(*after, change.when)) continue;
    if (before != nullptr && !earlier(change.when, *before)) continue;
    if (change.names.empty()) return true;
    for (const auto& name : change.names) {
      if (lies_on(path, name)) return true;
    }
  }
  return false;
}

PeerFiles::Answer PeerFiles::look_up(const std::map<std::string, File>& files, const std::string& path) const {
  if (const auto it = files.find(path); it != files.end()) return {true, it->second};
  // what holds something is a directory, whether or not it has a fact of its own
  const std::string inside = path == "/" ? path : path + "/";
  if (const auto it = files.lower_bound(inside); it != files.end() && it->first.starts_with(inside)) {
    return {true, File{true, 0, "", nullptr}};
  }
  if (path == "/") return {known_, File{true, 0, "", nullptr}};
  return {known_, std::nullopt};
}

PeerFiles::Answer PeerFiles::before(const std::string& path, Moment when) const {
  if (!first_look_ || changed(path, &*first_look_, &when)) return {};
  return look_up(before_, path);
}

PeerFiles::Answer PeerFiles::after(const std::string& path, Moment since) const {
  if (!looked_last_ || changed(path, &since, nullptr)) return {};
  return look_up(after_, path);
}

}  // namespace atspec::judge
