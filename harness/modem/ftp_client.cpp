#include "harness/modem/ftp_client.hpp"

#include <fmt/format.h>

namespace atspec::modem {
namespace {

/// Whether a 2yz can be the answer to a command: some have one of their own (RFC 959 §5.4, RFC 3659 §3.1, §4.1).
bool answers(std::string_view line, const Reply& reply) {
  if (line.starts_with("SIZE ") || line.starts_with("MDTM ")) return reply.code == 213;
  if (line.starts_with("PWD")) return reply.code == 257;
  return positive(reply);
}

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

// --- ends

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
