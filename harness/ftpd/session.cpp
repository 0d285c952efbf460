#include "harness/ftpd/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace atspec::ftpd {
namespace {

using Action = scenario::PeerRule::Action;

/// Replies of which the client reads nothing may pile up so far; then no more commands are taken.
constexpr std::size_t most_unsent = 64 * 1024;

std::string_view verb_of(std::string_view line) { return line.substr(0, line.find(' ')); }

bool same_verb(std::string_view typed, std::string_view capitals) {
  return std::equal(typed.begin(), typed.end(), capitals.begin(), capitals.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b; });
}

}  // namespace

io::ConnectionId House::fresh_id() {
  last_id = last_id + 1 == io::first_accepted_id ? 1 : last_id + 1;
  return last_id;
}

std::int64_t House::wall_seconds() const {
  return options.epoch + std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
}

void House::write_log(Logged::What what, io::ConnectionId connection, io::ByteView bytes) const {
  if (log) log(Logged{what, now, connection, io::Bytes(bytes), bytes.size()});
}

void Session::open(const io::event::Accepted& accepted, bool too_many, bool over_tls) {
  forget();
  too_many_ = too_many;
  control_ = accepted.id;
  local_ = accepted.local;
  peer_ = accepted.peer;
  last_heard_ = house_.now;
  state_ = State::ready;
  if (over_tls) return begin_tls(control_side);
  welcome();
}

/// Whoever came, once there is a connection to speak over.
void Session::welcome() {
  welcomed_ = true;
  if (too_many_) {
    reply(421, "Too many clients, try later");
    return hang_up();
  }
  greeting_ = true;
  follow(house_.script.play("CONNECT"));
}

void Session::forget() {
  control_ = listener_ = data_ = 0;
  lines_.clear();
  unsent_ = 0;
  peer_done_ = greeting_ = logged_in_ = data_peer_done_ = extended_only_ = false;
  rule_.reset();
  pieces_.clear();
  strays_.clear();
  leaves_ = shut_ = false;
  user_.reset();
  wrong_passwords_ = 0;
  cwd_ = "/";
  ascii_ = true;
  restart_at_ = 0;
  rename_from_.reset();
  facts_ = {};
  too_many_ = welcomed_ = over_tls_ = buffer_said_ = protect_data_ = end_unnoticed_ = false;
  handshakes_ = {};
  channel_ = Channel::none;
  transfer_ = {};
}

bool Session::wants(io::ConnectionId id) const {
  if (id == control_) return !handshakes_[control_side].begins_at && !lines_.full() && unsent_ < most_unsent;
  if (id == data_ && waits_for_hello(data_side)) return !handshakes_[data_side].begins_at;
  // uploaded bytes wait in the network until the command that takes them
  if (id == data_) return transfer_.started && !transfer_.stalled_until;
  return true;
}

std::optional<io::Time> Session::deadline() const {
  std::optional<io::Time> at;
  const auto no_later = [&at](io::Time time) { at = at ? std::min(*at, time) : time; };
  if (state_ == State::delayed) no_later(wake_);
  for (const Stray& stray : strays_) no_later(stray.at);
  for (const Handshake& handshake : handshakes_) {
    if (handshake.begins_at) no_later(*handshake.begins_at);
  }
  if (transfer_.stalled_until) no_later(*transfer_.stalled_until);
  if (transfer_.kind != Transfer::Kind::none) {
    no_later(transfer_.give_up);
  } else if (state_ == State::ready || state_ == State::securing) {
    no_later(last_heard_ + house_.options.idle_limit);
  }
  return at;
}

void Session::tick() {
  for (const unsigned side : {control_side, data_side}) {
    const auto at = handshakes_[side].begins_at;
    if (at && house_.now >= *at) start_tls(side);
  }
  send_stray();
  if (transfer_.stalled_until && house_.now >= *transfer_.stalled_until) {
    transfer_.stall.reset();
    transfer_.stalled_until.reset();
    keep_alive();
    pump();
    if (transfer_.kind == Transfer::Kind::upload && data_peer_done_) take_data({});
  }
  if (transfer_.kind != Transfer::Kind::none && house_.now >= transfer_.give_up) {
    if (transfer_.started) {
      break_transfer(426, "Nothing moved on the data connection for too long");
    } else {
      end_transfer(425, "No data connection was made");
    }
  }
  if (state_ == State::delayed && house_.now >= wake_) {
    state_ = State::ready;
    if (pieces_.empty()) {
      const auto rule = std::exchange(rule_, std::nullopt);
      act(rule ? &*rule : nullptr);
    } else {
      send_piece();
    }
  }
  if (state_ == State::ready && transfer_.kind == Transfer::Kind::none &&
      house_.now >= last_heard_ + house_.options.idle_limit) {
    reply(421, "Idle for too long");
    hang_up();
  }
  if (state_ == State::securing && house_.now >= last_heard_ + house_.options.idle_limit) abandon();
}

