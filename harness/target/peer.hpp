// The FTP server as the harness sees it: ours (scripted), somebody's that we can reach (observed), or one that only
// the device reaches (blind).
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "harness/ftpd/server.hpp"
#include "harness/target/bench.hpp"
#include "harness/target/open.hpp"
#include "harness/world/live_loop.hpp"

namespace atspec::target {

class Peer {
 public:
  Peer() = default;
  virtual ~Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  virtual scenario::PeerLevel level() const = 0;
  const std::map<std::string, std::string>& tokens() const { return tokens_; }
  /// FTP commands it is known not to have.
  virtual std::set<std::string> lacking() const { return {}; }

  virtual std::expected<void, Lost> begin() = 0;
  virtual std::expected<void, Unsupported> act(const scenario::PeerDirective& directive) = 0;
  virtual std::expected<std::vector<PeerFileState>, Unsupported> files() = 0;
  virtual std::vector<trace::Chunk> take_log() { return {}; }

 protected:
  std::map<std::string, std::string> tokens_;
};

using OpenedPeer = std::expected<std::unique_ptr<Peer>, OpenError>;

/// Our own server on `loop`.
OpenedPeer scripted_peer(const PeerOptions& options, world::Loop& loop);
/// Through libcurl. What is there at the start stays; what cases leave behind is removed.
OpenedPeer observed_peer(const std::string& url);
OpenedPeer blind_peer(const std::string& url);

/// ftp://user:password@host:port/, as the device logs in; ftps:// where TLS begins with the first byte, ftpes:// where
/// AUTH begins it.
struct Account {
  enum class Security { none, implicit_tls, explicit_tls } security = Security::none;
  std::string host;
  std::uint16_t port = 21;
  std::string user = "anonymous", password = "atspec@";
  std::string path;  ///< decoded, without the first slash
};
std::expected<Account, std::string> parse_account(const std::string& url);

/// ${ftp.host} and the others. Where `host` is an address, it is ${ftp.address} too; else it is ${ftp.name}.
/// `ftps_port`: where TLS begins with the first byte, 0 where that is nowhere.
std::map<std::string, std::string> make_tokens(const std::string& host, std::uint16_t port, const std::string& user,
                                               const std::string& password, std::uint16_t ftps_port = 0);
std::map<std::string, std::string> make_tokens(const Account& account);

// What our own server holds, live or simulated.
std::vector<PeerFileState> files_of(const ftpd::FileStore& store);
std::expected<void, Unsupported> act_on(ftpd::FileStore& store, ftpd::Server& server,
                                        const scenario::PeerDirective& directive);
std::vector<trace::Chunk> to_chunks(std::vector<ftpd::Logged> log);

}  // namespace atspec::target
