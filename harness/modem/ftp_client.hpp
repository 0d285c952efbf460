// One FTP session, plain or over TLS (RFC 959, 1123 §4.1, 2428, 3659, 4217). Sans-I/O: it appends what it wants done to
// a queue that is the modem's, and tells its owner how operations end. One operation at a time; after any failure the
// next one, or the next `open`, works.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/network.hpp"
#include "harness/io/time.hpp"
#include "harness/modem/modem.hpp"
#include "harness/modem/reply.hpp"

namespace atspec::modem {

/// How an operation ended: `error` is the name of a result code (config.hpp), empty on success, "paired" where
/// `protocol` says it.
struct FtpOutcome {
  std::string error;
  int protocol = 0;
  std::string text;         ///< of the last reply
  std::uint64_t bytes = 0;  ///< transferred
};

class FtpClient {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    /// The server began the transfer and the data connection is up.
    virtual void transfer_begins(io::Time now) = 0;
    virtual void downloaded(io::Time now, io::ByteView bytes) = 0;
    virtual void operation_ended(io::Time now, const FtpOutcome& outcome) = 0;
  };

  FtpClient(std::deque<Action>& actions, Owner& owner) : actions_(actions), owner_(owner) {}

  enum class Session { closed, opening, idle, busy, transferring, closing };
  Session session() const;
  /// Bytes of data that came before the server said that it begins.
  std::size_t early() const { return early_.size(); }
  bool open_segment() const { return phase_ == Phase::segment; }
  /// The server closed an idle session since the last operation; asking forgets it.
  bool lost_while_idle() { return std::exchange(lost_while_idle_, false); }

  /// Settings of an operation, from the modem's configuration at the time.
  struct Settings {
    std::string user, password;
    char type = 'I';
    bool passive = true;  ///< there is no active mode over TLS (manual 2.1 QFTPCFG-77)
    /// Where data connections go: to the address PASV names, to that of the control connection, or to this one and,
    /// where that fails or takes longer than `switch_after`, to the one PASV names (manual 2.1 QFTPCFG-62 to -67).
    enum class Address { server, control, control_first } address = Address::server;
    io::Duration switch_after{};
    std::map<std::string, std::string> verbs;  ///< what is said instead of an FTP command, for mutants
    std::string said(const std::string& line) const {
      const auto blank = std::min(line.find(' '), line.size());
      const auto other = verbs.find(line.substr(0, blank));
      return other == verbs.end() ? line : other->second + line.substr(blank);
    }
    io::Duration limit{};  ///< to the end of the operation, or between two packets of a transfer
    /// Whether TLS is spoken, and who begins it: with the first byte, or behind AUTH (RFC 4217 §4). Of `open`; what
    /// follows is as the session was opened.
    enum class Security { none, implicit_tls, explicit_tls } security = Security::none;
    io::TlsSettingsPtr tls;  ///< there unless `security` is none
    // for mutants: data connections of such a session
    bool secure_data = true, take_session_up = true;
  };
  void open(io::Time now, const std::string& host, std::uint16_t port, Settings settings);
  void close(io::Time now, io::Duration limit);
  /// One command on the control connection; `typed`: the representation type matters to its answer (SIZE).
  void command(io::Time now, const std::string& line, bool typed, Settings settings);
  /// Two commands that belong together: RNTO directly follows the 350 of RNFR (RFC 959 §4.1.3).
  void rename(io::Time now, const std::string& from, const std::string& to, Settings settings);
  struct Transfer {
    std::string verb = "RETR";  ///< RETR, STOR, LIST, NLST, MLSD
    std::string path;           ///< empty: the current directory, for listings
    bool upload = false;
    std::uint64_t start = 0;
    std::optional<std::uint64_t> length;  ///< download: stop after so many
  };
  void transfer(io::Time now, Transfer transfer, Settings settings);

  /// Upload: more of the file.
  void upload(io::Time now, io::ByteView bytes);
  /// Upload: that was all.
  void finish_upload(io::Time now);
  /// Upload: what was sent is a segment of the file; the transfer stays open (manual 2.5 QFTPPUT-28).
  void pause_upload(io::Time now);
  void resume_upload(io::Time now, io::Duration limit);

  /// Download: that was enough.
  void end_download(io::Time now);

  /// Everything is dropped, nothing is reported.
  void abandon();
  /// The PDP context under the session is gone: what was under way fails.
  void lose_bearer(io::Time now);

  void network(io::Time now, const io::NetworkEvent& event);
  void tick(io::Time now);
  std::optional<io::Time> deadline() const {
    return switch_at_ && deadline_ ? std::min(switch_at_, deadline_) : deadline_;
  }
  /// The local side cannot take or give data now: the gap limit does not run.
  void hold(io::Time now, bool on);
  bool is_data(io::ConnectionId id) const { return data_ != 0 && id == data_; }
  std::size_t unsent() const { return unsent_; }
  /// Bytes of the transfer under way that have gone through.
  std::uint64_t moved() const { return bytes_ - std::min<std::uint64_t>(bytes_, unsent_); }

