// One control connection, with the login, directory and modes that belong to it, and its data connection.
// Commands are carried out one after the other; while a transfer runs only ABOR and STAT are (RFC 959 §4.1.3),
// the others wait in their line.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/ftpd/ascii.hpp"
#include "harness/ftpd/control_lines.hpp"
#include "harness/ftpd/listing.hpp"
#include "harness/ftpd/script.hpp"
#include "harness/ftpd/server.hpp"

namespace atspec::ftpd {

/// What the sessions of a server share.
struct House {
  Options options;
  FileStore& store;
  Log log;
  Script script;
  std::vector<io::NetworkAction> actions;
  io::Time now;
  io::ConnectionId last_id = 0;
  unsigned passive_turn = 0;  ///< ports of the passive range are used in turn

  io::ConnectionId fresh_id();
  std::int64_t wall_seconds() const;
  void write_log(Logged::What what, io::ConnectionId connection, io::ByteView bytes) const;
};

class Session {
 public:
  explicit Session(House& house) : house_(house) {}

  /// For a connection just accepted. All that an earlier one left is forgotten.
  void open(const io::event::Accepted& accepted, bool too_many, bool over_tls);
  bool is_open() const { return state_ != State::closed; }
  bool owns(io::ConnectionId id) const { return id != 0 && (id == control_ || id == data_ || id == listener_); }
  bool wants(io::ConnectionId id) const;
  std::optional<io::Time> deadline() const;
  void tick();

  // Events of a connection that it owns.
  void listening(const io::event::Listening& event);
  void listen_failed();
  void accepted(const io::event::Accepted& event);
  void connected();
  void connect_failed();
  void received(io::ConnectionId id, io::ByteView bytes);
  void sent(io::ConnectionId id, std::size_t bytes);
  void secured(const io::event::Secured& event);
  void tls_failed(io::ConnectionId id);
  /// `cut`: over TLS without close_notify.
  void peer_closed(io::ConnectionId id, bool cut);
  void reset(io::ConnectionId id);
  /// Carries out what is waiting; to be called after each of the above and `tick`.
  void proceed();
  /// Drops its connections with RST.
  void abandon();

 private:
  enum class State : unsigned char { closed, ready, delayed, awaiting_listener, securing, stalled };
  enum class Argument : unsigned char { none, optional, required };
  struct Command {
    std::string_view verb;
    void (Session::*carry_out)();
    Argument argument = Argument::none;
    bool before_login = false;
    bool transfers = false;  ///< over a data connection
  };
  static const Command* find_command(std::string_view verb);
  static std::span<const Command> commands();

  // the control connection
  bool may_take(std::string_view line) const;
  void take(std::string_view line);
  void follow(const Script::Play& play);
  void act(const scenario::PeerRule* rule);
  void leave_channel();
  void send_piece();
  void send_stray();
  void carry_out();
  void welcome();
  void greet();
  void send_control(std::string bytes);
  void say(std::string_view text);
  void reply(int code, std::string_view text);
  void reply(StoreError error, int code = 550);
  void hang_up();
  void forget();

  // tls_commands.cpp: what RFC 2228 and 4217 add, and how the script spoils it
  static constexpr unsigned control_side = 0, data_side = 1;
  struct Handshake {
    bool under_way = false;
    std::optional<scenario::PeerRule::Action> spoilt_by;
    std::optional<io::Time> begins_at;  ///< later than it could
  };
  io::ConnectionId connection_of(unsigned side) const { return side == control_side ? control_ : data_; }
  void authenticate();
  void buffer_size();
  void protection();
  void begin_tls(unsigned side);
  void start_tls(unsigned side);
  bool waits_for_hello(unsigned side) const;
  void spoil_tls(unsigned side);

  // login_commands.cpp: who is there, and what the server is
  void user();
  void pass();
  void account();
  void quit();
  void noop();
  void system();
  void features();
  void set_option();
  void help();
  void site();
  void superfluous();
  void not_implemented();

  // file_commands.cpp: names and what is behind them
  std::string argument_path() const;
  void print_directory();
  void change_directory();
  void change_to(const std::string& path, int code);
  void change_up();
  void make_directory();
  void remove_directory();
  void remove_file();
  void rename_from();
  void rename_to();
  void size();
  void modification_time();
  void machine_list();
  void status();

