// An FTP server that is not ours. Cases run in the login directory, for that is where the device finds itself; so the
// directory has to be empty at the start, and a marker says from then on that what is in it is ours to remove: a run
// that was killed can be resumed.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/target/ftp_account.hpp"
#include "harness/target/peer.hpp"

namespace atspec::target {
namespace {

constexpr const char* marker = "atspec-was-here.txt";
constexpr const char* marker_text =
    "While this file is here, atspec uses this directory for its cases and removes what they leave in it.\r\n";
constexpr unsigned deepest = 32;

class ObservedPeer final : public Peer {
 public:
  explicit ObservedPeer(const Account& account) : account_(account) { tokens_ = make_tokens(account); }
  ~ObservedPeer() override {
    if (!started_) return;
    if (clear()) (void)account_.remove(std::string("/") + marker, false);
  }

  std::expected<void, OpenError> start() {
    const auto directory = account_.login_directory();
    if (!directory) return fail(directory.error());
    if (*directory != "/")
      return refuse(
          fmt::format("the account's login directory is {}, and cases need one that the server shows as / "
                      "(an account confined to its directory)",
                      *directory));
    const auto entries = account_.list("/");
    if (!entries) return fail(entries.error());
    const bool ours = std::any_of(entries->begin(), entries->end(), [](const auto& one) { return one.name == marker; });
    if (!entries->empty() && !ours)
      return refuse(
          fmt::format("the login directory is not empty ({}{}), and cases would write, rename and delete in "
                      "it: use an account with an empty one",
                      entries->front().name, entries->size() > 1 ? ", …" : ""));
    if (!ours) {
      if (auto made = account_.upload(std::string("/") + marker, marker_text); !made) return fail(made.error());
    }
    started_ = true;
    return {};
  }

  scenario::PeerLevel level() const override { return scenario::PeerLevel::observed; }

  std::set<std::string> lacking() const override {
    return account_.lacks_mlsd() ? std::set<std::string>{"MLSD"} : std::set<std::string>{};
  }

  std::expected<void, Lost> begin() override {
    if (auto done = clear(); !done) return std::unexpected(Lost{"the FTP server " + done.error().message});
    return {};
  }

  std::expected<void, Unsupported> act(const scenario::PeerDirective& directive) override {
    std::expected<void, FtpAccount::Failure> done;
    if (const auto* file = std::get_if<scenario::PeerFile>(&directive)) {
      done = account_.upload(ftpd::resolve_path("/", file->path), scenario::content(*file));
    } else if (const auto* folder = std::get_if<scenario::PeerDirectory>(&directive)) {
      done = account_.make_directory(ftpd::resolve_path("/", folder->path));
    } else {
      return std::unexpected(Unsupported{"somebody else's FTP server does not misbehave on demand"});
    }
    if (!done) return std::unexpected(Unsupported{"the FTP server " + done.error().message});
    return {};
  }

  std::expected<std::vector<PeerFileState>, Unsupported> files() override {
    std::vector<PeerFileState> found;
    if (auto done = walk("/", 0, found); !done)
      return std::unexpected(Unsupported{"the FTP server " + done.error().message});
    std::erase_if(found, [](const PeerFileState& one) { return one.path == std::string("/") + marker; });
    for (auto& file : found) {
      if (file.directory || file.size > FtpAccount::largest_download) continue;
      auto content = account_.download(file.path);
      if (!content) return std::unexpected(Unsupported{"the FTP server " + content.error().message});
      file.size = content->size();
      file.hash = io::hash_hex(*content);
      if (content->size() <= trace::Chunk::kept_whole) file.content = *std::move(content);
    }
    return found;
  }

 private:
  /// Folders stand before what is in them.
  std::expected<void, FtpAccount::Failure> walk(const std::string& folder, unsigned depth,
                                                std::vector<PeerFileState>& out) {
    if (depth > deepest)
      return std::unexpected(FtpAccount::Failure{FtpAccount::Failure::Kind::refused, folder + ": folders too deep"});
    auto entries = account_.list(folder);
    if (!entries) return std::unexpected(entries.error());
    std::sort(entries->begin(), entries->end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const auto& entry : *entries) {
      PeerFileState file{(folder == "/" ? "" : folder) + "/" + entry.name, entry.directory, entry.size, {}, {}};
      out.push_back(file);
      if (!entry.directory) continue;
      if (auto done = walk(file.path, depth + 1, out); !done) return done;
    }
    return {};
  }

  std::expected<void, FtpAccount::Failure> clear() {
    std::vector<PeerFileState> found;
    if (auto done = walk("/", 0, found); !done) return done;
    std::reverse(found.begin(), found.end());
    for (const auto& one : found) {
      if (one.path == std::string("/") + marker) continue;
      if (auto done = account_.remove(one.path, one.directory); !done) {
        done.error().message += fmt::format(" ({} cannot be removed)", one.path);
        return done;
      }
    }
    return {};
  }

  static std::unexpected<OpenError> refuse(const std::string& what) {
    return std::unexpected(OpenError{2, "--ftp: " + what});
  }
  static std::unexpected<OpenError> fail(const FtpAccount::Failure& failure) {
    using Kind = FtpAccount::Failure::Kind;
    return std::unexpected(OpenError{
        failure.kind == Kind::unreachable ? 3 : 2,
        fmt::format("--ftp: {}{}", failure.message,
                    failure.kind == Kind::unreachable     ? " (is the FTP server running, and reachable from here?)"
                    : failure.kind == Kind::refused_login ? " (user and password in the URL?)"
                                                          : "")});
  }

  FtpAccount account_;
  bool started_ = false;
};

}  // namespace

OpenedPeer observed_peer(const std::string& url) {
  auto account = parse_account(url);
  if (!account) return std::unexpected(OpenError{2, account.error()});
  if (account->path.find_first_not_of('/') != std::string::npos)
    return std::unexpected(OpenError{
        2, fmt::format("--ftp: a device works in the login directory, not in /{}: name an account whose login "
                       "directory is made for the purpose, and no path",
                       account->path)});
  auto peer = std::make_unique<ObservedPeer>(*account);
  if (auto started = peer->start(); !started) return std::unexpected(started.error());
  return peer;
}

}  // namespace atspec::target
