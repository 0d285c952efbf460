// TLS by OpenSSL 3, between two memory BIOs: nothing blocks, no more than a record is copied, and the socket stays the
// network's. Each control connection has a context of its own, which its data connections share: so sessions are taken
// up again within one FTP session and nowhere else.
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <utility>

#include "harness/world/tls_layer.hpp"

namespace atspec::world {
namespace {

struct Free {
  void operator()(SSL* one) const { SSL_free(one); }
  void operator()(SSL_SESSION* one) const { SSL_SESSION_free(one); }
  void operator()(X509* one) const { X509_free(one); }
  void operator()(EVP_PKEY* one) const { EVP_PKEY_free(one); }
  void operator()(BIO* one) const { BIO_free(one); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

/// Certificates are held to this strength (OpenSSL: 112 bits, so no RSA key below 2048, no SHA-1), whatever versions of
/// TLS are allowed; those below 1.2 need the library's own level at 0.
constexpr int certificate_level = 2;

int number_of(io::TlsVersion version) {
  switch (version) {
    case io::TlsVersion::ssl30:
      return SSL3_VERSION;
    case io::TlsVersion::tls10:
      return TLS1_VERSION;
    case io::TlsVersion::tls11:
      return TLS1_1_VERSION;
    case io::TlsVersion::tls12:
      return TLS1_2_VERSION;
    case io::TlsVersion::tls13:
      return TLS1_3_VERSION;
  }
  return TLS1_2_VERSION;
}

io::TlsVersion version_of(int number) {
  for (const auto version :
       {io::TlsVersion::ssl30, io::TlsVersion::tls10, io::TlsVersion::tls11, io::TlsVersion::tls12})
    if (number == number_of(version)) return version;
  return io::TlsVersion::tls13;
}

/// The library's reason for the latest error, and nothing left of it.
std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "TLS failed" : text;
}

Owned<BIO> reader(const io::Bytes& bytes) {
  return Owned<BIO>(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

/// A phrase is never asked for: a key that is locked is none.
int no_phrase(char*, int, int, void*) { return 0; }

std::vector<Owned<X509>> certificates_in(const io::Bytes& bytes) {
  std::vector<Owned<X509>> out;
  const auto pem = reader(bytes);
  while (X509* one = PEM_read_bio_X509(pem.get(), nullptr, no_phrase, nullptr)) out.emplace_back(one);
  if (out.empty()) {
    const auto der = reader(bytes);
    if (X509* one = d2i_X509_bio(der.get(), nullptr)) out.emplace_back(one);
  }
  ERR_clear_error();
  return out;
}

Owned<EVP_PKEY> key_in(const io::Bytes& bytes) {
  const auto pem = reader(bytes);
  Owned<EVP_PKEY> out(PEM_read_bio_PrivateKey(pem.get(), nullptr, no_phrase, nullptr));
  if (!out) {
    const auto der = reader(bytes);
    out.reset(d2i_PrivateKey_bio(der.get(), nullptr));
  }
  ERR_clear_error();
  return out;
}

/// Cipher suites of TLS 1.3 are a list of their own, and a list of one kind alone rules the versions of the other out.
bool choose_suites(SSL_CTX* context, SSL* any, const std::vector<std::uint16_t>& suites) {
  std::string old_names, new_names;
  for (const auto suite : suites) {
    const std::array<unsigned char, 2> bytes{static_cast<unsigned char>(suite / 256),
                                             static_cast<unsigned char>(suite % 256)};
    const SSL_CIPHER* cipher = SSL_CIPHER_find(any, bytes.data());
    if (cipher == nullptr) continue;
    const bool is_new = std::string_view(SSL_CIPHER_get_version(cipher)) == "TLSv1.3";
    std::string& names = is_new ? new_names : old_names;
    names += (names.empty() ? "" : ":") + std::string(SSL_CIPHER_get_name(cipher));
  }
  if (old_names.empty() && new_names.empty()) return false;
  if (new_names.empty()) {
    const long most = SSL_CTX_get_max_proto_version(context);
    if (most == 0 || most > TLS1_2_VERSION) SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  } else if (SSL_CTX_set_ciphersuites(context, new_names.c_str()) != 1) {
    return false;
  }
  if (old_names.empty()) return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1;
  return SSL_CTX_set_cipher_list(context, (old_names + ":@SECLEVEL=0").c_str()) == 1;
}

/// The error says what of the settings cannot be used.
std::string prepare(SSL_CTX* context, const io::TlsSettings& settings) {
  const bool server = settings.role == io::TlsSettings::Role::server;
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_security_level(context, 0);
  if (SSL_CTX_set_min_proto_version(context, number_of(settings.least)) != 1 ||
      SSL_CTX_set_max_proto_version(context, number_of(settings.most)) != 1)
    return "a TLS version that this host does not have";
  SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
  if (!settings.suites.empty()) {
    const Owned<SSL> any(SSL_new(context));
    if (!choose_suites(context, any.get(), settings.suites)) return "a cipher suite that this host does not have";
  }
  if (settings.verify) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
    for (const auto& one : certificates_in(settings.authorities))
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get());
    X509_VERIFY_PARAM* rules = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_auth_level(rules, certificate_level);
    if (!settings.check_times) X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_NO_CHECK_TIME);
  }
  static constexpr unsigned char of_this_program[] = "atspec";
  SSL_CTX_set_session_id_context(context, of_this_program, sizeof of_this_program);
  if (settings.certificate.empty()) return server ? "a server without certificate" : "";
  const auto chain = certificates_in(settings.certificate);
  const auto key = key_in(settings.key);
  if (chain.empty() || SSL_CTX_use_certificate(context, chain.front().get()) != 1) return "the certificate is none";
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) return "the key does not belong to the certificate";
  for (std::size_t i = 1; i < chain.size(); ++i) SSL_CTX_add1_chain_cert(context, chain[i].get());
  return "";
}

class OpenSslLayer final : public TlsLayer {
 public:
  OpenSslLayer(const io::action::StartTls& how, const OpenSslLayer* origin) {
    const bool server = how.settings->role == io::TlsSettings::Role::server;
    if (origin != nullptr) {
      context_ = origin->context_;
    } else {
      context_.reset(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()), SSL_CTX_free);
      failure_ = context_ ? prepare(context_.get(), *how.settings) : reason();
      if (failure_.empty()) keep_sessions(server);
      ERR_clear_error();
    }
    if (failure_.empty()) ssl_.reset(SSL_new(context_.get()));
    if (!ssl_) {
      if (failure_.empty()) failure_ = "TLS cannot begin";
      return;
    }
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in_, -1);
    SSL_set_bio(ssl_.get(), in_, out_);  // they are the SSL's from here on
    SSL_set_app_data(ssl_.get(), this);
    if (server) {
      // a data connection takes a session up; new ones for it would only lie unread where it is closed
      if (origin != nullptr) SSL_set_num_tickets(ssl_.get(), 0);
      SSL_set_accept_state(ssl_.get());
      return;
    }
    if (!how.settings->server_name.empty()) SSL_set_tlsext_host_name(ssl_.get(), how.settings->server_name.c_str());
    if (origin != nullptr && origin->session_) {
      // a copy: OpenSSL takes a session for spent once a connection that uses it ends without close_notify
      const Owned<SSL_SESSION> copy(SSL_SESSION_dup(origin->session_.get()));
      SSL_set_session(ssl_.get(), copy.get());
    }
    SSL_set_connect_state(ssl_.get());
    go_on();
  }

  void take(io::ByteView bytes) override {
    if (!failure_.empty() || peer_closed_) return;
    BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
    go_on();
  }

  void say(io::ByteView plain) override {
    if (!secured() || !failure_.empty() || plain.empty()) return;
    ERR_clear_error();
    if (SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size())) <= 0) failure_ = reason();
    drain();
  }

  void say_close() override {
    if (!secured() || !failure_.empty()) return;
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    drain();
  }

 private:
  /// The latest session of the connection, for others to take up (RFC 8446 §4.6.1: it comes behind the handshake).
  void keep_sessions(bool server) {
    if (server) return;
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* ssl, SSL_SESSION* session) {
      static_cast<OpenSslLayer*>(SSL_get_app_data(ssl))->session_.reset(session);
      return 1;
    });
  }

  void go_on() {
    ERR_clear_error();
    if (!secured()) {
      const int done = SSL_do_handshake(ssl_.get());
      if (done != 1) {
        if (SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_READ) fail();
        return drain();
      }
      const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_.get());
      be_secured({0, version_of(SSL_version(ssl_.get())),
                  static_cast<std::uint16_t>(cipher == nullptr ? 0 : SSL_CIPHER_get_protocol_id(cipher)),
                  SSL_session_reused(ssl_.get()) == 1});
    }
    std::array<char, record_bytes> record;
    for (;;) {
      const int size = SSL_read(ssl_.get(), record.data(), static_cast<int>(record.size()));
      if (size > 0) {
        plain_.append(record.data(), static_cast<std::size_t>(size));
        continue;
      }
      const int error = SSL_get_error(ssl_.get(), size);
      if (error == SSL_ERROR_ZERO_RETURN) {
        peer_closed_ = true;
      } else if (error != SSL_ERROR_WANT_READ) {
        fail();
      }
      return drain();
    }
  }

  void fail() {
    const long verdict = SSL_get_verify_result(ssl_.get());
    failure_ = reason();
    if (verdict != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE)
      failure_ += fmt::format(": {}", X509_verify_cert_error_string(verdict));
  }

  void drain() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out_, &bytes);
    if (size > 0) wire_.append(bytes, static_cast<std::size_t>(size));
    (void)BIO_reset(out_);
  }

  std::shared_ptr<SSL_CTX> context_;
  Owned<SSL_SESSION> session_;
  Owned<SSL> ssl_;
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
};

