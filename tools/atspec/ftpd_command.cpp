// `atspec ftpd`: the FTP server by itself, well-behaved or scripted.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/scenario/peer.hpp"
#include "harness/world/live_ftpd.hpp"
#include "harness/world/tls_layer.hpp"
#include "tools/atspec/commands.hpp"
#include "tools/atspec/listening.hpp"
#include "tools/atspec/output.hpp"

namespace atspec::tools {
namespace {

struct Arguments {
  std::string root;
  bool memory = false;
  std::uint16_t port = 0;
  std::string user, password, bind = "127.0.0.1", advertise, passive_range, script;
  std::string tls = "none", certificate, key, client_authorities;
};

/// `peer` lines, as in a scenario; the error is file:line: message.
std::expected<std::vector<scenario::PeerDirective>, std::string> read_script(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  std::vector<scenario::PeerDirective> out;
  std::string_view left = *text;
  for (int number = 1; !left.empty(); ++number) {
    std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(left.size(), line.size() + 1));
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    while (line.starts_with(' ')) line.remove_prefix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("peer ")) line.remove_prefix(5);
    auto directive = scenario::parse_peer_directive(line);
    if (!directive) return std::unexpected(fmt::format("{}:{}: {}", path, number, directive.error()));
    out.push_back(*std::move(directive));
  }
  return out;
}

bool play(const scenario::PeerDirective& directive, ftpd::FileStore& store, ftpd::Server& server) {
  if (const auto* file = std::get_if<scenario::PeerFile>(&directive))
    return store.write(ftpd::resolve_path("/", file->path), 0, scenario::content(*file), true).has_value();
  if (const auto* folder = std::get_if<scenario::PeerDirectory>(&directive)) {
    const auto made = store.make_directory(ftpd::resolve_path("/", folder->path));
    return made || made.error() == ftpd::StoreError::exists;
  }
  server.script(directive);
  return true;
}

/// Null where no TLS is wanted.
std::expected<io::TlsSettingsPtr, std::string> tls_from(const Arguments& arguments) {
  if (arguments.tls == "none") {
    if (arguments.certificate.empty() && arguments.client_authorities.empty()) return nullptr;
    return std::unexpected("--cert and --client-ca are for --tls explicit or implicit");
  }
  io::TlsSettings out;
  out.role = io::TlsSettings::Role::server;
  const std::pair<const std::string*, io::Bytes*> files[] = {{&arguments.certificate, &out.certificate},
                                                             {&arguments.key, &out.key},
                                                             {&arguments.client_authorities, &out.authorities}};
  for (const auto& [path, bytes] : files) {
    if (path->empty()) continue;
    auto content = read_file(*path);
    if (!content) return std::unexpected(content.error());
    *bytes = *std::move(content);
  }
  out.verify = !arguments.client_authorities.empty();
  if (out.certificate.empty()) {
    auto identity = world::make_identity(arguments.advertise.empty() ? arguments.bind : arguments.advertise);
    if (identity.key.empty()) return std::unexpected("no certificate could be made: --cert and --key");
    out.certificate = std::move(identity.certificate);
    out.key = std::move(identity.key);
  }
  auto settings = std::make_shared<const io::TlsSettings>(std::move(out));
  // found out now, not by the first client
  if (const auto trial = world::openssl_layer({1, settings}, nullptr); !trial->failure().empty())
    return std::unexpected(
        fmt::format("--cert {} --key {}: {}", arguments.certificate, arguments.key, trial->failure()));
  return settings;
}

std::expected<ftpd::Options, std::string> options_from(const Arguments& arguments) {
  ftpd::Options options;
  options.user = arguments.user;
  options.password = arguments.password;
  options.listen = {arguments.bind == "localhost" ? "127.0.0.1" : arguments.bind, arguments.port};
  options.advertise = arguments.advertise;
  auto tls = tls_from(arguments);
  if (!tls) return std::unexpected(tls.error());
  options.tls = *std::move(tls);
  options.implicit = arguments.tls == "implicit";
  if (arguments.passive_range.empty()) return options;
  const auto range = parse_port_range(arguments.passive_range);
  if (!range) return std::unexpected("--pasv " + range.error());
  options.passive_from = range->low;
  options.passive_to = range->high;
  return options;
}

