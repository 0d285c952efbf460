#include "harness/modem/ftp_client.hpp"

#include <fmt/format.h>

#include <array>

namespace atspec::modem {
namespace {

bool positive(const Reply& reply) { return reply.code >= 200 && reply.code < 300; }
/// What commands that change nothing are answered with (RFC 959 §4.2.2).
bool okay(const Reply& reply) { return reply.code >= 200 && reply.code < 210; }
/// Whether a 2yz can be the answer to a command: some have one of their own (RFC 959 §5.4, RFC 3659 §3.1, §4.1).
bool answers(std::string_view line, const Reply& reply) {
  if (line.starts_with("SIZE ") || line.starts_with("MDTM ")) return reply.code == 213;
  if (line.starts_with("PWD")) return reply.code == 257;
  return positive(reply);
}
/// A 3yz wants something more of the client (RFC 959 §4.2.1): where that is not what comes next anyway, as 350 before
/// RNTO, there is no way on.
bool refused(const Reply& reply) { return reply.code >= 300 && reply.code < 600; }
/// What only the security of a connection is refused with (RFC 2228 §5.1, RFC 4217 §10.2, §11.4).
bool about_security(const Reply& reply) {
  constexpr std::array codes{431, 521, 522, 533, 534, 535, 536};
  return std::ranges::count(codes, reply.code) > 0;
}
/// Behind a handshake that failed, a connection that cannot be opened is one that was not secured. All else without a
/// preliminary reply is about the file: a server that has none closes the data connection in the middle of a handshake.
bool about_data_security(const Reply& reply) { return reply.code == 425 || about_security(reply); }

}  // namespace

FtpClient::Session FtpClient::session() const {
  switch (phase_) {
    case Phase::closed:
      return Session::closed;
    case Phase::resolving:
    case Phase::connecting:
    case Phase::securing:
    case Phase::greeting:
    case Phase::auth:
    case Phase::user:
    case Phase::password:
    case Phase::buffer_size:
    case Phase::protection:
      return Session::opening;
    case Phase::idle:
      return Session::idle;
    case Phase::quitting:
      return Session::closing;
    case Phase::running:
    case Phase::segment:
      return Session::transferring;
    default:
      return in_transfer_ ? Session::transferring : Session::busy;
  }
}

// --- operations

void FtpClient::open(io::Time now, const std::string& host, std::uint16_t port, Settings settings) {
  abandon();
  lost_while_idle_ = false;
  settings_ = std::move(settings);
  using Security = Settings::Security;
  tls_ = settings_.security == Security::none ? nullptr : settings_.tls;
  explicit_ = settings_.security == Security::explicit_tls;
  port_ = port;
  deadline_ = now + settings_.limit;
  addresses_.clear();
  control_ = fresh_id();
  phase_ = Phase::resolving;
  actions_.push_back(io::action::Resolve{control_, host});
}

void FtpClient::close(io::Time now, io::Duration limit) {
  drop_data();
  // a transfer that was left still gets its final reply, before the one to QUIT
  owed_ = in_transfer_ && phase_ >= Phase::asked && !final_;
  in_transfer_ = false;
  settings_.limit = limit;
  deadline_ = now + limit;
  say(now, "QUIT", Phase::quitting);
}

void FtpClient::command(io::Time now, const std::string& line, bool typed, Settings settings) {
  settings_ = std::move(settings);
  deadline_ = now + settings_.limit;
  line_ = line;
  in_transfer_ = false;
  if (typed && current_type_ != settings_.type) {
    say(now, fmt::format("TYPE {}", settings_.type), Phase::type);
  } else {
    say(now, line_, Phase::command);
  }
}

void FtpClient::rename(io::Time now, const std::string& from, const std::string& to, Settings settings) {
  settings_ = std::move(settings);
  deadline_ = now + settings_.limit;
  line_ = "RNTO " + to;
  in_transfer_ = false;
  say(now, "RNFR " + from, Phase::rename_from);
}

void FtpClient::transfer(io::Time now, Transfer transfer, Settings settings) {
  settings_ = std::move(settings);
  deadline_ = now + settings_.limit;
  transfer_ = std::move(transfer);
  in_transfer_ = true;
  data_up_ = preliminary_ = begun_ = data_done_ = data_lost_ = local_end_ = early_end_ = held_ = tls_lost_ = false;
  final_.reset();
  early_.clear();
  bytes_ = 0;
  unsent_ = 0;
  // manual 1.4 FLOW-09: over TLS there is no active mode
  if (over_tls() && !settings_.passive) return fail(now, "data-open", 0, false);
  if (current_type_ != settings_.type) {
    say(now, fmt::format("TYPE {}", settings_.type), Phase::type);
  } else {
    after_type(now);
  }
}

void FtpClient::upload(io::Time now, io::ByteView bytes) {
  if (phase_ != Phase::running || data_ == 0 || bytes.empty()) return;
  bytes_ += bytes.size();
  unsent_ += bytes.size();
  actions_.push_back(io::action::Send{data_, io::Bytes(bytes)});
  touch(now);
}

void FtpClient::finish_upload(io::Time now) {
  if (phase_ == Phase::segment) phase_ = Phase::running;
  if (phase_ != Phase::running) return;
  // where the server has left already, there is nothing to end: not all may have come to it
  local_end_ = data_ != 0 && !early_end_;
  touch(now);
  if (data_ != 0 && data_over_tls()) {
    // what the server still says, session tickets above all, must be read: a socket closed over it sends RST
    actions_.push_back(io::action::ShutdownSend{data_});
  } else if (data_ != 0) {
    actions_.push_back(io::action::Close{std::exchange(data_, 0)});
  }
  data_done_ = true;
  settle_transfer(now);
}

void FtpClient::pause_upload(io::Time) {
  phase_ = Phase::segment;
  deadline_.reset();
  bytes_ = 0;
}

void FtpClient::resume_upload(io::Time now, io::Duration limit) {
  settings_.limit = limit;
  phase_ = Phase::running;
  bytes_ = 0;
  if (final_ && refused(*final_)) return refuse(now, *final_);
  // ended between two segments; a reply that is still to come must not be taken for another's
  if (final_ || data_ == 0) return fail(now, "data-closed", 0, !final_ || data_ != 0);
  touch(now);
  owner_.transfer_begins(now);
}

void FtpClient::end_download(io::Time now) {
  if (phase_ != Phase::running || data_ == 0) return;
  // the server learns it from the closed connection and answers (RFC 959 §3.2)
  local_end_ = true;
  actions_.push_back(io::action::Close{std::exchange(data_, 0)});
  data_done_ = true;
  settle_transfer(now);
}

void FtpClient::abandon() {
  drop_data();
  drop_control(false);
  deadline_.reset();
  in_transfer_ = false;
}

void FtpClient::lose_bearer(io::Time now) {
  if (phase_ == Phase::idle || phase_ == Phase::segment) return abandon();
  if (phase_ != Phase::closed) fail(now, "network", 0, true);
}

void FtpClient::hold(io::Time now, bool on) {
  held_ = on;
  if (on) {
    deadline_.reset();
  } else {
    touch(now);
  }
}

// --- the control connection

/// A byte 255 is doubled on the control connection (RFC 3659 §2.2).
std::string FtpClient::telnet_doubled(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\xFF') out += c;
  }
  return out;
}

