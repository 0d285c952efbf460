// The modem's inside: what Modem (modem.hpp) hides. Commands are a table of names and member functions; those
// of the FTP family are in ftp_commands.cpp, data mode in data_mode.cpp, the others in basic_commands.cpp.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "harness/modem/arguments.hpp"
#include "harness/modem/command_line.hpp"
#include "harness/modem/ftp_client.hpp"
#include "harness/modem/modem.hpp"
#include "harness/modem/output.hpp"
#include "harness/modem/store.hpp"

namespace atspec::modem {

/// How a command ended as far as its line is concerned.
struct Ended {
  enum class How { ok, error, cme, later } how = How::ok;
  std::string code;  ///< cme: name of the result code
  static Ended ok() { return {}; }
  static Ended error() { return {How::error, {}}; }
  static Ended cme(std::string code) { return {How::cme, std::move(code)}; }
  /// The final result follows by itself (CONNECT, data mode, OK).
  static Ended later() { return {How::later, {}}; }
};

struct Modem::Impl final : FtpClient::Owner {
  explicit Impl(Config config);

  void power_on(io::Time now);
  /// The modem by itself: what it was about to say is still said, and its connections are closed.
  void restart(io::Time now);
  void received(io::Time now, io::ByteView bytes);
  void dtr_changed(io::Time now, bool on);
  void tick(io::Time now);
  std::optional<io::Time> deadline() const;
  std::optional<Action> take_action();

  // --- interpreter.cpp
  using Handler = Ended (Impl::*)(io::Time now, const Command& command);
  static const std::map<std::string, Handler, std::less<>>& table();
  void command_byte(io::Time now, char byte);
  void execute_line(io::Time now, const std::string& line);
  void run_commands(io::Time now);
  void run_queue(io::Time now);
  /// What stood behind a command that answered by itself.
  void run_commands_behind(io::Time now);
  void finish_line(io::Time now, const Ended& ended, const std::string& command);
  void refuse(io::Time now, const std::string& command, std::int64_t number, std::string words);
  std::int64_t code(std::string_view name) const;
  std::int64_t state(std::string_view name) const;
  const std::string& text_state(std::string_view name) const;
  void set_state(std::string_view name, std::string value);
  io::Duration time(const char* name, io::Duration otherwise) const;
  /// A check a fault leaves out.
  bool lax(const char* check) const { return config.fault(std::string("lax.") + check) != nullptr; }
  /// A setting as operations use it, which a fault may keep from being what queries show.
  std::int64_t in_force(std::string_view name) const;
  Ended obey(io::Time now, const Command& command);

  // --- basic_commands.cpp
  Ended echo(io::Time now, const Command& command);
  Ended verbose(io::Time now, const Command& command);
  Ended quiet(io::Time now, const Command& command);
  Ended identify(io::Time now, const Command& command);
  Ended dtr_behaviour(io::Time now, const Command& command);
  Ended defaults(io::Time now, const Command& command);
  Ended online(io::Time now, const Command& command);
  Ended cmee(io::Time now, const Command& command);
  Ended model(io::Time now, const Command& command);
  Ended revision(io::Time now, const Command& command);
  Ended cfun(io::Time now, const Command& command);

  // --- network_commands.cpp
  Ended cpin(io::Time now, const Command& command);
  Ended cgatt(io::Time now, const Command& command);
  Ended cgreg(io::Time now, const Command& command);
  Ended cgact(io::Time now, const Command& command);
  Ended quality(io::Time now, const Command& command);
  Ended qicsgp(io::Time now, const Command& command);
  Ended qiact(io::Time now, const Command& command);
  Ended qideact(io::Time now, const Command& command);
  bool can_activate() const;
  void deactivate(io::Time now, int id);
  void detach(io::Time now);
  void end_pause();

  // --- file_commands.cpp
  struct Intake;
  struct OpenFile;
  Ended qfupl(io::Time now, const Command& command);
  Ended qfdwl(io::Time now, const Command& command);
  Ended qflst(io::Time now, const Command& command);
  Ended qfdel(io::Time now, const Command& command);
  Ended qflds(io::Time now, const Command& command);
  Ended qfopen(io::Time now, const Command& command);
  Ended qfread(io::Time now, const Command& command);
  Ended qfwrite(io::Time now, const Command& command);
  Ended qfseek(io::Time now, const Command& command);
  Ended qfposition(io::Time now, const Command& command);
  Ended qfclose(io::Time now, const Command& command);
  void begin_intake(io::Time now, Intake what);
  void take_in(io::Time now, io::ByteView& bytes);
  void end_intake(io::Time now);
  bool has_room(const std::string& path, std::uint64_t more) const;
  bool in_transfer(std::string_view path) const;
  /// Null where the handle is none, or its file was deleted.
  OpenFile* open_file(std::int64_t handle);

