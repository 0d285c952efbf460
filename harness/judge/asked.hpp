// For tests of the environment.
#pragma once

#include <string>
#include <string_view>

#include "harness/judge/conversation.hpp"
#include "harness/judge/environment.hpp"
#include "harness/judge/small_manual.hpp"

namespace atspec::judge {

/// What expressions yield for the exchange `number` of a trace.
struct Asked {
  static const spec::Spec& spec() {
    static const spec::Spec spec = spec_of(small_manual);
    return spec;
  }
  Index index{spec()};
  Session session;
  Control control;
  PeerFiles files;
  PeerScript script;
  Surroundings around{index, session, control, files, script};
  std::size_t number;
  States states{{{"cwd", "/"}, {"ftp", "idle"}, {"dtr", "1"}, {"cfg.rsptimeout", "90"}}};

  explicit Asked(const trace::Trace& trace, std::size_t exchange = 0)
      : session(read_session(index, trace)),
        control(read_control(trace)),
        files(session, control, index),
        script(session),
        number(exchange) {}

  bool misled() const {
    const Exchange& exchange = session.exchanges.at(number);
    const auto binding = spec::bind(*exchange.form, exchange.invocations[0]);
    return Environment(around, exchange, binding, states).misled();
  }

  std::string operator()(std::string_view expression) const {
    const Exchange& exchange = session.exchanges.at(number);
    const auto binding =
        exchange.form == nullptr ? spec::Binding() : spec::bind(*exchange.form, exchange.invocations[0]);
    const Environment environment(around, exchange, binding, states);
    return spec::to_string(spec::Expression::parse(expression).value().evaluate(environment));
  }
};

}  // namespace atspec::judge