void FtpClient::say(io::Time, const std::string& line, Phase next) {
  // what the server said beyond its reply is no answer to what comes now
  replies_.forget();
  actions_.push_back(io::action::Send{control_, telnet_doubled(settings_.said(line)) + "\r\n"});
  phase_ = next;
}

void FtpClient::reply(io::Time now, const Reply& reply) {
  if (phase_ == Phase::closed) return;
  if (reply.code == 421) {
    // the server closes behind it; what was asked fails with it (RFC 959 §4.2.2)
    if (phase_ == Phase::idle || phase_ == Phase::segment) {
      lost_while_idle_ = true;
      abandon();
      return;
    }
    // the answer to the transfer before, not to QUIT
    if (phase_ == Phase::quitting && std::exchange(owed_, false)) return;
    return fail(now, "paired", 421, true);
  }
  switch (phase_) {
    case Phase::greeting:
    case Phase::user:
    case Phase::password:
      return reply_of_login(now, reply);
    case Phase::auth:
    case Phase::buffer_size:
    case Phase::protection:
      return reply_about_tls(now, reply);
    case Phase::quitting:
      if (reply.code < 200 && reply.code >= 100) return;
      if (reply.code == 0) return fail(now, "unknown", 0, true);
      // 221 answers QUIT alone: the transfer was not thought worth a reply
      if (std::exchange(owed_, false) && reply.code != 221) return;
      if (refused(reply)) return fail(now, "paired", reply.code, true);
      drop_control(true);
      return end(now, {});
    case Phase::rename_from:
    case Phase::command:
      if (reply.code >= 100 && reply.code < 200) return;
      if (phase_ == Phase::rename_from && reply.code == 350) return say(now, line_, Phase::command);
      if (refused(reply)) return refuse(now, reply);
      return phase_ == Phase::command && answers(line_, reply) ? succeed(now, reply) : out_of_step(now);
    case Phase::idle:
      return;  // nobody asked (RFC 959 §5.4)
    case Phase::asked:
    case Phase::running:
    case Phase::segment:
      if (reply.code == 0) return fail(now, "unknown", 0, true);
      return reply_of_transfer(now, reply);
    default:
      if (reply.code == 0) return fail(now, "unknown", 0, true);
      return reply_before_transfer(now, reply);
  }
}

