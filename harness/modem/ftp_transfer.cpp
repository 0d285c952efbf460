// A transfer of the FTP session: what leads up to it, the data connection, and how it ends (RFC 959 §3, §5.4).
#include <fmt/format.h>

#include "harness/modem/ftp_client.hpp"

namespace atspec::modem {
namespace {

/// What commands that change nothing are answered with (RFC 959 §4.2.2).
bool okay(const Reply& reply) { return reply.code >= 200 && reply.code < 210; }
/// Behind a handshake that failed, a connection that cannot be opened is one that was not secured. All else without a
/// preliminary reply is about the file: a server that has none closes the data connection in the middle of a handshake.
bool about_data_security(const Reply& reply) { return reply.code == 425 || about_security(reply); }

}  // namespace

// --- operations

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

// --- what leads up to it

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

}  // namespace atspec::modem
