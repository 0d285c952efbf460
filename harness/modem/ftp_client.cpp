#include "harness/modem/ftp_client.hpp"

#include <fmt/format.h>

namespace atspec::modem {
namespace {

bool positive(const Reply& reply) { return reply.code >= 200 && reply.code < 300; }
/// A 3yz wants something more of the client (RFC 959 §4.2.1): where that is not what comes next anyway, as 350 before
/// RNTO, there is no way on.
bool refused(const Reply& reply) { return reply.code >= 300 && reply.code < 600; }

}  // namespace

FtpClient::Session FtpClient::session() const {
  switch (phase_) {
    case Phase::closed:
      return Session::closed;
    case Phase::resolving:
    case Phase::connecting:
    case Phase::greeting:
    case Phase::user:
    case Phase::password:
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
  port_ = port;
  deadline_ = now + settings_.limit;
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
  data_up_ = preliminary_ = begun_ = data_done_ = data_lost_ = local_end_ = early_end_ = held_ = false;
  final_.reset();
  early_.clear();
  bytes_ = 0;
  unsent_ = 0;
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
  local_end_ = true;
  touch(now);
  if (data_ != 0) actions_.push_back(io::action::Close{std::exchange(data_, 0)});
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
  replies_.clear();
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
    case Phase::quitting:
      if (reply.code < 200 && reply.code >= 100) return;
      if (reply.code == 0) return fail(now, "unknown", 0, true);
      if (std::exchange(owed_, false)) return;
      if (refused(reply)) return fail(now, "paired", reply.code, true);
      drop_control(true);
      return end(now, {});
    case Phase::rename_from:
    case Phase::command:
      if (reply.code >= 100 && reply.code < 200) return;
      // a reply that is none leaves the session out of step
      if (reply.code == 0) return fail(now, "unknown", 0, true);
      if (phase_ == Phase::rename_from && (reply.code == 350 || positive(reply)))
        return say(now, line_, Phase::command);
      return refused(reply) ? refuse(now, reply) : succeed(now, reply);
    case Phase::idle:
      return;  // nobody asked (RFC 959 §5.4)
    default:
      return reply_of_transfer(now, reply);
  }
}

void FtpClient::reply_of_login(io::Time now, const Reply& reply) {
  if (reply.code == 0) return fail(now, "unknown", 0, true);
  if (reply.code >= 100 && reply.code < 200) return;  // 120: 220 follows
  if (phase_ == Phase::user && reply.code == 331) return say(now, "PASS " + settings_.password, Phase::password);
  if (refused(reply)) return fail(now, "paired", reply.code, true);
  if (phase_ == Phase::greeting) {
    return say(now, "USER " + settings_.user, Phase::user);
  }
  current_type_ = 'A';  // RFC 959 §4.1.2
  phase_ = Phase::idle;
  end(now, {"", 0, reply.text, 0});
}

void FtpClient::reply_of_transfer(io::Time now, const Reply& reply) {
  if (reply.code == 0) return fail(now, "unknown", 0, true);
  switch (phase_) {
    case Phase::type:
      if (!positive(reply)) return refuse(now, reply);
      current_type_ = settings_.type;
      if (!in_transfer_) return say(now, line_, Phase::command);
      return after_type(now);
    case Phase::epsv:
      if (reply.code == 229) {
        if (const auto port = extended_port(reply.text)) return connect_data(now, control_peer_.address, *port);
        return refuse(now, {0, ""});
      }
      if (refused(reply) && reply.code >= 500 && reply.code != 530) return say(now, "PASV", Phase::pasv);
      return refuse(now, reply);
    case Phase::pasv:
      if (reply.code == 227) {
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
      return refuse(now, reply);
    case Phase::eprt:
      if (!positive(reply)) return refuse(now, reply);
      return data_ready(now);
    case Phase::data_connecting:
      if (refused(reply)) return refuse(now, reply);
      return;
    case Phase::rest:
      if (reply.code != 350) return refuse(now, reply);
      return ask(now);
    case Phase::asked:
    case Phase::running:
    case Phase::segment:
      if (reply.code < 200) {
        preliminary_ = true;
        touch(now);
        return try_begin(now);
      }
      final_ = reply;
      if (refused(reply)) {
        // whatever the data connection still does, this is the answer
        if (phase_ == Phase::segment) {
          drop_data();
          phase_ = Phase::idle;
          in_transfer_ = false;
          return;
        }
        if (!begun_ || transfer_.upload) return refuse(now, reply);
      }
      if (!begun_) {
        // a final reply without a preliminary one: taken for both
        preliminary_ = true;
        try_begin(now);
      }
      return settle_transfer(now);
    default:
      return;
  }
}

void FtpClient::after_type(io::Time now) {
  if (settings_.passive) return say(now, "EPSV", Phase::epsv);
  listen_data(now);
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
  // 554: the position to restart at is wrong (RFC 3659 §5.4)
  fail(now, reply.code == 0 ? "unknown" : reply.code == 554 ? "file-position" : "paired", reply.code, false);
}

void FtpClient::fail(io::Time now, const std::string& error, int protocol, bool drop_session) {
  FtpOutcome outcome{error, protocol, {}, bytes_};
  drop_data();
  if (drop_session) {
    drop_control(false);
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
  early_.clear();
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

// --- the network

void FtpClient::network(io::Time now, const io::NetworkEvent& event) {
  if (const auto* resolved = std::get_if<io::event::Resolved>(&event)) {
    if (resolved->id != control_ || phase_ != Phase::resolving) return;
    if (resolved->addresses.empty()) return fail(now, "dns-failed", 0, true);
    phase_ = Phase::connecting;
    actions_.push_back(io::action::Connect{control_, {resolved->addresses.front(), port_}});
  } else if (const auto* connected = std::get_if<io::event::Connected>(&event)) {
    if (connected->id == control_ && phase_ == Phase::connecting) {
      control_local_ = connected->local;
      control_peer_ = connected->peer;
      phase_ = Phase::greeting;
    } else if (connected->id == data_ && phase_ == Phase::data_connecting) {
      switch_at_.reset();
      data_up_ = true;
      data_ready(now);
    }
  } else if (const auto* failed = std::get_if<io::event::ConnectFailed>(&event)) {
    if (failed->id == control_)
      return fail(now, failed->error == io::ConnectError::refused ? "blocked" : "network", 0, true);
    if (failed->id == data_) {
      data_ = 0;
      if (switch_at_) return switch_address(now);
      fail(now, "data-open", 0, false);
    }
  } else if (const auto* listening = std::get_if<io::event::Listening>(&event)) {
    if (listening->id != listener_) return;
    const bool v6 = listening->on.address.find(':') != std::string::npos;
    say(now, fmt::format("EPRT |{}|{}|{}|", v6 ? 2 : 1, listening->on.address, listening->on.port), Phase::eprt);
  } else if (const auto* deaf = std::get_if<io::event::ListenFailed>(&event)) {
    if (deaf->id == listener_) fail(now, "data-open", 0, false);
  } else if (const auto* accepted = std::get_if<io::event::Accepted>(&event)) {
    // only the server itself may connect (RFC 2577 §4)
    if (accepted->listener != listener_ || accepted->peer.address != control_peer_.address || data_ != 0) {
      actions_.push_back(io::action::Abort{accepted->id});
      return;
    }
    data_ = accepted->id;
    actions_.push_back(io::action::Close{std::exchange(listener_, 0)});
    data_up_ = true;
    try_begin(now);
  } else if (const auto* received = std::get_if<io::event::Received>(&event)) {
    if (received->id == control_) {
      replies_.feed(received->bytes);
      while (control_ != 0) {
        const auto next = replies_.take();
        if (!next) break;
        reply(now, *next);
      }
    } else if (received->id == data_ && data_ != 0) {
      if (!begun_) {
        early_ += received->bytes;
        return;
      }
      if (transfer_.upload || local_end_) return;
      io::ByteView bytes = received->bytes;
      bool complete = false;
      if (transfer_.length && bytes_ + bytes.size() >= *transfer_.length) {
        bytes = bytes.substr(0, *transfer_.length - bytes_);
        complete = true;
      }
      bytes_ += bytes.size();
      touch(now);
      owner_.downloaded(now, bytes);
      if (complete) end_download(now);
    }
  } else if (const auto* sent = std::get_if<io::event::Sent>(&event)) {
    if (sent->id == data_ && data_ != 0) {
      unsent_ -= std::min(unsent_, sent->bytes);
      if (phase_ == Phase::running) touch(now);
    }
  } else {
    const auto* closed = std::get_if<io::event::PeerClosed>(&event);
    const auto* reset = std::get_if<io::event::Reset>(&event);
    const io::ConnectionId id = closed != nullptr ? closed->id : reset->id;
    if (id == control_ && control_ != 0) {
      const bool idle = phase_ == Phase::idle || phase_ == Phase::segment;
      const bool quitting = phase_ == Phase::quitting && closed != nullptr;
      if (idle) {
        lost_while_idle_ = true;
        abandon();
      } else if (quitting) {
        // gone before it said 221: the session is over all the same, but nobody confirmed it
        fail(now, "control-closed", 0, true);
      } else {
        fail(now, closed != nullptr ? "control-closed" : "peer-closed", 0, true);
      }
    } else if (id == data_ && data_ != 0) {
      // all of it may have come before the preliminary reply did: that reply, or a refusal, decides
      if (!begun_) {
        early_end_ = true;
        data_lost_ = reset != nullptr;
      } else {
        end_data(now, reset != nullptr);
      }
    }
  }
}

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
  fail(now, "timeout", 0, true);
}

}  // namespace atspec::modem