  // data_commands.cpp: how and what is transferred
  void type();
  void mode();
  void structure();
  void allocate();
  void passive();
  void extended_passive();
  void port();
  void extended_port();
  void restart();
  void retrieve();
  void store();
  void append();
  void list();
  void name_list();
  void machine_list_directory();
  void abort();
  bool may_go_to(const io::Endpoint& to);
  void receive_file(bool at_end);
  void send_listing(std::string text);

  // transfer.cpp: the data connection
  enum class Channel : unsigned char { none, listening, target, connecting, connected };
  struct Transfer {
    enum class Kind : unsigned char { none, download, listing, upload } kind = Kind::none;
    bool started = false;   ///< the data connection is there, and secured where it is to be
    bool ended = false;     ///< nothing more to send
    bool ascii = false;     ///< convert
    bool truncate = false;  ///< the upload replaces the file
    bool created = false;   ///< the upload made the file
    bool skip_cr = false;   ///< a restart between CR and LF
    std::string path;
    io::Bytes text;            ///< of a listing
    std::uint64_t offset = 0;  ///< in the file or text
    std::uint64_t passed = 0;  ///< bytes on the wire
    std::uint64_t in_flight = 0;
    std::optional<scenario::PeerCut> cut;
    std::optional<scenario::PeerStall> stall;  ///< still to come, or under way
    std::optional<io::Time> stalled_until;
    FromWire from_wire;
    io::Time give_up;
  };
  void open_listener(bool extended);
  void request_port();
  void drop_channel();
  void drop_transfer();
  Transfer& prepare(Transfer::Kind kind);
  bool has_channel();
  void begin();
  void channel_ready();
  void start();
  void pump();
  void take_data(io::ByteView bytes);
  /// Whether the script holds the transfer up now.
  bool stalled();
  bool write_upload(io::ByteView bytes);
  void end_transfer(int code, std::string_view text);
  void break_transfer(int code, std::string_view text);
  void cut_transfer();
  void keep_alive();

  House& house_;
  State state_ = State::closed;
  io::ConnectionId control_ = 0;
  io::Endpoint local_, peer_;
  ControlLines lines_;
  std::size_t unsent_ = 0;  ///< bytes of replies that have not left yet
  bool peer_done_ = false;  ///< no more commands will come
  bool greeting_ = false;   ///< what is delayed is the greeting
  bool too_many_ = false;
  bool welcomed_ = false;       ///< the greeting is out, or about to be
  bool over_tls_ = false;       ///< the control connection
  bool buffer_said_ = false;    ///< PBSZ, which PROT wants before it
  bool protect_data_ = false;   ///< PROT P
  bool end_unnoticed_ = false;  ///< the data connection is to end without close_notify
  io::Time last_heard_;
  io::Time wake_;
  std::array<Handshake, 2> handshakes_;
  std::string verb_, argument_;             ///< the command being carried out
  std::optional<scenario::PeerRule> rule_;  ///< that is followed when the delay is over
  std::vector<std::string> pieces_;         ///< of a raw answer, from `next_piece_` on still to be sent
  std::size_t next_piece_ = 0;
  io::Duration between_pieces_{};
  bool leaves_ = false;  ///< behind the last piece
  bool shut_ = false;    ///< nothing is sent on the control connection any more
  struct Stray {
    io::Time at;
    std::string text;
  };
  std::vector<Stray> strays_;  ///< replies that nobody asked for, still to come

  bool logged_in_ = false;
  std::optional<std::string> user_;
  unsigned wrong_passwords_ = 0;
  std::string cwd_ = "/";
  bool ascii_ = true;  ///< RFC 959 §4.1.2: TYPE A is the default
  std::uint64_t restart_at_ = 0;
  std::optional<std::string> rename_from_;
  Facts facts_;

  Channel channel_ = Channel::none;
  io::ConnectionId listener_ = 0, data_ = 0;
  io::Endpoint target_;
  bool data_peer_done_ = false;
  bool extended_ = false;       ///< the listener is answered by 229, not 227
  bool extended_only_ = false;  ///< after EPSV ALL
  unsigned ports_left_ = 0;     ///< of the passive range still to try
  Transfer transfer_;
};

}  // namespace atspec::ftpd
