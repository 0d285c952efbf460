// TLS as a machine asks for it: which versions, whose certificates. The machine never sees a record or a key being
// used; the world it lives in carries it out, with OpenSSL on sockets and with a stand-in in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/io/bytes.hpp"

namespace atspec::io {

/// In their order of age, so that they compare.
enum class TlsVersion : std::uint8_t { ssl30, tls10, tls11, tls12, tls13 };

/// Certificates and keys are PEM (several may stand one after the other) or a single one in DER.
struct TlsSettings {
  enum class Role : std::uint8_t { client, server } role = Role::client;
  TlsVersion least = TlsVersion::tls10, most = TlsVersion::tls13;
  std::vector<std::uint16_t> suites;  ///< by their IANA numbers; empty: all there are
  bool verify = false;                ///< the other side must show a certificate that `authorities` vouch for
  bool check_times = true;            ///< certificates that are not valid now are none
  Bytes authorities;                  ///< certificates that are trusted
  Bytes certificate;                  ///< one's own, with what is between it and its authority; a server needs one
  Bytes key;                          ///< of `certificate`
  std::string server_name;            ///< of a client: said to the server (SNI, RFC 6066 §3); empty: nothing is said
};
using TlsSettingsPtr = std::shared_ptr<const TlsSettings>;

}  // namespace atspec::io