void FtpClient::reply_of_login(io::Time now, const Reply& reply) {
  if (reply.code == 0) return fail(now, "unknown", 0, true);
  if (reply.code >= 100 && reply.code < 200) return;  // 120: 220 follows
  if (phase_ == Phase::user && reply.code == 331) return say(now, "PASS " + settings_.password, Phase::password);
  if (refused(reply)) return fail(now, "paired", reply.code, true);
  if (phase_ == Phase::greeting) {
    if (explicit_) return say(now, "AUTH TLS", Phase::auth);
    return say(now, "USER " + settings_.user, Phase::user);
  }
  if (over_tls()) return say(now, "PBSZ 0", Phase::buffer_size);
  logged_in(now, reply);
}

/// AUTH, PBSZ, PROT (RFC 4217 §4, §9). Without protected data connections there is no session over TLS.
void FtpClient::reply_about_tls(io::Time now, const Reply& reply) {
  if (reply.code == 0) return fail(now, "unknown", 0, true);
  if (reply.code >= 100 && reply.code < 200) return;
  switch (phase_) {
    case Phase::auth:
      // 334 wants a mechanism that TLS is not (RFC 4217 §4.2)
      if (reply.code != 234) return fail(now, "ssl", reply.code, true);
      return start_tls();
    case Phase::buffer_size:
      // over TLS it says nothing (RFC 4217 §8): whoever does not know it may know PROT all the same
      return say(now, "PROT P", Phase::protection);
    default:
      if (!positive(reply)) return fail(now, "ssl", reply.code, true);
      return logged_in(now, reply);
  }
}

void FtpClient::start_tls() {
  // what stood behind the reply in the clear, anyone may have written
  replies_.clear();
  phase_ = Phase::securing;
  actions_.push_back(io::action::StartTls{control_, tls_});
}

void FtpClient::logged_in(io::Time now, const Reply& reply) {
  current_type_ = 'A';  // RFC 959 §4.1.2
  phase_ = Phase::idle;
  end(now, {"", 0, reply.text, 0});
}

