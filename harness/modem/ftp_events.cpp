// What the network tells the FTP client.
#include <fmt/format.h>

#include "harness/modem/ftp_client.hpp"

namespace atspec::modem {

void FtpClient::network(io::Time now, const io::NetworkEvent& event) {
  std::visit([&](const auto& one) { on(now, one); }, event);
}

void FtpClient::on(io::Time now, const io::event::Resolved& event) {
  if (event.id != control_ || phase_ != Phase::resolving) return;
  if (event.addresses.empty()) return fail(now, "dns-failed", 0, true);
  addresses_.assign(event.addresses.rbegin(), event.addresses.rend());
  connect_control();
}

/// To the next of the server's addresses.
void FtpClient::connect_control() {
  phase_ = Phase::connecting;
  actions_.push_back(io::action::Connect{control_, {addresses_.back(), port_}});
  addresses_.pop_back();
}

void FtpClient::on(io::Time now, const io::event::Connected& event) {
  if (event.id == control_ && phase_ == Phase::connecting) {
    control_local_ = event.local;
    control_peer_ = event.peer;
    phase_ = Phase::greeting;
    if (over_tls() && !explicit_) start_tls();
  } else if (event.id == data_ && phase_ == Phase::data_connecting) {
    switch_at_.reset();
    data_up_ = !data_over_tls();
    data_ready(now);
  }
}

void FtpClient::on(io::Time now, const io::event::ConnectFailed& event) {
  if (event.id == control_ && phase_ == Phase::connecting && !addresses_.empty()) {
    control_ = fresh_id();
    return connect_control();
  }
  if (event.id == control_) return fail(now, event.error == io::ConnectError::refused ? "blocked" : "network", 0, true);
  if (event.id != data_) return;
  data_ = 0;
  if (switch_at_) return switch_address(now);
  fail(now, "data-open", 0, false);
}

void FtpClient::on(io::Time now, const io::event::Listening& event) {
  if (event.id != listener_) return;
  const bool v6 = event.on.address.find(':') != std::string::npos;
  listening_ = v6 ? std::string() : port_argument(event.on);
  say(now, fmt::format("EPRT |{}|{}|{}|", v6 ? 2 : 1, event.on.address, event.on.port), Phase::eprt);
}

void FtpClient::on(io::Time now, const io::event::ListenFailed& event) {
  if (event.id == listener_) fail(now, "data-open", 0, false);
}

void FtpClient::on(io::Time now, const io::event::Accepted& event) {
  // only the server itself may connect (RFC 2577 §4)
  if (event.listener != listener_ || event.peer.address != control_peer_.address || data_ != 0) {
    actions_.push_back(io::action::Abort{event.id});
    return;
  }
  data_ = event.id;
  actions_.push_back(io::action::Close{std::exchange(listener_, 0)});
  data_up_ = true;
  try_begin(now);
}

void FtpClient::on(io::Time now, const io::event::Secured& event) {
  if (event.id == control_ && phase_ == Phase::securing) {
    phase_ = Phase::greeting;
    // RFC 4217 §4.2: behind AUTH there is no second greeting
    if (explicit_) say(now, "USER " + settings_.user, Phase::user);
  } else if (event.id == data_ && data_ != 0) {
    data_up_ = true;
    try_begin(now);
  }
}

void FtpClient::on(io::Time now, const io::event::TlsFailed& event) {
  if (event.id == control_ && control_ != 0) {
    if (phase_ == Phase::idle || phase_ == Phase::segment) {
      lost_while_idle_ = true;
      return abandon();
    }
    return fail(now, "ssl", 0, true);
  }
  if (event.id == data_ && data_ != 0) data_tls_lost(now);
}

void FtpClient::data_tls_lost(io::Time now) {
  actions_.push_back(io::action::Close{std::exchange(data_, 0)});
  // behind the end of an upload the server's reply says whether it has the file
  if (local_end_ || phase_ == Phase::segment) return;
  tls_lost_ = true;
  if (final_) fail(now, "ssl", 0, false);
}

void FtpClient::on(io::Time now, const io::event::Received& event) {
  if (event.id == control_) {
    control_received(now, event.bytes);
  } else if (event.id == data_ && data_ != 0) {
    data_received(now, event.bytes);
  }
}

void FtpClient::control_received(io::Time now, const io::Bytes& bytes) {
  replies_.feed(bytes);
  while (control_ != 0) {
    const auto next = replies_.take();
    if (!next) break;
    reply(now, *next);
  }
}

void FtpClient::data_received(io::Time now, const io::Bytes& received) {
  if (!begun_) {
    early_ += received;
    return;
  }
  if (transfer_.upload || local_end_) return;
  io::ByteView bytes = received;
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

void FtpClient::on(io::Time now, const io::event::Sent& event) {
  if (event.id != data_ || data_ == 0) return;
  unsent_ -= std::min(unsent_, event.bytes);
  if (phase_ == Phase::running) touch(now);
}

void FtpClient::on(io::Time now, const io::event::PeerClosed& event) {
  if (event.id == control_ && control_ != 0) {
    control_lost(now, false);
  } else if (event.id == data_ && data_ != 0) {
    data_ended(now, event.cut);
  }
}

void FtpClient::on(io::Time now, const io::event::Reset& event) {
  if (event.id == control_ && control_ != 0) {
    control_lost(now, true);
  } else if (event.id == data_ && data_ != 0) {
    data_ended(now, true);
  }
}

void FtpClient::control_lost(io::Time now, bool reset) {
  if (phase_ == Phase::idle || phase_ == Phase::segment) {
    lost_while_idle_ = true;
    abandon();
  } else if (phase_ == Phase::securing) {
    fail(now, "ssl", 0, true);
  } else {
    // on QUIT too: gone before it said 221, the session is over all the same, but nobody confirmed it
    fail(now, reset ? "peer-closed" : "control-closed", 0, true);
  }
}

/// `lost`: by RST, or over TLS without close_notify, so that the end may not be the end.
void FtpClient::data_ended(io::Time now, bool lost) {
  if (data_over_tls() && !data_up_) return data_tls_lost(now);
  // all of it may have come before the preliminary reply did: that reply, or a refusal, decides
  if (!begun_) {
    early_end_ = true;
    data_lost_ = lost;
  } else {
    end_data(now, lost);
  }
}

}  // namespace atspec::modem