  // --- ftp_commands.cpp
  Ended qftpcfg(io::Time now, const Command& command);
  Ended qftpopen(io::Time now, const Command& command);
  Ended qftpclose(io::Time now, const Command& command);
  Ended qftpcwd(io::Time now, const Command& command);
  Ended qftppwd(io::Time now, const Command& command);
  Ended qftpsize(io::Time now, const Command& command);
  Ended qftpdel(io::Time now, const Command& command);
  Ended qftpmkdir(io::Time now, const Command& command);
  Ended qftprmdir(io::Time now, const Command& command);
  Ended qftpmdtm(io::Time now, const Command& command);
  Ended qftprename(io::Time now, const Command& command);
  Ended qftpput(io::Time now, const Command& command);
  Ended qftpget(io::Time now, const Command& command);
  Ended qftplist(io::Time now, const Command& command);
  Ended qftplen(io::Time now, const Command& command);
  Ended download(io::Time now, const Command& command, FtpClient::Transfer transfer, const std::string& local,
                 FtpClient::Settings with);
  Ended qftpstat(io::Time now, const Command& command);
  Ended test_form(io::Time now, const Command& command);
  /// A command with one path, which goes to the server behind `verb`; `typed`: see FtpClient::command.
  Ended ask_about(io::Time now, const Command& command, const char* parameter, const char* verb, bool typed = false);
  Ended accept(io::Time now, const Command& command);
  bool session_lost();
  /// Whether a session is there and free; else what the command is answered with.
  std::optional<Ended> session_refusal();
  FtpClient::Settings settings(io::Duration limit) const;
  FtpClient::Settings settings() const;
  void urc(io::Time now, const std::string& values);
  std::int64_t error_code(const FtpOutcome& outcome) const;

  // --- ssl_commands.cpp
  Ended qsslcfg(io::Time now, const Command& command);
  std::string ssl_state(std::int64_t context, std::string_view keyword) const;
  /// TLS as the context that was chosen wants it; `host`: what the server is called.
  io::TlsSettingsPtr tls_settings(const std::string& host) const;

  // --- data_mode.cpp
  void transfer_begins(io::Time now) override;
  void downloaded(io::Time now, io::ByteView bytes) override;
  void operation_ended(io::Time now, const FtpOutcome& outcome) override;
  /// CONNECT, as late as lets an LF behind the CR of its command line come before.
  void connect(io::Time now, std::string_view command);
  void enter_data_mode(io::Time now);
  void leave_data_mode(io::Time now);
  void data_byte(io::Time now, char byte);
  void data_bytes(io::Time now, io::ByteView bytes);
  io::Duration guard(const char* side) const;
  unsigned escape_length() const;
  io::Bytes spoilt(const std::string& channel, io::ByteView bytes, std::uint64_t offset) const;
  void flush_pluses(io::Time now);
  void escaped(io::Time now);
  void end_segment(io::Time now);
  void feed_from_store(io::Time now);
  void report_end(io::Time now, const FtpOutcome& outcome);

  Config config;
  io::Time seen{};    ///< when anything was heard of the world last
  bool dead = false;  ///< hung, until a restart
  Output output;
  LineEditor editor;
  Store store;
  std::deque<Action> actions;
  FtpClient ftp;
  std::map<std::string, std::string, std::less<>> states;

  std::deque<Command> queue;  ///< of the line under way
  unsigned running = 0;       ///< its commands are being carried out
  std::string last_line;      ///< for A/
  bool slash = false;         ///< "A" came first on the line
  std::string line_start;
  std::int64_t line_bytes = 0;

  struct Context {
    std::string apn;
    bool active = false;  ///< by +QIACT
    bool held = false;    ///< by +CGACT
  };
  std::map<int, Context> contexts;
  int session_context = 0;                                      ///< the one the latest session was opened on
  std::map<std::string, std::map<int, std::string>> qualities;  ///< by command, by context
  bool attached = true;
  int function = 1;              ///< +CFUN
  int registration_reports = 0;  ///< +CGREG

  std::uint64_t transferred = 0;  ///< by the latest transfer; by all since the login under A36.lenient
  void count_transfer(std::uint64_t bytes) { transferred = bytes + (config.plays("A36.lenient") ? transferred : 0); }

  // the operation whose completion URC is owed
  struct Operation {
    std::string command;  ///< "+QFTPSIZE"; empty: none
    bool com = false;     ///< its data is on the COM port
    bool upload = false;
    std::string local;  ///< other local file
    std::string path;   ///< on the server
    std::optional<std::uint64_t> upload_length;
    bool last_segment = true;
    std::uint64_t moved = 0;
    std::size_t offset = 0;  ///< into the local file
    bool answered = false;   ///< the final result of the line was given
    bool store_failed = false;
  } operation;

  enum class Data { none, upload, download, file } data = Data::none;
  bool paused = false;  ///< a download left with +++, ATO goes on
  io::Bytes held_back;  ///< that came while paused
  /// Command and line of URCs that must not come between the bytes of a file taken in, nor before the final result of
  /// the command line that is carried out.
  std::vector<std::pair<std::string, std::string>> waiting_urcs;
  std::optional<FtpOutcome> held_outcome;
  io::Time last_byte{};
  unsigned pluses = 0;
  io::Time first_plus{}, last_plus{};
  io::Time line_at{};          ///< when the latest command line was complete
  bool lf_may_follow = false;  ///< its CR: data mode began, and no byte came since
  std::size_t line_backlog = 0;

  /// Bytes of the host for a file: +QFUPL, and +QFWRITE, which has a handle.
  struct Intake {
    std::string command;  ///< empty: none is under way
    std::string path;
    std::optional<std::int64_t> handle = {};
    std::uint64_t offset = 0;  ///< in the file, of the next byte
    std::uint64_t left = 0, taken = 0;
    std::uint16_t checksum = 0;
    bool acknowledge = false;
    io::Duration timeout{};  ///< between two bytes
    std::optional<io::Time> deadline = {};
  } intake;
  struct OpenFile {
    std::string path;
    std::int64_t mode = 0;
    std::uint64_t position = 0;
  };
  std::map<std::int64_t, OpenFile> open_files;  ///< by handle
};

}  // namespace atspec::modem