/// What leads up to a transfer, a command and one reply at a time (RFC 959 §5.4). A 1yz is none yet.
void FtpClient::reply_before_transfer(io::Time now, const Reply& reply) {
  if (reply.code >= 100 && reply.code < 200) return;
  if (refused(reply) && !(phase_ == Phase::rest && reply.code == 350)) return refused_before_transfer(now, reply);
  switch (phase_) {
    case Phase::type:
      if (!okay(reply)) return out_of_step(now);
      current_type_ = settings_.type;
      if (!in_transfer_) return say(now, line_, Phase::command);
      return after_type(now);
    case Phase::epsv: {
      if (reply.code != 229) return out_of_step(now);
      const auto port = extended_port(reply.text);
      return port ? connect_data(now, control_peer_.address, *port) : refuse(now, {0, ""});
    }
    case Phase::pasv: {
      if (reply.code != 227) return out_of_step(now);
      const auto address = passive_address(reply.text);
      if (!address) return refuse(now, {0, ""});
      const bool named = settings_.address == Settings::Address::server;
      connect_data(now, named ? address->address : control_peer_.address, address->port);
      if (settings_.address == Settings::Address::control_first && address->address != control_peer_.address) {
        other_ = {address->address, address->port};
        switch_at_ = now + settings_.switch_after;
      }
      return;
    }
    case Phase::eprt:
    case Phase::port:
      return okay(reply) ? data_ready(now) : out_of_step(now);
    case Phase::rest:
      return reply.code == 350 ? ask(now) : out_of_step(now);
    default:
      return;  // while the data connection is made nothing was asked
  }
}

/// EPSV and EPRT are not to be had everywhere, nor PASV and PORT, which know four-byte addresses alone (RFC 2428 §2,
/// §3).
void FtpClient::refused_before_transfer(io::Time now, const Reply& reply) {
  const bool unknown = reply.code >= 500 && reply.code != 530;
  if (unknown && phase_ == Phase::epsv && !pasv_first()) return say(now, "PASV", Phase::pasv);
  if (unknown && phase_ == Phase::pasv && pasv_first()) return say(now, "EPSV", Phase::epsv);
  if (unknown && phase_ == Phase::eprt && !listening_.empty()) return say(now, "PORT " + listening_, Phase::port);
  refuse(now, reply);
}

void FtpClient::reply_of_transfer(io::Time now, const Reply& reply) {
  if (reply.code < 200) {
    preliminary_ = true;
    return try_begin(now);
  }
  final_ = reply;
  if (not_secured() && (refused(reply) ? preliminary_ || about_data_security(reply) : tls_lost_))
    return fail(now, "ssl", refused(reply) ? reply.code : 0, false);
  if (refused(reply)) {
    // whatever the data connection still does, this is the answer; between two segments the next is told
    if (phase_ == Phase::segment) return drop_data();
    if (!begun_ || transfer_.upload) return refuse(now, reply);
  }
  if (transfer_.upload && !local_end_ && phase_ != Phase::segment) {
    // before all was sent it is not the answer to this transfer, or to one that was cut short
    return fail(now, "data-closed", 0, data_ != 0);
  }
  if (!begun_) {
    // a final reply without a preliminary one: taken for both
    preliminary_ = true;
    try_begin(now);
  }
  settle_transfer(now);
}

/// PASV alone names an address; of IPv6 it knows nothing (RFC 2428 §3).
bool FtpClient::pasv_first() const {
  return settings_.address != Settings::Address::control && control_peer_.address.find(':') == std::string::npos;
}

void FtpClient::after_type(io::Time now) {
  if (!settings_.passive) return listen_data(now);
  if (pasv_first()) return say(now, "PASV", Phase::pasv);
  say(now, "EPSV", Phase::epsv);
}

void FtpClient::connect_data(io::Time, const std::string& address, std::uint16_t port) {
  data_ = fresh_id();
  phase_ = Phase::data_connecting;
  actions_.push_back(io::action::Connect{data_, {address, port}});
}

void FtpClient::switch_address(io::Time now) {
  switch_at_.reset();
  if (data_ != 0) actions_.push_back(io::action::Close{std::exchange(data_, 0)});
  connect_data(now, other_.address, other_.port);
}

void FtpClient::listen_data(io::Time) {
  listener_ = fresh_id();
  phase_ = Phase::data_connecting;
  actions_.push_back(io::action::Listen{listener_, {control_local_.address, 0}});
}

void FtpClient::data_ready(io::Time now) {
  if (transfer_.start > 0) return say(now, fmt::format("REST {}", transfer_.start), Phase::rest);
  ask(now);
}

void FtpClient::ask(io::Time now) {
  say(now, transfer_.path.empty() ? transfer_.verb : transfer_.verb + ' ' + transfer_.path, Phase::asked);
  // at once: there are servers that wait for the handshake before they answer, and such as answer first
  if (data_over_tls() && data_ != 0)
    actions_.push_back(io::action::StartTls{data_, tls_, settings_.take_session_up ? control_ : 0});
}