io::Bytes written(BIO* from) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(from, &bytes);
  return size > 0 ? io::Bytes(bytes, static_cast<std::size_t>(size)) : io::Bytes();
}

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (extension == nullptr) return false;
  const bool added = X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

}  // namespace

std::unique_ptr<TlsLayer> openssl_layer(const io::action::StartTls& how, const TlsLayer* origin) {
  return std::make_unique<OpenSslLayer>(how, dynamic_cast<const OpenSslLayer*>(origin));
}

Identity make_identity(const std::string& host) {
  constexpr long hour = 3600, year = 365L * 24 * hour;
  const Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Owned<X509> certificate(X509_new());
  if (!key || !certificate) return {};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -hour);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), year);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("atspec ftpd"), -1, -1,
                             0);
  X509_set_issuer_name(certificate.get(), name);
  const bool numeric = host.find_first_not_of("0123456789.") == std::string::npos;
  const bool whole = add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE") &&
                     add_extension(certificate.get(), NID_subject_alt_name, (numeric ? "IP:" : "DNS:") + host) &&
                     X509_sign(certificate.get(), key.get(), EVP_sha256()) != 0;
  const Owned<BIO> shown(BIO_new(BIO_s_mem())), kept(BIO_new(BIO_s_mem()));
  Identity out;
  if (whole && PEM_write_bio_X509(shown.get(), certificate.get()) == 1 &&
      PEM_write_bio_PrivateKey(kept.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1)
    out = {written(shown.get()), written(kept.get())};
  ERR_clear_error();
  return out;
}

}  // namespace atspec::world
