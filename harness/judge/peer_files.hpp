// The peer's files as facts: before the body and at the end, and what may have changed them in
// between. The device's word is never proof.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/judge/control.hpp"
#include "harness/judge/exchange.hpp"

namespace atspec::judge {

/// Absolute, without "." and ".."; nothing where `path` is relative and `cwd` is not known. Tokens in neither.
std::optional<std::string> absolute_path(std::string_view path, const std::optional<std::string>& cwd);

class PeerFiles {
 public:
  struct File {
    bool directory = false;
    std::uint64_t size = 0;
    std::string hash;                    ///< may be empty where the content is there
    const io::Bytes* content = nullptr;  ///< null: past what a trace keeps
  };
  struct Answer {
    bool known = false;
    std::optional<File> file;  ///< nothing: it did not exist
  };

  PeerFiles(const Session& session, const Control& control, const Index& index);

  /// What lay at `path` when the command of `when` was sent: as before the body, unless it may have changed since.
  Answer before(const std::string& path, Moment when) const;
  /// What lies there at the end, unless something after `since` may have changed it.
  Answer after(const std::string& path, Moment since) const;

 private:
  struct Change {
    Moment when;
    std::vector<std::string> names;  ///< last components of what was named; empty: anything
  };
  bool changed(const std::string& path, const Moment* after, const Moment* before) const;
  Answer look_up(const std::map<std::string, File>& files, const std::string& path) const;

  bool known_ = false;  ///< a path without a fact did not exist
  std::map<std::string, File> before_, after_;
  std::optional<Moment> first_look_, last_look_;
  bool looked_last_ = false;
  std::vector<Change> changes_;
};

}  // namespace atspec::judge