 private:
  enum class Phase {
    closed,
    resolving,
    connecting,
    securing,
    greeting,
    auth,
    user,
    password,
    buffer_size,
    protection,
    idle,
    type,
    epsv,
    pasv,
    eprt,
    port,
    data_connecting,
    rest,
    asked,
    running,
    segment,
    rename_from,
    command,
    quitting
  };

  void say(io::Time now, const std::string& line, Phase next);
  void reply(io::Time now, const Reply& reply);
  void reply_of_login(io::Time now, const Reply& reply);
  void reply_about_tls(io::Time now, const Reply& reply);
  void start_tls();
  void logged_in(io::Time now, const Reply& reply);
  void reply_before_transfer(io::Time now, const Reply& reply);
  void refused_before_transfer(io::Time now, const Reply& reply);
  void reply_of_transfer(io::Time now, const Reply& reply);
  bool pasv_first() const;
  void after_type(io::Time now);
  void connect_control();
  void connect_data(io::Time now, const std::string& address, std::uint16_t port);
  void switch_address(io::Time now);
  void listen_data(io::Time now);
  void data_ready(io::Time now);
  void ask(io::Time now);
  void try_begin(io::Time now);
  void end_data(io::Time now, bool reset);
  void settle_transfer(io::Time now);
  void fail(io::Time now, const std::string& error, int protocol, bool drop_session);
  /// A reply that answers something else, as would the next: the session is given up.
  void out_of_step(io::Time now) { fail(now, "unknown", 0, true); }
  void refuse(io::Time now, const Reply& reply);
  void succeed(io::Time now, const Reply& reply);
  void end(io::Time now, const FtpOutcome& outcome);
  void drop_data();
  void drop_control(bool orderly);
  void touch(io::Time now);
  bool over_tls() const { return tls_ != nullptr; }
  bool data_over_tls() const { return over_tls() && settings_.secure_data; }
  /// The data connection was to be; the reply that says so may be faster than the alert.
  bool not_secured() const { return data_over_tls() && (tls_lost_ || !data_up_); }

  // ftp_events.cpp
  void on(io::Time now, const io::event::Resolved& event);
  void on(io::Time now, const io::event::Connected& event);
  void on(io::Time now, const io::event::ConnectFailed& event);
  void on(io::Time now, const io::event::Listening& event);
  void on(io::Time now, const io::event::ListenFailed& event);
  void on(io::Time now, const io::event::Accepted& event);
  void on(io::Time now, const io::event::Received& event);
  void on(io::Time now, const io::event::Sent& event);
  void on(io::Time now, const io::event::Secured& event);
  void on(io::Time now, const io::event::TlsFailed& event);
  void on(io::Time now, const io::event::PeerClosed& event);
  void on(io::Time now, const io::event::Reset& event);
  void control_received(io::Time now, const io::Bytes& bytes);
  void data_received(io::Time now, const io::Bytes& bytes);
  void control_lost(io::Time now, bool reset);
  void data_ended(io::Time now, bool lost);
  void data_tls_lost(io::Time now);
  io::ConnectionId fresh_id() { return next_id_ = next_id_ % 0x7FFF'FFFFU + 1; }
  static std::string telnet_doubled(std::string_view text);

  std::deque<Action>& actions_;
  Owner& owner_;
  Phase phase_ = Phase::closed;
  Settings settings_;
  io::TlsSettingsPtr tls_;  ///< of the session; null: it is plain
  io::ConnectionId next_id_ = 0, control_ = 0, data_ = 0, listener_ = 0;
  std::vector<std::string> addresses_;  ///< of the server, not yet tried
  io::Endpoint control_local_, control_peer_;
  std::uint16_t port_ = 0;
  ReplyParser replies_;
  char current_type_ = 0;
  std::string line_;  // of a simple command, or of the second of two
  bool in_transfer_ = false;
  bool explicit_ = false;  ///< AUTH begins TLS
  bool tls_lost_ = false;  ///< TLS failed on the data connection; the server's final reply is still awaited
  Transfer transfer_;
  bool data_up_ = false, preliminary_ = false, begun_ = false, data_done_ = false, data_lost_ = false,
       local_end_ = false, early_end_ = false;
  std::optional<Reply> final_;
  std::string listening_;  // where, as PORT says it; empty: PORT cannot
  io::Bytes early_;        // data that came before the preliminary reply
  std::uint64_t bytes_ = 0;
  std::size_t unsent_ = 0;
  std::optional<io::Time> deadline_, switch_at_;
  io::Endpoint other_;  // where a data connection goes next, while `switch_at_` is set
  bool held_ = false, lost_while_idle_ = false, owed_ = false;
};

}  // namespace atspec::modem
