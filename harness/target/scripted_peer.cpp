#include <fmt/format.h>

#include <random>
#include <utility>

#include "harness/target/peer.hpp"
#include "harness/world/live_ftpd.hpp"
#include "harness/world/tls_layer.hpp"

namespace atspec::target {
namespace {

constexpr std::uint64_t store_bytes = 1ULL << 30;
/// Of more data than this between two looks at the log only size and hash are kept.
constexpr std::uint64_t kept_data = 1ULL << 20;

/// The server may be reachable from the Internet, for a module has to reach it.
std::string fresh_password() {
  constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  std::random_device random;
  std::uniform_int_distribution<std::size_t> pick(0, letters.size() - 1);
  std::string out;
  for (int i = 0; i < 16; ++i) out += letters[pick(random)];
  return out;
}

class ScriptedPeer final : public Peer {
 public:
  ScriptedPeer(const ftpd::Options& options, world::Loop& loop)
      : store_(ftpd::memory_store(store_bytes)),
        ftpd_(loop, options, *store_, [this](ftpd::Logged&& logged) { keep(std::move(logged)); }) {}

  std::expected<io::Endpoint, std::string> start(const ftpd::Options& options) {
    auto at = ftpd_.start();
    if (at) {
      tokens_ = make_tokens(options.advertise.empty() ? at->address : options.advertise, at->port, options.user,
                            options.password, ftpd_.implicit_port());
      // RFC 6761 §6.3
      if (at->address == "127.0.0.1" && options.advertise.empty()) tokens_["ftp.name"] = "localhost";
    }
    return at;
  }

  scenario::PeerLevel level() const override { return scenario::PeerLevel::scripted; }
  std::expected<void, Lost> begin() override {
    // the device goes on as it was, and with it its connections
    ftpd_.server().clear_script();
    ftpd_.settle();
    store_->clear();
    log_.clear();
    data_kept_ = 0;
    return {};
  }
  std::expected<void, Unsupported> act(const scenario::PeerDirective& directive) override {
    auto done = act_on(*store_, ftpd_.server(), directive);
    ftpd_.settle();
    return done;
  }
  std::expected<std::vector<PeerFileState>, Unsupported> files() override { return files_of(*store_); }
  std::vector<trace::Chunk> take_log() override { return to_chunks(std::exchange(log_, {})); }

 private:
  void keep(ftpd::Logged&& logged) {
    if (logged.what == ftpd::Logged::What::data_in || logged.what == ftpd::Logged::What::data_out) {
      if (data_kept_ + logged.bytes.size() > kept_data) {
        logged.hash = io::hash_hex(logged.bytes);
        io::Bytes().swap(logged.bytes);
      }
      data_kept_ += logged.bytes.size();
    }
    log_.push_back(std::move(logged));
  }

  std::unique_ptr<ftpd::FileStore> store_;
  std::vector<ftpd::Logged> log_;
  std::uint64_t data_kept_ = 0;
  world::LiveFtpd ftpd_;
};

}  // namespace

OpenedPeer scripted_peer(const PeerOptions& options, world::Loop& loop) {
  ftpd::Options server;
  server.user = "atspec";
  server.password = fresh_password();
  server.listen = {options.bind, 0};
  server.advertise = options.advertise;
  server.passive_from = options.passive_from;
  server.passive_to = options.passive_to;
  // the whole of 127.0.0.0/8 is this host
  if (options.bind == "127.0.0.1") server.elsewhere = {"127.0.0.2", 0};
  // a case may keep the device waiting longer than a server usually does
  server.idle_limit = std::chrono::minutes(15);
  if (auto identity = world::make_identity(options.advertise.empty() ? options.bind : options.advertise);
      !identity.key.empty()) {
    io::TlsSettings tls;
    tls.role = io::TlsSettings::Role::server;
    tls.certificate = std::move(identity.certificate);
    tls.key = std::move(identity.key);
    server.tls = std::make_shared<const io::TlsSettings>(std::move(tls));
    server.implicit_port = 0;
  }
  auto peer = std::make_unique<ScriptedPeer>(server, loop);
  if (const auto at = peer->start(server); !at)
    return std::unexpected(
        OpenError{2, fmt::format("our FTP server cannot listen on {}: {} (--ftpd-bind wants an address of this host)",
                                 options.bind, at.error())});
  return peer;
}

}  // namespace atspec::target