void Session::received(io::ConnectionId id, io::ByteView bytes) {
  const unsigned side = id == control_ ? control_side : data_side;
  if (waits_for_hello(side)) return spoil_tls(side);
  if (id != control_) {
    take_data(bytes);
    return;
  }
  house_.write_log(Logged::What::control_in, control_, bytes);
  last_heard_ = house_.now;
  if (state_ == State::stalled) return;
  lines_.feed(bytes);
}

void Session::sent(io::ConnectionId id, std::size_t bytes) {
  if (id == control_) {
    unsent_ -= std::min(unsent_, bytes);
  } else if (id == data_ && transfer_.kind != Transfer::Kind::none) {
    transfer_.in_flight -= std::min<std::uint64_t>(transfer_.in_flight, bytes);
    keep_alive();
    pump();
  }
}

void Session::proceed() {
  while (state_ == State::ready && unsent_ < most_unsent) {
    const auto line = lines_.peek();
    if (!line || !may_take(*line)) break;
    take(*line);
  }
  // the client has gone, and all it asked for in time is done
  if (peer_done_ && is_open() && transfer_.kind == Transfer::Kind::none && state_ != State::awaiting_listener &&
      (state_ != State::ready || !lines_.peek()))
    hang_up();
}

bool Session::may_take(std::string_view line) const {
  if (transfer_.kind == Transfer::Kind::none) return true;
  return same_verb(verb_of(line), "ABOR") || same_verb(line, "STAT");
}

void Session::take(std::string_view line) {
  if (line.size() > ControlLines::longest_line) {
    lines_.pop();
    reply(500, "Line too long");
    return;
  }
  verb_ = verb_of(line);
  argument_ = line.substr(std::min(line.size(), verb_.size() + 1));
  lines_.pop();
  for (char& c : verb_) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  greeting_ = false;
  follow(house_.script.play(verb_));
}

/// Now, or when the delay is over.
void Session::follow(const Script::Play& play) {
  if (play.delay == io::Duration{}) return act(play.rule);
  rule_.reset();
  if (play.rule != nullptr) rule_ = *play.rule;
  wake_ = house_.now + play.delay;
  state_ = State::delayed;
}

void Session::act(const scenario::PeerRule* rule) {
  const auto as_usual = [this] { greeting_ ? greet() : carry_out(); };
  if (rule == nullptr) return as_usual();
  switch (rule->action) {
    case Action::preface:
      say(rule->text);
      as_usual();
      break;
    case Action::stray: {
      Stray stray{house_.now + rule->duration, rule->text};
      as_usual();
      if (is_open()) strays_.push_back(std::move(stray));
      break;
    }
    case Action::reply:
      leave_channel();
      say(rule->text);
      if (rule->text.starts_with("421")) hang_up();  // RFC 959 §4.2.2: the one reply that closes
      break;
    case Action::raw: {
      leave_channel();
      pieces_.assign(1, rule->text);
      pieces_.insert(pieces_.end(), rule->more.begin(), rule->more.end());
      next_piece_ = 0;
      between_pieces_ = rule->duration;
      std::string whole;
      for (const auto& piece : pieces_) whole += piece;
      leaves_ = whole.starts_with("421");
      send_piece();
      break;
    }
    case Action::stall:
      strays_.clear();
      state_ = State::stalled;
      break;
    case Action::half_close:
      strays_.clear();
      state_ = State::stalled;
      shut_ = true;
      house_.actions.emplace_back(io::action::ShutdownSend{control_});
      break;
    case Action::close:
      hang_up();
      break;
    case Action::reset:
      abandon();
      break;
    case Action::delay:
    case Action::alert:
    case Action::truncate:
    case Action::resume:
    case Action::no_notify:
    case Action::refuse:
      break;  // never: the script adds delays up, and the others are not of commands
  }
}

/// Where nothing is done, a data connection that stands ready is of no use any more.
void Session::leave_channel() {
  if (transfer_.kind != Transfer::Kind::none || greeting_) return;
  const Command* command = find_command(verb_);
  if (command == nullptr || !command->transfers) return;
  drop_channel();
  restart_at_ = 0;
}

