#include "harness/target/peer.hpp"

#include <fmt/format.h>

#include <string_view>

namespace atspec::target {
namespace {

std::string_view to_string(ftpd::StoreError error) {
  switch (error) {
    case ftpd::StoreError::not_found:
      return "its folder does not exist";
    case ftpd::StoreError::exists:
      return "it exists already";
    case ftpd::StoreError::is_directory:
      return "it is a folder";
    case ftpd::StoreError::not_a_directory:
      return "its folder is a file";
    case ftpd::StoreError::not_empty:
      return "it is not empty";
    case ftpd::StoreError::denied:
      return "the name cannot be used";
    case ftpd::StoreError::no_space:
      return "there is no room for it";
  }
  return "it cannot be made";
}

trace::Channel channel_of(ftpd::Logged::What what) {
  switch (what) {
    case ftpd::Logged::What::control_in:
      return trace::Channel::control_to_peer;
    case ftpd::Logged::What::control_out:
      return trace::Channel::control_from_peer;
    case ftpd::Logged::What::data_in:
      return trace::Channel::data_to_peer;
    case ftpd::Logged::What::data_out:
      return trace::Channel::data_from_peer;
  }
  return trace::Channel::control_to_peer;
}

void add_files(const ftpd::FileStore& store, const std::string& folder, std::vector<PeerFileState>& out) {
  const auto entries = store.list(folder);
  if (!entries) return;
  for (const auto& entry : *entries) {
    PeerFileState file{(folder == "/" ? "" : folder) + "/" + entry.name, entry.directory, entry.size, {}, {}};
    if (file.directory) {
      out.push_back(file);
      // a path longer than the store takes cannot be listed: that bounds the depth
      add_files(store, file.path, out);
      continue;
    }
    auto content = store.read(file.path, 0, static_cast<std::size_t>(entry.size));
    if (!content) continue;
    file.size = content->size();
    file.hash = io::hash_hex(*content);
    if (content->size() <= trace::Chunk::kept_whole) file.content = *std::move(content);
    out.push_back(std::move(file));
  }
}

class BlindPeer final : public Peer {
 public:
  explicit BlindPeer(std::map<std::string, std::string> tokens) { tokens_ = std::move(tokens); }
  scenario::PeerLevel level() const override { return scenario::PeerLevel::blind; }
  std::expected<void, Lost> begin() override { return {}; }
  std::expected<void, Unsupported> act(const scenario::PeerDirective&) override { return cannot(); }
  std::expected<std::vector<PeerFileState>, Unsupported> files() override { return cannot(); }

 private:
  static std::unexpected<Unsupported> cannot() {
    return std::unexpected(Unsupported{"only the device reaches the FTP server"});
  }
};

}  // namespace

OpenedPeer blind_peer(const std::string& url) {
  std::map<std::string, std::string> tokens;
  if (!url.empty()) {
    auto account = parse_account(url);
    if (!account) return std::unexpected(OpenError{2, account.error()});
    tokens = make_tokens(*account);
  }
  return std::make_unique<BlindPeer>(std::move(tokens));
}

std::map<std::string, std::string> make_tokens(const std::string& host, std::uint16_t port, const std::string& user,
                                               const std::string& password, std::uint16_t ftps_port) {
  const bool address =
      host.find(':') != std::string::npos || host.find_first_not_of("0123456789.") == std::string::npos;
  std::map<std::string, std::string> out = {{"ftp.host", host},
                                            {address ? "ftp.address" : "ftp.name", host},
                                            {"ftp.port", std::to_string(port)},
                                            {"ftp.user", user},
                                            {"ftp.pass", password}};
  if (ftps_port != 0) out["ftps.port"] = std::to_string(ftps_port);
  return out;
}

std::map<std::string, std::string> make_tokens(const Account& account) {
  const bool implicit = account.security == Account::Security::implicit_tls;
  return make_tokens(account.host, account.port, account.user, account.password, implicit ? account.port : 0);
}

std::vector<PeerFileState> files_of(const ftpd::FileStore& store) {
  std::vector<PeerFileState> out;
  add_files(store, "/", out);
  return out;
}

std::expected<void, Unsupported> act_on(ftpd::FileStore& store, ftpd::Server& server,
                                        const scenario::PeerDirective& directive) {
  std::expected<void, ftpd::StoreError> done;
  std::string_view name;
  if (const auto* file = std::get_if<scenario::PeerFile>(&directive)) {
    name = file->path;
    done = store.write(ftpd::resolve_path("/", name), 0, scenario::content(*file), true);
  } else if (const auto* folder = std::get_if<scenario::PeerDirectory>(&directive)) {
    name = folder->path;
    done = store.make_directory(ftpd::resolve_path("/", name));
  } else {
    if (std::holds_alternative<scenario::PeerElsewhere>(directive) && !server.has_elsewhere())
      return std::unexpected(Unsupported{"our FTP server has no other address here"});
    server.script(directive);
  }
  if (done) return {};
  return std::unexpected(
      Unsupported{fmt::format("{} cannot be put on the FTP server: {}", name, to_string(done.error()))});
}

std::vector<trace::Chunk> to_chunks(std::vector<ftpd::Logged> log) {
  std::vector<trace::Chunk> out;
  out.reserve(log.size());
  for (auto& one : log) {
    trace::Chunk chunk{.at = one.at,
                       .channel = channel_of(one.what),
                       .connection = one.connection,
                       .bytes = {},
                       .size = one.size,
                       .hash = std::move(one.hash)};
    if (!chunk.hash.empty()) {
      chunk.bytes = std::move(one.bytes);
      out.push_back(std::move(chunk));
    } else {
      out.push_back(trace::make_chunk(one.at, chunk.channel, one.connection, one.bytes));
    }
  }
  return out;
}

}  // namespace atspec::target