int refuse(const std::string& why) {
  complain(why);
  return bad_usage;
}

int ftpd_command(const Arguments& arguments) {
  const auto options = options_from(arguments);
  if (!options) return refuse(options.error());
  std::error_code error;
  if (!arguments.memory && !std::filesystem::is_directory(arguments.root, error))
    return refuse(fmt::format("--root {}: no such directory", arguments.root));
  std::vector<scenario::PeerDirective> script;
  if (!arguments.script.empty()) {
    auto read = read_script(arguments.script);
    if (!read) return refuse(read.error());
    script = *std::move(read);
  }

  world::Loop loop;
  const auto store = arguments.memory ? ftpd::memory_store(1ULL << 30) : ftpd::directory_store(arguments.root);
  world::LiveFtpd server(loop, *options, *store, nullptr);
  const auto at = server.start();
  if (!at) return refuse(fmt::format("{} port {}: {}", arguments.bind, arguments.port, at.error()));
  for (const auto& directive : script) {
    if (!play(directive, *store, server.server()))
      return refuse(fmt::format("{}: {}: cannot be made", arguments.script, scenario::to_text(directive)));
  }
  server.settle();
  serve(loop, fmt::format("{} {}", at->address, at->port));
  return all_passed;
}

}  // namespace

void add_ftpd(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("ftpd", "Be an FTP server, well-behaved or as a script says");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  auto* where = command->add_option_group("files", "Where its files are");
  where->add_option("--root", a.root, "A directory of this host");
  where->add_flag("--memory", a.memory, "Memory: empty at the start, gone at the end, at most a gibibyte");
  where->require_option(1);
  command->add_option("--port", a.port, "0: any free one")->required();
  command->add_option("--user", a.user)->required();
  command->add_option("--password", a.password)->required();
  command->add_option("--bind", a.bind, "Address to listen on")->capture_default_str();
  command->add_option("--advertise", a.advertise, "Address in replies to PASV, for clients behind another network");
  command->add_option("--pasv", a.passive_range, "Passive ports, LO-HI");
  command->add_option("--tls", a.tls, "none; explicit: behind AUTH TLS; implicit: from the first byte")
      ->check(CLI::IsMember({"none", "explicit", "implicit"}))
      ->capture_default_str();
  auto* certificate =
      command->add_option("--cert", a.certificate, "Its certificate, PEM (default: a new one of its own)");
  certificate->check(CLI::ExistingFile);
  auto* key = command->add_option("--key", a.key, "The key of --cert")->check(CLI::ExistingFile)->needs(certificate);
  certificate->needs(key);
  command->add_option("--client-ca", a.client_authorities, "Clients must show a certificate that these, PEM, vouch for")
      ->check(CLI::ExistingFile);
  command->add_option("--script", a.script, "File of `peer` lines, as scenarios have them")->check(CLI::ExistingFile);
  command->footer(
      "Says READY, address and port on stderr, and ends at SIGINT or SIGTERM.\n"
      "Examples:\n"
      "  atspec ftpd --memory --port 2121 --user test --password test\n"
      "  atspec ftpd --root . --port 21 --user u --password p --bind 0.0.0.0 --advertise 203.0.113.9 --pasv "
      "30000-30100\n"
      "  atspec ftpd --memory --port 990 --user u --password p --tls implicit\n"
      "  echo 'peer on SIZE delay 15s' >slow; atspec ftpd --memory --port 0 --user u --password p --script slow");
  command->callback([arguments, &status] { status = ftpd_command(*arguments); });
}

}  // namespace atspec::tools