/// The next piece of a raw answer; other commands wait for its last.
void Session::send_piece() {
  send_control(std::move(pieces_[next_piece_++]));
  if (next_piece_ < pieces_.size()) {
    wake_ = house_.now + between_pieces_;
    state_ = State::delayed;
    return;
  }
  pieces_.clear();
  if (leaves_) hang_up();
}

/// Each whose time has come, the earliest first.
void Session::send_stray() {
  while (is_open()) {
    const auto first = std::ranges::min_element(strays_, [](const Stray& a, const Stray& b) { return a.at < b.at; });
    if (first == strays_.end() || first->at > house_.now) return;
    const std::string text = std::move(first->text);
    strays_.erase(first);
    say(text);
    if (text.starts_with("421")) hang_up();
  }
}

void Session::greet() { reply(220, "atspec FTP server"); }

void Session::carry_out() {
  // RFC 959 §4.1.3: RNTO must follow its RNFR at once
  if (verb_ != "RNTO" && verb_ != "RNFR") rename_from_.reset();
  const Command* command = find_command(verb_);
  if (command == nullptr) {
    reply(500, "Unknown command");
    return;
  }
  if (!command->before_login && !logged_in_) {
    reply(530, "Log in with USER and PASS first");
    return;
  }
  const bool blank = argument_.find_first_not_of(' ') == std::string::npos;
  if (argument_.find_first_of(std::string_view("\r\0", 2)) != std::string::npos) {
    reply(501, "No such character in an argument");
  } else if (command->argument == Argument::none && !blank) {
    reply(501, fmt::format("{} takes no argument", verb_));
  } else if (command->argument == Argument::required && argument_.empty()) {
    reply(501, fmt::format("{} needs an argument", verb_));
  } else {
    (this->*command->carry_out)();
  }
}

void Session::send_control(std::string bytes) {
  if (shut_ || bytes.empty()) return;
  house_.write_log(Logged::What::control_out, control_, bytes);
  unsent_ += bytes.size();
  house_.actions.emplace_back(io::action::Send{control_, std::move(bytes)});
}

/// Whole lines but for the last CR LF.
void Session::say(std::string_view text) {
  std::string out;
  append_telnet(out, text);
  send_control(out + "\r\n");
}

void Session::reply(int code, std::string_view text) {
  std::string out;
  out.reserve(text.size() + 6);
  out += static_cast<char>('0' + code / 100);
  out += static_cast<char>('0' + code / 10 % 10);
  out += static_cast<char>('0' + code % 10);
  out += ' ';
  append_telnet(out, text);
  out += "\r\n";
  send_control(std::move(out));
}

void Session::reply(StoreError error, int code) {
  switch (error) {
    case StoreError::not_found:
      return reply(code, "No such file or directory");
    case StoreError::exists:
      return reply(code, "It exists already");
    case StoreError::is_directory:
      return reply(code, "It is a directory");
    case StoreError::not_a_directory:
      return reply(code, "Not a directory");
    case StoreError::not_empty:
      return reply(code, "Directory not empty");
    case StoreError::denied:
      return reply(code, "Not allowed");
    case StoreError::no_space:
      return reply(code, "No space left");
  }
}

void Session::peer_closed(io::ConnectionId id, bool cut) {
  if (id == control_) {
    peer_done_ = true;
    // RFC 959 §3.2, §4.1.3: a control connection that ends takes a transfer with it, as by ABOR
    if (transfer_.kind != Transfer::Kind::none) hang_up();
    return;
  }
  if (id != data_) return;
  data_peer_done_ = true;
  if (transfer_.kind != Transfer::Kind::upload || !transfer_.started) return;
  // anyone may have sent that FIN (RFC 8446 §6.1)
  if (cut) return break_transfer(426, "The data ended without close_notify");
  take_data({});
}

void Session::reset(io::ConnectionId id) {
  if (id == control_) {
    control_ = 0;
    drop_transfer();
    state_ = State::closed;
    return;
  }
  if (id != data_) return;
  data_ = 0;
  channel_ = Channel::none;
  if (transfer_.kind != Transfer::Kind::none) end_transfer(426, "The data connection broke");
}

void Session::hang_up() {
  drop_transfer();
  if (control_ != 0) house_.actions.emplace_back(io::action::Close{control_});
  control_ = 0;
  state_ = State::closed;
}

void Session::abandon() {
  if (data_ != 0) house_.actions.emplace_back(io::action::Abort{data_});
  data_ = 0;
  drop_transfer();
  if (control_ != 0) house_.actions.emplace_back(io::action::Abort{control_});
  control_ = 0;
  state_ = State::closed;
}

}  // namespace atspec::ftpd
