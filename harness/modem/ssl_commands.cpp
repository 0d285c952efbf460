// +QSSLCFG: the SSL contexts of the module (reference [3] of the manual), and what they mean to TLS. Certificates lie
// in the module's own files and are read when a session is opened.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "harness/modem/interpreter.hpp"

namespace atspec::modem {
namespace {

/// A keyword of +QSSLCFG; its value is a number, a number in hexadecimal, or the name of a file.
struct SslSetting {
  std::string_view keyword;
  const char* parameter;
  enum class Kind { number, suite, file } kind = Kind::number;
};
constexpr SslSetting ssl_table[] = {{"sslversion", "SSL_version"},
                                    {"ciphersuite", "cipher_suites", SslSetting::Kind::suite},
                                    {"cacert", "cacertpath", SslSetting::Kind::file},
                                    {"clientcert", "client_cert_path", SslSetting::Kind::file},
                                    {"clientkey", "client_key_path", SslSetting::Kind::file},
                                    {"seclevel", "seclevel"},
                                    {"ignorelocaltime", "ignore_ltime"},
                                    {"sni", "SNI"}};

constexpr std::int64_t all_suites = 0xFFFF;

/// "0x0035", "0X0035" or "0035".
std::optional<std::int64_t> hexadecimal(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.empty() || text.size() > 4 || error != std::errc{} || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  return value;
}

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

/// A value that was never set is the one all contexts begin with.
std::string Modem::Impl::ssl_state(std::int64_t context, std::string_view keyword) const {
  const std::string own = fmt::format("ssl.{}.{}", context, keyword);
  if (const std::string& value = text_state(own); !value.empty()) return value;
  return text_state(fmt::format("ssl.{}", keyword));
}

Ended Modem::Impl::qsslcfg(io::Time now, const Command& command) {
  if (command.form != Command::Form::write) return Ended::error();
  const std::string& first = command.arguments[0];
  if (first.size() < 2 || first.front() != '"' || first.back() != '"') return Ended::error();
  std::string keyword = first.substr(1, first.size() - 2);
  for (char& c : keyword) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto* setting = std::ranges::find(ssl_table, keyword, &SslSetting::keyword);
  if (setting == std::end(ssl_table)) return Ended::error();
  Arguments arguments(config, command, 1);
  const auto context = arguments.integer("SSL_ctxID");
  if (!arguments.more()) {
    if (!arguments.good()) return Ended::error();
    const std::string value = ssl_state(context, keyword);
    const bool file = setting->kind == SslSetting::Kind::file;
    output.info(
        now, command.name,
        file ? fmt::format("+QSSLCFG: {},{},\"{}\"", first, context, value)
             : fmt::format("+QSSLCFG: {},{},{}", first, context,
                           setting->kind == SslSetting::Kind::suite ? fmt::format("0X{:04X}", number(value)) : value));
    return Ended::ok();
  }
  std::string value;
  if (setting->kind == SslSetting::Kind::file) {
    value = arguments.text(setting->parameter);
  } else if (setting->kind == SslSetting::Kind::suite) {
    const auto suite = hexadecimal(arguments.bare());
    if (!suite) return Ended::error();
    value = std::to_string(*suite);
  } else {
    value = std::to_string(arguments.integer(setting->parameter));
  }
  if (!arguments.good()) return Ended::error();
  set_state(fmt::format("ssl.{}.{}", context, keyword), std::move(value));
  return Ended::ok();
}

io::TlsSettingsPtr Modem::Impl::tls_settings(const std::string& host) const {
  const auto context = in_force("cfg.sslctxid");
  const auto value = [&](std::string_view keyword) {
    const std::string fault = fmt::format("used.ssl.{}", keyword);
    return config.fault(fault) != nullptr ? config.fault_number(fault) : number(ssl_state(context, keyword));
  };
  const auto file = [&](std::string_view keyword) {
    const io::Bytes* content = store.content(ssl_state(context, keyword));
    return content == nullptr ? io::Bytes() : *content;
  };
  io::TlsSettings out;
  using Version = io::TlsVersion;
  constexpr Version versions[] = {Version::ssl30, Version::tls10, Version::tls11, Version::tls12};
  // one version, or all that are safe enough to offer
  if (const auto version = value("sslversion"); version >= 0 && version < std::ssize(versions)) {
    out.least = out.most = versions[version];
  } else if (version == std::ssize(versions) + 1) {
    out.least = out.most = Version::tls13;
  }
  if (const auto suite = value("ciphersuite"); suite != all_suites) out.suites = {static_cast<std::uint16_t>(suite)};
  const auto level = value("seclevel");
  out.verify = level > 0;
  out.check_times = value("ignorelocaltime") == 0;
  if (out.verify) out.authorities = file("cacert");
  if (level > 1) {
    out.certificate = file("clientcert");
    out.key = file("clientkey");
  }
  const bool name = host.find_first_not_of("0123456789.") != std::string::npos && host.find(':') == std::string::npos;
  if (value("sni") == 1 && name) out.server_name = host;
  return std::make_shared<const io::TlsSettings>(std::move(out));
}

}  // namespace atspec::modem
