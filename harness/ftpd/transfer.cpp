// The data connection: made passively or actively, used for one transfer, closed at its end (RFC 959 §3.2).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/ftpd/address.hpp"
#include "harness/ftpd/session.hpp"

namespace atspec::ftpd {
namespace {

constexpr std::size_t chunk_bytes = 32 * 1024;
constexpr std::uint64_t window_bytes = 64 * 1024;  ///< handed to the network and not yet out: bounds our memory
constexpr io::Duration connection_limit = std::chrono::seconds(60);

std::string_view opening(bool upload, bool listing, bool ascii) {
  if (upload) return ascii ? "Send the file as ASCII" : "Send the file";
  if (listing) return "Here comes the listing";
  return ascii ? "Here comes the file as ASCII" : "Here comes the file";
}

}  // namespace

void Session::open_listener(bool extended) {
  // RFC 1123 §4.1.2.6: a new port for every transfer
  drop_channel();
  extended_ = extended;
  const Options& options = house_.options;
  ports_left_ =
      options.passive_from == 0 ? 1 : std::max(options.passive_from, options.passive_to) - options.passive_from + 1U;
  request_port();
}

void Session::request_port() {
  const Options& options = house_.options;
  const auto& moved = house_.script.elsewhere();
  const bool there = moved && !moved->misnamed;
  std::uint16_t port = there ? options.elsewhere.port : 0;
  if (options.passive_from != 0 && !there) {
    const unsigned count = std::max(options.passive_from, options.passive_to) - options.passive_from + 1U;
    port = static_cast<std::uint16_t>(options.passive_from + house_.passive_turn++ % count);
  }
  listener_ = house_.fresh_id();
  state_ = State::awaiting_listener;
  house_.actions.emplace_back(
      io::action::Listen{listener_, {there ? options.elsewhere.address : local_.address, port}});
}

void Session::listening(const io::event::Listening& event) {
  if (state_ != State::awaiting_listener) return;
  state_ = State::ready;
  channel_ = Channel::listening;
  if (house_.script.play("DATA").is(scenario::PeerRule::Action::refuse))
    house_.actions.emplace_back(io::action::Close{std::exchange(listener_, 0)});
  if (extended_) return reply(229, fmt::format("Extended passive mode (|||{}|)", event.on.port));
  const Options& options = house_.options;
  auto text = port_text({house_.script.elsewhere() ? options.elsewhere.address : options.advertise, event.on.port});
  if (!text) text = port_text({local_.address, event.on.port});
  reply(227, fmt::format("Passive mode ({})", text.value_or("0,0,0,0,0,0")));
}

void Session::listen_failed() {
  if (state_ != State::awaiting_listener) return;
  listener_ = 0;
  if (--ports_left_ > 0) return request_port();
  state_ = State::ready;
  reply(425, "No port for a data connection");
}

void Session::accepted(const io::event::Accepted& event) {
  // RFC 2577 §4: whoever is not the client of the control connection is nobody
  if (data_ != 0 || !same_address(event.peer.address, peer_.address)) {
    house_.actions.emplace_back(io::action::Abort{event.id});
    return;
  }
  house_.actions.emplace_back(io::action::Close{listener_});
  listener_ = 0;
  data_ = event.id;
  data_peer_done_ = false;
  channel_ = Channel::connected;
  channel_ready();
}

void Session::connected() {
  channel_ = Channel::connected;
  data_peer_done_ = false;
  channel_ready();
}

void Session::channel_ready() {
  if (transfer_.kind == Transfer::Kind::none) return;
  protect_data_ ? begin_tls(data_side) : start();
}

void Session::connect_failed() {
  data_ = 0;
  channel_ = Channel::none;
  if (transfer_.kind != Transfer::Kind::none) end_transfer(425, "The data connection could not be made");
}

void Session::drop_channel() {
  if (listener_ != 0) house_.actions.emplace_back(io::action::Close{listener_});
  if (data_ != 0) house_.actions.emplace_back(io::action::Close{data_, !std::exchange(end_unnoticed_, false)});
  handshakes_[data_side] = {};
  listener_ = data_ = 0;
  channel_ = Channel::none;
  data_peer_done_ = false;
}

void Session::drop_transfer() {
  // a file that was only made to see whether it could be
  if (transfer_.created && !transfer_.started) [[maybe_unused]]
    const auto removed = house_.store.remove(transfer_.path);
  drop_channel();
  transfer_ = {};
}

bool Session::has_channel() {
  if (channel_ != Channel::none) return true;
  reply(425, "PASV, EPSV, PORT or EPRT comes first");
  return false;
}

Session::Transfer& Session::prepare(Transfer::Kind kind) {
  transfer_ = {};
  transfer_.kind = kind;
  transfer_.cut = house_.script.take_cut();
  transfer_.stall = house_.script.take_stall();
  return transfer_;
}

void Session::begin() {
  transfer_.give_up = house_.now + std::min(connection_limit, house_.options.idle_limit);
  reply(150,
        opening(transfer_.kind == Transfer::Kind::upload, transfer_.kind == Transfer::Kind::listing, transfer_.ascii));
  if (channel_ == Channel::connected) {
    channel_ready();
  } else if (channel_ == Channel::target) {
    data_ = house_.fresh_id();
    channel_ = Channel::connecting;
    house_.actions.emplace_back(io::action::Connect{data_, target_});
  }
}

void Session::start() {
  transfer_.started = true;
  keep_alive();
  if (transfer_.kind != Transfer::Kind::upload) return pump();
  if (transfer_.truncate) {
    house_.store.set_time(house_.wall_seconds());
    if (!house_.store.write(transfer_.path, 0, {}, true))
      return break_transfer(451, "The file cannot be written any more");
  }
  if (transfer_.cut && transfer_.cut->after_bytes == 0) return cut_transfer();
  take_data({});
}

void Session::keep_alive() { transfer_.give_up = house_.now + house_.options.idle_limit; }

bool Session::stalled() {
  if (!transfer_.stall || transfer_.passed < transfer_.stall->after_bytes) return false;
  if (!transfer_.stalled_until) {
    transfer_.stalled_until = house_.now + std::min(longest_time, transfer_.stall->duration.value_or(longest_time));
    // a held-up transfer is not an idle one
    transfer_.give_up = std::max(transfer_.give_up, *transfer_.stalled_until + house_.options.idle_limit);
  }
  return true;
}

void Session::pump() {
  Transfer& transfer = transfer_;
  if (!transfer.started || transfer.kind == Transfer::Kind::upload) return;
  const auto cut_reached = [&transfer] { return transfer.cut && transfer.passed >= transfer.cut->after_bytes; };
  while (!transfer.ended && transfer.in_flight < window_bytes) {
    if (stalled()) return;
    if (cut_reached()) {
      transfer.ended = true;
      break;
    }
    io::Bytes bytes;
    const std::size_t most = transfer.stall ? static_cast<std::size_t>(std::min<std::uint64_t>(
                                                  chunk_bytes, transfer.stall->after_bytes - transfer.passed))
                                            : chunk_bytes;
    if (transfer.kind == Transfer::Kind::listing) {
      bytes = transfer.text.substr(static_cast<std::size_t>(transfer.offset), most);
    } else {
      auto read = house_.store.read(transfer.path, transfer.offset, most);
      if (!read) return break_transfer(451, "The file cannot be read any more");
      bytes = std::move(*read);
    }
    if (bytes.empty()) {
      transfer.ended = true;
      break;
    }
    transfer.offset += bytes.size();
    if (transfer.ascii) bytes = to_wire(bytes);
    if (std::exchange(transfer.skip_cr, false)) bytes.erase(0, 1);
    if (transfer.cut && bytes.size() > transfer.cut->after_bytes - transfer.passed)
      bytes.resize(static_cast<std::size_t>(transfer.cut->after_bytes - transfer.passed));
    house_.write_log(Logged::What::data_out, data_, bytes);
    transfer.passed += bytes.size();
    transfer.in_flight += bytes.size();
    house_.actions.emplace_back(io::action::Send{data_, std::move(bytes)});
  }
  // the final reply stands for what has left, so that a connection that breaks before is 426
  if (!transfer.ended || transfer.in_flight > 0) return;
  if (cut_reached()) return cut_transfer();
  end_transfer(226, "Transfer complete");
}

void Session::take_data(io::ByteView bytes) {
  Transfer& transfer = transfer_;
  if (transfer.kind != Transfer::Kind::upload || !transfer.started) return;
  if (!bytes.empty()) {
    if (transfer.cut)
      bytes = bytes.substr(0, static_cast<std::size_t>(
                                  std::min<std::uint64_t>(bytes.size(), transfer.cut->after_bytes - transfer.passed)));
    house_.write_log(Logged::What::data_in, data_, bytes);
    transfer.passed += bytes.size();
    keep_alive();
    static_cast<void>(stalled());
    if (!(transfer.ascii ? write_upload(transfer.from_wire.convert(bytes)) : write_upload(bytes))) return;
    if (transfer.cut && transfer.passed >= transfer.cut->after_bytes) return cut_transfer();
  }
  if (!data_peer_done_ || stalled()) return;
  // in stream mode the close is the end of the file (RFC 959 §3.4.1)
  if (transfer.ascii && !write_upload(transfer.from_wire.finish())) return;
  end_transfer(226, "Transfer complete");
}

bool Session::write_upload(io::ByteView bytes) {
  if (bytes.empty()) return true;
  house_.store.set_time(house_.wall_seconds());
  const auto written = house_.store.write(transfer_.path, transfer_.offset, bytes, false);
  if (!written) {
    const bool full = written.error() == StoreError::no_space;
    break_transfer(full ? 552 : 451, full ? "No space left" : "The file cannot be written any more");
    return false;
  }
  transfer_.offset += bytes.size();
  return true;
}

void Session::end_transfer(int code, std::string_view text) {
  drop_transfer();
  last_heard_ = house_.now;
  reply(code, text);
}

void Session::cut_transfer() {
  const scenario::PeerCut cut = *std::move(transfer_.cut);
  if (cut.reset && data_ != 0) house_.actions.emplace_back(io::action::Abort{std::exchange(data_, 0)});
  if (!cut.reply) return break_transfer(426, "The data connection was cut");
  drop_transfer();
  last_heard_ = house_.now;
  if (cut.reply->empty()) return;
  say(*cut.reply);
}

void Session::break_transfer(int code, std::string_view text) {
  // what a client that has stopped reading left behind is not worth keeping
  if (house_.now >= transfer_.give_up && data_ != 0) {
    house_.actions.emplace_back(io::action::Abort{data_});
    data_ = 0;
  }
  end_transfer(code, text);
}

}  // namespace atspec::ftpd
