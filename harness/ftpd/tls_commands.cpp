// AUTH, PBSZ and PROT (RFC 2228 §3, RFC 4217), the handshakes behind them, and how the script spoils those.
#include <algorithm>
#include <utility>

#include "harness/ftpd/session.hpp"

namespace atspec::ftpd {
namespace {

using Action = scenario::PeerRule::Action;
using namespace std::string_view_literals;

// what a handshake that is spoilt answers the client's hello with (RFC 8446 §5.1, §6)
constexpr auto handshake_failure = "\x15\x03\x03\x00\x02\x02\x28"sv;
constexpr auto part_of_a_record = "\x16\x03\x03\x00\x7a\x02\x00\x00"sv;

std::string capitals(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return out;
}

}  // namespace

void Session::authenticate() {
  if (!house_.options.tls) return not_implemented();
  if (over_tls_) return reply(503, "TLS is spoken already");
  const std::string mechanism = capitals(argument_);
  if (mechanism != "TLS" && mechanism != "TLS-C" && mechanism != "SSL") return reply(504, "TLS is all there is");
  reply(234, "Begin TLS");
  begin_tls(control_side);
}

void Session::buffer_size() {
  if (!over_tls_) return reply(503, house_.options.tls ? "AUTH comes first" : "There is nothing to protect with");
  if (argument_.empty() || argument_.find_first_not_of("0123456789") != std::string::npos)
    return reply(501, "A number, please");
  buffer_said_ = true;
  reply(200, "PBSZ=0");  // RFC 4217 §8
}

void Session::protection() {
  if (!over_tls_ || !buffer_said_) return reply(503, "AUTH and PBSZ come first");
  const std::string level = capitals(argument_);
  if (level == "S" || level == "E") return reply(536, "TLS has no such level");
  if (level != "C" && level != "P") return reply(504, "No such level");
  protect_data_ = level == "P";
  reply(200, protect_data_ ? "Data connections are protected" : "Data connections are in the clear");
}

/// On the connection `side`, unless the script knows better.
void Session::begin_tls(unsigned side) {
  Handshake& handshake = handshakes_[side];
  handshake = {};
  handshake.under_way = true;
  if (side == control_side) {
    // RFC 4217 §4.2: all that was said before is forgotten, and so is what anyone may have put behind AUTH
    lines_.clear();
    logged_in_ = false;
    user_.reset();
    cwd_ = "/";
    ascii_ = true;
    restart_at_ = 0;
    rename_from_.reset();
    state_ = State::securing;
  }
  const Script::Play play = house_.script.play(side == control_side ? "TLS" : "DATA-TLS");
  if (play.is(Action::reply)) {
    // in the clear, where nobody may believe it
    house_.actions.emplace_back(io::action::Send{connection_of(side), play.rule->text + "\r\n"});
  } else if (play.rule != nullptr) {
    handshake.spoilt_by = play.rule->action;
  }
  if (play.delay > io::Duration{}) {
    handshake.begins_at = house_.now + play.delay;
  } else {
    start_tls(side);
  }
}

void Session::start_tls(unsigned side) {
  Handshake& handshake = handshakes_[side];
  handshake.begins_at.reset();
  if (waits_for_hello(side)) return;
  house_.actions.emplace_back(
      io::action::StartTls{connection_of(side), house_.options.tls, side == control_side ? 0 : control_});
}

/// The script spoils it, by what is answered to the client's first bytes.
bool Session::waits_for_hello(unsigned side) const {
  const Handshake& handshake = handshakes_[side];
  return handshake.under_way && handshake.spoilt_by && *handshake.spoilt_by != Action::resume &&
         *handshake.spoilt_by != Action::no_notify;
}

void Session::spoil_tls(unsigned side) {
  const io::ConnectionId id = connection_of(side);
  const Action how = *handshakes_[side].spoilt_by;
  if (how == Action::stall) return;
  if (how == Action::alert) house_.actions.emplace_back(io::action::Send{id, io::Bytes(handshake_failure)});
  if (how == Action::truncate) house_.actions.emplace_back(io::action::Send{id, io::Bytes(part_of_a_record)});
  if (side == control_side) return how == Action::reset ? abandon() : hang_up();
  if (how == Action::reset) house_.actions.emplace_back(io::action::Abort{std::exchange(data_, 0)});
  end_transfer(425, "The data connection could not be secured");
}

void Session::secured(const io::event::Secured& event) {
  const unsigned side = event.id == control_ ? control_side : data_side;
  Handshake& handshake = handshakes_[side];
  handshake.under_way = false;
  if (side == data_side) {
    if (transfer_.kind == Transfer::Kind::none) return;
    if (handshake.spoilt_by == Action::resume && !event.resumed)
      return end_transfer(522, "The session of the control connection is to be taken up");
    end_unnoticed_ = handshake.spoilt_by == Action::no_notify;
    return start();
  }
  over_tls_ = true;
  last_heard_ = house_.now;
  state_ = State::ready;
  if (!welcomed_) welcome();
}

void Session::tls_failed(io::ConnectionId id) {
  if (id == control_) return hang_up();
  if (transfer_.kind == Transfer::Kind::none) return drop_channel();
  end_transfer(transfer_.started ? 426 : 425, "TLS failed on the data connection");
}

}  // namespace atspec::ftpd
