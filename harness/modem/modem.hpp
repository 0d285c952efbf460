// The reference modem: a V.250 command interpreter with an FTP client, file stores and PDP contexts
// behind it. Sans-I/O: bytes, network events and the time come in; actions and the next deadline come
// out. It never blocks, sleeps, opens or reads anything. One AT line, one FTP session, as the manual has it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "harness/io/bytes.hpp"
#include "harness/io/network.hpp"
#include "harness/io/time.hpp"
#include "harness/modem/config.hpp"

namespace atspec::modem {

namespace action {
/// To the DTE.
struct LineSend {
  io::Bytes bytes;
};
}  // namespace action

using Action =
    std::variant<action::LineSend, io::action::Resolve, io::action::Connect, io::action::Listen, io::action::Send,
                 io::action::StartTls, io::action::ShutdownSend, io::action::Close, io::action::Abort>;

class Modem {
 public:
  explicit Modem(Config config);
  ~Modem();
  Modem(Modem&&) noexcept;
  Modem& operator=(Modem&&) noexcept;

  /// Power-on, and restart: all that is not saved is forgotten, all connections are gone.
  void power_on(io::Time now);
  /// As it left the factory: power-on, and no file in any store.
  void factory_reset(io::Time now);

  void line_received(io::Time now, io::ByteView bytes);
  /// `bytes` of what LineSend carried have left.
  void line_sent(io::Time now, std::size_t bytes);
  void dtr(io::Time now, bool on);
  void network(io::Time now, const io::NetworkEvent& event);
  /// To be called at `deadline()` or later.
  void tick(io::Time now);

  /// What to do next; called until empty after each of the above.
  std::optional<Action> take_action();
  std::optional<io::Time> deadline() const;

  /// Flow control: whether more bytes of this connection, or of the line, may be brought now. The
  /// world asks before each read, so that a fast sender never grows the modem's memory.
  bool wants(io::ConnectionId id) const;
  bool wants_line() const;

  /// The commands the reference implements, spelled as on the wire, in alphabetical order.
  static const std::vector<std::string>& implemented();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atspec::modem
