#include "harness/target/bench_sim.hpp"

#include <utility>

#include "harness/target/peer.hpp"
#include "harness/world/sim.hpp"

namespace atspec::target {
namespace {

constexpr const char* server_name = "ftp.example";  // RFC 2606 §2
constexpr std::uint16_t server_port = 21, implicit_port = 990;

world::SimOptions options_for(const modem::Config& reference, std::uint64_t seed) {
  world::SimOptions options;
  options.modem = reference;
  options.seed = seed;
  options.ftpd.user = "atspec";
  options.ftpd.password = "open-sesame-47";
  options.ftpd.listen.port = server_port;
  io::TlsSettings tls;
  tls.role = io::TlsSettings::Role::server;
  tls.certificate = tls.key = "ftp.example, says ftp.example";  // all the stand-in wants
  options.ftpd.tls = std::make_shared<const io::TlsSettings>(std::move(tls));
  options.ftpd.implicit_port = implicit_port;
  options.names = {{server_name, options.server_address}};
  return options;
}

class SimBench final : public Bench {
 public:
  SimBench(const world::SimOptions& options, bool blind)
      : sim_(options),
        blind_(blind),
        tokens_(make_tokens(server_name, server_port, options.ftpd.user, options.ftpd.password, implicit_port)) {
    tokens_["ftp.address"] = options.server_address;
  }

  io::Time now() const override { return sim_.now(); }
  bool virtual_clock() const override { return true; }
  scenario::PeerLevel peer_level() const override {
    return blind_ ? scenario::PeerLevel::blind : scenario::PeerLevel::scripted;
  }
  const std::map<std::string, std::string>& tokens() const override { return tokens_; }

  std::expected<bool, Lost> begin() override {
    sim_.restart();
    return true;
  }
  std::expected<void, Unsupported> peer(const scenario::PeerDirective& directive) override {
    if (blind_) return cannot();
    return act_on(sim_.store(), sim_.server(), directive);
  }
  std::expected<std::vector<PeerFileState>, Unsupported> files() override {
    if (blind_) return cannot();
    return files_of(sim_.store());
  }
  std::vector<trace::Chunk> take_peer_log() override {
    auto log = sim_.take_log();
    if (blind_) return {};
    return to_chunks(std::move(log));
  }

  std::expected<void, Lost> write(io::ByteView bytes) override {
    sim_.write(bytes);
    return {};
  }
  std::expected<std::optional<Arrival>, Lost> poll(io::Time deadline) override {
    auto arrival = sim_.poll(deadline);
    if (!arrival) return std::nullopt;
    return Arrival{arrival->at, std::move(arrival->bytes)};
  }

  std::expected<void, Unsupported> set_dtr(bool on) override {
    sim_.set_dtr(on);
    return {};
  }
  std::expected<void, Unsupported> send_break() override {
    return std::unexpected(Unsupported{"no break on a simulated line"});
  }
  std::expected<void, Unsupported> reset() override {
    // what was said before and not read is lost with it
    while (sim_.poll(sim_.now())) {
    }
    sim_.reset_modem();
    return {};
  }

 private:
  static std::unexpected<Unsupported> cannot() {
    return std::unexpected(Unsupported{"only the device reaches the FTP server"});
  }

  world::Sim sim_;
  bool blind_;
  std::map<std::string, std::string> tokens_;
};

}  // namespace

std::unique_ptr<Bench> sim_bench(const modem::Config& reference, std::uint64_t seed, bool blind) {
  return std::make_unique<SimBench>(options_for(reference, seed), blind);
}

}  // namespace atspec::target