void FtpClient::try_begin(io::Time now) {
  if (begun_ || !preliminary_ || !data_up_) return;
  begun_ = true;
  phase_ = Phase::running;
  touch(now);
  owner_.transfer_begins(now);
  if (!early_.empty() && phase_ == Phase::running) {
    const io::Bytes held = std::exchange(early_, {});
    network(now, io::event::Received{data_, held});
  }
  if (early_end_ && data_ != 0) end_data(now, data_lost_);
}

/// The peer ended the data connection. Why, if not at the end of file, comes on the control connection: 226, 426, 451
/// (RFC 959 §3.4.1).
void FtpClient::end_data(io::Time now, bool reset) {
  actions_.push_back(io::action::Close{std::exchange(data_, 0)});
  data_lost_ = reset || transfer_.upload;
  if (phase_ == Phase::segment) return;
  data_done_ = true;
  settle_transfer(now);
}

// --- ends

void FtpClient::settle_transfer(io::Time now) {
  if (!final_ || phase_ == Phase::idle || phase_ == Phase::closed) return;
  if (refused(*final_)) {
    // a download cut short by us is refused by a server that still had something to say
    const bool cut = !transfer_.upload && local_end_;
    if (!cut) return refuse(now, *final_);
  }
  if (!data_done_) return;
  if (data_lost_ && !local_end_) return fail(now, "data-closed", 0, false);
  succeed(now, *final_);
}

void FtpClient::refuse(io::Time now, const Reply& reply) {
  const auto name = [&] {
    if (reply.code == 0) return "unknown";
    if (reply.code == 554) return "file-position";  // the position to restart at is wrong (RFC 3659 §5.4)
    return over_tls() && about_security(reply) ? "ssl" : "paired";
  };
  fail(now, name(), reply.code, false);
}

void FtpClient::fail(io::Time now, const std::string& error, int protocol, bool drop_session) {
  FtpOutcome outcome{error, protocol, {}, bytes_};
  drop_data();
  if (drop_session) {
    drop_control(error == "ssl");  // the alert that says why must not be overtaken by a RST
  } else {
    phase_ = Phase::idle;
  }
  end(now, outcome);
}

void FtpClient::succeed(io::Time now, const Reply& reply) {
  FtpOutcome outcome{"", 0, reply.text, bytes_};
  drop_data();
  phase_ = Phase::idle;
  end(now, outcome);
}

void FtpClient::end(io::Time now, const FtpOutcome& outcome) {
  deadline_.reset();
  in_transfer_ = false;
  owner_.operation_ended(now, outcome);
}

void FtpClient::drop_data() {
  if (data_ != 0) actions_.push_back(io::action::Close{std::exchange(data_, 0)});
  if (listener_ != 0) actions_.push_back(io::action::Close{std::exchange(listener_, 0)});
  switch_at_.reset();
  early_ = {};
  unsent_ = 0;
}

void FtpClient::drop_control(bool orderly) {
  if (control_ != 0) {
    if (orderly) {
      actions_.push_back(io::action::Close{control_});
    } else {
      actions_.push_back(io::action::Abort{control_});
    }
  }
  control_ = 0;
  replies_.clear();
  phase_ = Phase::closed;
}

void FtpClient::touch(io::Time now) {
  if (!held_) deadline_ = now + settings_.limit;
}

// --- time

void FtpClient::tick(io::Time now) {
  if (!deadline_ || *deadline_ > now) {
    if (switch_at_ && *switch_at_ <= now) switch_address(now);
    return;
  }
  if (phase_ == Phase::closed || phase_ == Phase::idle) {
    deadline_.reset();
    return;
  }
  // replies may come late and out of step: the session is not to be trusted any more
  if (in_transfer_ && local_end_ && !transfer_.upload) {
    // all that was wanted has come; the server does not say that it stopped
    const FtpOutcome outcome{"", 0, {}, bytes_};
    drop_control(false);
    return end(now, outcome);
  }
  fail(now, tls_lost_ && in_transfer_ ? "ssl" : "timeout", 0, true);
}

}  // namespace atspec::modem
