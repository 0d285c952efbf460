#include "tools/atspec/test_bed.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "tools/atspec/output.hpp"

namespace atspec::tools {
namespace {

bool parse_range(const std::string& text, target::PeerOptions& peer) {
  const auto dash = text.find('-');
  if (dash == std::string::npos) return false;
  const auto number = [](const std::string& digits) -> unsigned long {
    return !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == std::string::npos
               ? std::stoul(digits)
               : 0;
  };
  const auto low = number(text.substr(0, dash)), high = number(text.substr(dash + 1));
  if (low == 0 || high == 0 || low > high || high > 65535) return false;
  peer.passive_from = static_cast<std::uint16_t>(low);
  peer.passive_to = static_cast<std::uint16_t>(high);
  return true;
}

}  // namespace

void add_options(CLI::App& command, TestBed& bed) {
  command
      .add_option(
          "--target", bed.target,
          "sim: (the reference, simulated), serial:/dev/ttyUSB2?baud=115200&flow=rtscts, tcp://host:port, exec:COMMAND")
      ->capture_default_str();
  command.add_option("--ftp", bed.peer.observed,
                     "ftp://user:password@host:port/ : use this server instead of our own; over TLS ftps:// with "
                     "--with cfg.ssltype=1, ftpes:// (AUTH) with --with cfg.ssltype=2");
  command.add_option("--ftpd-bind", bed.peer.bind, "Address our own FTP server listens on")->capture_default_str();
  command.add_option("--ftpd-advertise", bed.peer.advertise, "Address under which the module reaches it");
  command.add_option("--ftpd-pasv", bed.passive_range, "Its passive ports, LO-HI");
}

std::optional<target::Url> located(TestBed& bed) {
  if (!bed.passive_range.empty() && !parse_range(bed.passive_range, bed.peer)) {
    complain(fmt::format("--ftpd-pasv {}: want two ports like 30000-30100", bed.passive_range));
    return std::nullopt;
  }
  auto url = target::parse_url(bed.target);
  if (!url) {
    complain(url.error());
    return std::nullopt;
  }
  const bool own_ftpd = bed.peer.observed.empty() && !bed.peer.blind;
  // of a device that is not there, opening it says more
  if (url->scheme == "serial" && !std::filesystem::exists(url->rest)) return *std::move(url);
  if (own_ftpd && bed.peer.advertise.empty() && !target::reaches_loopback(*url)) {
    complain(fmt::format(
        "a module on {} cannot reach this host's loopback: give --ftpd-advertise ADDRESS (this host, as the module "
        "reaches it) or --ftp URL of a server it can reach",
        url->text));
    return std::nullopt;
  }
  return *std::move(url);
}

}  // namespace atspec::tools
