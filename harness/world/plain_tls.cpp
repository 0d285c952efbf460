// The stand-in for TLS in simulations. Records are framed as TLS frames them (RFC 8446 §5.1: type, version, length), so
// that cut streams, alerts and clear text in place of records do what they do to the real thing.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "harness/world/tls_layer.hpp"

namespace atspec::world {
namespace {

enum class Type : unsigned char { alert = 21, handshake = 22, data = 23 };
constexpr std::size_t header_bytes = 5;
constexpr std::size_t longest_record = TlsLayer::record_bytes + 2048;  // RFC 5246 §6.2.3

// RFC 8446 §6
enum class Alert : unsigned char {
  close_notify = 0,
  unexpected_message = 10,
  handshake_failure = 40,
  bad_certificate = 42,
  unknown_ca = 48,
  protocol_version = 70,
  certificate_required = 116
};

std::uint64_t number(std::string_view text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

/// The value of `key` in a message of "key=value" lines; that of the last key goes to the end.
std::string_view value_of(std::string_view message, std::string_view key) {
  while (!message.empty()) {
    const auto line = message.substr(0, message.find('\n'));
    if (line.starts_with(key) && line.substr(key.size()).starts_with('=')) {
      if (key == "certificate") return message.substr(key.size() + 1);
      return line.substr(key.size() + 1);
    }
    message.remove_prefix(std::min(message.size(), line.size() + 1));
  }
  return {};
}

std::string spell(const std::vector<std::uint16_t>& suites) {
  std::string out;
  for (const auto suite : suites) out += fmt::format("{} ", suite);
  return out;
}

class PlainLayer final : public TlsLayer {
 public:
  PlainLayer(const io::action::StartTls& how, const PlainLayer* origin)
      : settings_(how.settings), origin_session_(origin == nullptr ? 0 : origin->session_) {
    if (client()) {
      write(Type::handshake, fmt::format("least={}\nmost={}\nsuites={}\nsession={}\nname={}\n",
                                         static_cast<int>(settings_->least), static_cast<int>(settings_->most),
                                         spell(settings_->suites), origin_session_, settings_->server_name));
    } else {
      session_ = origin_session_ == 0 ? how.id : origin_session_;
      if (settings_->certificate.empty()) fail(Alert::handshake_failure, "a server without certificate");
    }
  }

  void take(io::ByteView bytes) override {
    if (!failure_.empty() || peer_closed_) return;
    came_ += bytes;
    while (failure_.empty() && !peer_closed_ && !came_.empty()) {
      const auto type = static_cast<Type>(came_[0]);
      if ((type != Type::alert && type != Type::handshake && type != Type::data) || (came_.size() > 1 && came_[1] != 3))
        return fail(Alert::unexpected_message, "what came is no TLS record");
      if (came_.size() < header_bytes) return;
      const std::size_t size = static_cast<unsigned char>(came_[3]) * 256U + static_cast<unsigned char>(came_[4]);
      if (size > longest_record) return fail(Alert::unexpected_message, "a record that is too long");
      if (came_.size() < header_bytes + size) return;
      const io::Bytes record = came_.substr(header_bytes, size);
      came_.erase(0, header_bytes + size);
      understand(type, record);
    }
  }

  void say(io::ByteView plain) override {
    for (; !plain.empty(); plain.remove_prefix(std::min(record_bytes, plain.size())))
      write(Type::data, plain.substr(0, record_bytes));
  }

  void say_close() override {
    if (secured() && failure_.empty()) write(Type::alert, std::string{1, static_cast<char>(Alert::close_notify)});
  }

 private:
  bool client() const { return settings_->role == io::TlsSettings::Role::client; }

  void write(Type type, io::ByteView bytes) {
    wire_ += static_cast<char>(type);
    wire_ += "\x03\x03";
    wire_ += static_cast<char>(bytes.size() / 256);
    wire_ += static_cast<char>(bytes.size() % 256);
    wire_ += bytes;
  }

  void fail(Alert alert, std::string why) {
    write(Type::alert, std::string{2, static_cast<char>(alert)});
    failure_ = std::move(why);
  }

  void understand(Type type, const io::Bytes& record) {
    if (type == Type::alert) {
      const auto code = record.size() < 2 ? 0 : static_cast<unsigned char>(record[1]);
      if (code == static_cast<unsigned>(Alert::close_notify) && secured()) {
        peer_closed_ = true;
      } else {
        failure_ = fmt::format("the other side sent alert {}", code);
      }
    } else if (type == Type::data) {
      if (!secured()) return fail(Alert::unexpected_message, "data before the end of the handshake");
      plain_ += record;
    } else if (secured()) {
      fail(Alert::unexpected_message, "a second handshake");
    } else if (client()) {
      answer_of_server(record);
    } else if (!greeted_) {
      hello_of_client(record);
    } else {
      end_of_client(record);
    }
  }

  void hello_of_client(std::string_view hello) {
    greeted_ = true;
    const auto least =
        std::max<std::uint64_t>(number(value_of(hello, "least")), static_cast<unsigned>(settings_->least));
    const auto most = std::min<std::uint64_t>(number(value_of(hello, "most")), static_cast<unsigned>(settings_->most));
    if (least > most) return fail(Alert::protocol_version, "no TLS version in common");
    with_.version = static_cast<io::TlsVersion>(most);
    const auto suite = common_suite(value_of(hello, "suites"));
    if (!suite) return fail(Alert::handshake_failure, "no cipher suite in common");
    with_.suite = *suite;
    with_.resumed = origin_session_ != 0 && number(value_of(hello, "session")) == origin_session_;
    write(Type::handshake,
          fmt::format("version={}\nsuite={}\nresumed={}\nsession={}\nask={}\ncertificate={}", most, with_.suite,
                      with_.resumed ? 1 : 0, session_, settings_->verify ? 1 : 0, settings_->certificate));
  }

  std::optional<std::uint16_t> common_suite(std::string_view offered) const {
    constexpr std::uint16_t usual = 0x1301;  // TLS_AES_128_GCM_SHA256
    if (offered.empty()) return settings_->suites.empty() ? usual : settings_->suites.front();
    while (!offered.empty()) {
      const auto suite = static_cast<std::uint16_t>(number(offered));
      offered.remove_prefix(std::min(offered.size(), std::min(offered.size(), offered.find(' ')) + 1));
      if (settings_->suites.empty() || std::ranges::count(settings_->suites, suite) > 0) return suite;
    }
    return std::nullopt;
  }

  void answer_of_server(std::string_view answer) {
    with_.version = static_cast<io::TlsVersion>(number(value_of(answer, "version")));
    with_.suite = static_cast<std::uint16_t>(number(value_of(answer, "suite")));
    with_.resumed = value_of(answer, "resumed") == "1";
    session_ = number(value_of(answer, "session"));
    // the certificate was looked at when the session that goes on was made
    if (settings_->verify && !with_.resumed && !vouched(value_of(answer, "certificate")))
      return fail(Alert::unknown_ca, "no authority vouches for the certificate");
    const bool asked = value_of(answer, "ask") == "1" && !settings_->key.empty();
    write(Type::handshake, "certificate=" + (asked ? settings_->certificate : io::Bytes()));
    be_secured(with_);
  }

  void end_of_client(std::string_view end) {
    const auto shown = value_of(end, "certificate");
    if (settings_->verify && !with_.resumed && !vouched(shown))
      return fail(shown.empty() ? Alert::certificate_required : Alert::bad_certificate,
                  "the client has no certificate that an authority vouches for");
    be_secured(with_);
  }

  bool vouched(std::string_view certificate) const {
    return !certificate.empty() && settings_->authorities.find(certificate) != std::string::npos;
  }

  io::TlsSettingsPtr settings_;
  std::uint64_t origin_session_ = 0, session_ = 0;
  io::Bytes came_;
  io::event::Secured with_{};
  bool greeted_ = false;
};

}  // namespace

std::unique_ptr<TlsLayer> plain_layer(const io::action::StartTls& how, const TlsLayer* origin) {
  return std::make_unique<PlainLayer>(how, dynamic_cast<const PlainLayer*>(origin));
}

}  // namespace atspec::world
