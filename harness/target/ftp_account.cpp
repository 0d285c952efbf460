#include "harness/target/ftp_account.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace atspec::target {
namespace {

constexpr long connect_seconds = 15, answer_seconds = 30;
// of a file that the device is still writing, some servers (vsftpd) hold back every byte
constexpr long first_byte_seconds = 5;

struct FreeUrl {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::optional<std::string> part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK || text == nullptr) return std::nullopt;
  std::string out(text);
  curl_free(text);
  return out;
}

void initialise() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)once;
}

/// An FTP command is a line (RFC 959 §5.3.1): what would break it never gets that far.
bool fits_a_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

std::expected<Account, std::string> parse_account(const std::string& text) {
  initialise();
  const auto wrong = [](const std::string& what) {
    // the text may hold a password: it is not repeated
    return std::unexpected("--ftp: " + what + "; want ftp://user:password@host:port/ (or ftps://, ftpes://)");
  };
  const std::unique_ptr<CURLU, FreeUrl> url(curl_url());
  Account account;
  const auto colon = std::min(text.find("://"), text.size());
  const auto scheme = text.substr(0, colon);
  if (scheme == "ftps") {
    account.security = Account::Security::implicit_tls;
    account.port = 990;  // IANA: ftps
  } else if (scheme == "ftpes") {
    account.security = Account::Security::explicit_tls;
  } else if (scheme != "ftp") {
    return wrong("not an ftp:// URL");
  }
  if (const auto bad = curl_url_set(url.get(), CURLUPART_URL, ("ftp" + text.substr(colon)).c_str(), CURLU_PATH_AS_IS);
      bad != CURLUE_OK)
    return wrong(curl_url_strerror(bad));
  account.host = part(url.get(), CURLUPART_HOST).value_or("");
  if (account.host.starts_with('[')) account.host = account.host.substr(1, account.host.size() - 2);
  if (account.host.empty()) return wrong("no host");
  if (const auto port = part(url.get(), CURLUPART_PORT)) account.port = static_cast<std::uint16_t>(std::stoul(*port));
  if (auto user = part(url.get(), CURLUPART_USER, CURLU_URLDECODE)) account.user = *std::move(user);
  if (auto password = part(url.get(), CURLUPART_PASSWORD, CURLU_URLDECODE)) account.password = *std::move(password);
  auto path = part(url.get(), CURLUPART_PATH, CURLU_URLDECODE).value_or("/");
  account.path = path.substr(std::min<std::size_t>(path.size(), 1));
  if (!fits_a_line(account.user) || !fits_a_line(account.password) || !fits_a_line(account.path))
    return wrong("control characters");
  return account;
}

struct FtpAccount::Impl {
  explicit Impl(Account of) : account(std::move(of)) {
    initialise();
    easy.reset(curl_easy_init());
    multi.reset(curl_multi_init());
  }

  /// Forgets the last request, keeps the connection.
  CURL* prepare(const std::string& path, bool folder) {
    CURL* curl = easy.get();
    curl_easy_reset(curl);
    error[0] = '\0';
    set(CURLOPT_URL, url_of(path, folder).c_str());
    set(CURLOPT_USERNAME, account.user.c_str());
    set(CURLOPT_PASSWORD, account.password.c_str());
    set(CURLOPT_PROTOCOLS_STR, implicit() ? "ftps" : "ftp");
    if (account.security != Account::Security::none) {
      // whose server it is, the one who gave its URL knows; what is looked at here is the device
      set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
      set(CURLOPT_SSL_VERIFYPEER, 0L);
      set(CURLOPT_SSL_VERIFYHOST, 0L);
      // TLS 1.3 has the server send session tickets behind the handshake. libcurl 7.88 closes the data connection of an
      // upload without waiting for them, TCP resets it for that, and of a large file one time in ten vsftpd loses the
      // end (426). The family's AT+QSSLCFG goes up to TLS 1.2 as well.
      set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_MAX_TLSv1_2));
    }
    set(CURLOPT_PROXY, "");  // the device does not go through one either
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_ERRORBUFFER, error);
    set(CURLOPT_CONNECTTIMEOUT, connect_seconds);
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, answer_seconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, answer_seconds);
    set(CURLOPT_PATH_AS_IS, 1L);
    // from the login directory, in one step
    set(CURLOPT_FTP_FILEMETHOD, static_cast<long>(CURLFTPMETHOD_SINGLECWD));
    return curl;
  }

  bool implicit() const { return account.security == Account::Security::implicit_tls; }

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy.get(), option, value);
  }

  std::string url_of(const std::string& path, bool folder) const {
    const bool v6 = account.host.find(':') != std::string::npos;
    std::string url = fmt::format("{}://{}{}{}:{}/", implicit() ? "ftps" : "ftp", v6 ? "[" : "", account.host,
                                  v6 ? "]" : "", account.port);
    std::string_view left = path;
    while (left.starts_with('/')) left.remove_prefix(1);
    while (!left.empty()) {
      const std::string_view segment = left.substr(0, left.find('/'));
      left.remove_prefix(std::min(left.size(), segment.size() + 1));
      char* escaped = curl_easy_escape(easy.get(), segment.data(), static_cast<int>(segment.size()));
      if (escaped != nullptr) url += escaped;
      curl_free(escaped);
      if (!left.empty() || folder) url += '/';
    }
    return url;
  }

  /// curl_easy_perform of libcurl 7.88 may sleep a whole second behind the answer to EPSV, because nothing wakes it:
  /// here it is asked again after some milliseconds.
  CURLcode carry_out() {
    constexpr int nap_ms = 5;
    curl_multi_add_handle(multi.get(), easy.get());
    CURLcode code = CURLE_OK;
    for (int running = 1; running > 0;) {
      if (curl_multi_perform(multi.get(), &running) != CURLM_OK) {
        code = CURLE_FAILED_INIT;
        break;
      }
      if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, nap_ms, nullptr);
    }
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
      if (message->msg == CURLMSG_DONE) code = message->data.result;
    }
    curl_multi_remove_handle(multi.get(), easy.get());
    return code;
  }

  std::expected<void, Failure> perform() {
    const CURLcode code = carry_out();
    const bool lost = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING;
    dropped = lost && stands;
    stands = !lost;
    if (code == CURLE_OK) return {};
    Failure failure{Failure::Kind::refused, fmt::format("{}:{}: {}", account.host, account.port,
                                                        error[0] != '\0' ? error : curl_easy_strerror(code))};
    switch (code) {
      case CURLE_LOGIN_DENIED:
        failure.kind = Failure::Kind::refused_login;
        break;
      case CURLE_COULDNT_RESOLVE_HOST:
      case CURLE_COULDNT_CONNECT:
      case CURLE_OPERATION_TIMEDOUT:
      case CURLE_WEIRD_SERVER_REPLY:
      case CURLE_FTP_ACCEPT_TIMEOUT:
      case CURLE_GOT_NOTHING:
      case CURLE_SEND_ERROR:
      case CURLE_RECV_ERROR:
        failure.kind = Failure::Kind::unreachable;
        break;
      default:
        break;
    }
    return std::unexpected(std::move(failure));
  }

  /// What the server sends for the request that was prepared.
  std::expected<io::Bytes, Failure> fetch() {
    io::Bytes content;
    const curl_write_callback take = [](char* bytes, std::size_t size, std::size_t count, void* to) -> std::size_t {
      auto& out = *static_cast<io::Bytes*>(to);
      if (out.size() + size * count > largest_download) return 0;
      out.append(bytes, size * count);
      return size * count;
    };
    set(CURLOPT_WRITEFUNCTION, take);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&content));
    auto done = perform();
    if (dropped) {
      content.clear();
      done = perform();
    }
    if (!done) return std::unexpected(done.error());
    return content;
  }

  std::expected<std::vector<FtpEntry>, Failure> understood(
      std::expected<std::vector<FtpEntry>, std::string> listing) const {
    if (listing) return *std::move(listing);
    return std::unexpected(
        Failure{Failure::Kind::refused, fmt::format("{}:{}: {}", account.host, account.port, listing.error())});
  }

  std::expected<void, Failure> command(const std::string& line) {
    if (!fits_a_line(line)) return std::unexpected(Failure{Failure::Kind::refused, "a name with a line break"});
    prepare("/", true);
    const std::unique_ptr<curl_slist, FreeList> lines(curl_slist_append(nullptr, line.c_str()));
    set(CURLOPT_QUOTE, lines.get());
    set(CURLOPT_NOBODY, 1L);
    const auto done = perform();
    return dropped ? perform() : done;
  }

  Account account;
  std::unique_ptr<CURLM, FreeMulti> multi;  ///< holds the connections
  std::unique_ptr<CURL, FreeEasy> easy;
  char error[CURL_ERROR_SIZE] = {};
  bool no_mlsd = false;
  // A server may drop a connection between two requests, of its own accord or when it is restarted. What was asked
  // over one that stood from before is asked once more, on a new one.
  bool stands = false;   ///< as far as the last request showed
  bool dropped = false;  ///< by the last request
};

FtpAccount::FtpAccount(Account account) : impl_(std::make_unique<Impl>(std::move(account))) {}
FtpAccount::~FtpAccount() = default;

std::expected<std::string, FtpAccount::Failure> FtpAccount::login_directory() {
  CURL* curl = impl_->prepare("/", true);
  impl_->set(CURLOPT_NOBODY, 1L);
  if (auto done = impl_->perform(); !done) return std::unexpected(done.error());
  const char* path = nullptr;
  curl_easy_getinfo(curl, CURLINFO_FTP_ENTRY_PATH, &path);
  return std::string(path == nullptr ? "/" : path);
}

std::expected<std::vector<FtpEntry>, FtpAccount::Failure> FtpAccount::list(const std::string& directory) {
  // MLSD shows hidden files too and is made for machines, but half of the servers lack it; LIST is what all have
  if (!impl_->no_mlsd) {
    impl_->prepare(directory, true);
    impl_->set(CURLOPT_CUSTOMREQUEST, "MLSD");
    auto text = impl_->fetch();
    if (text) return impl_->understood(parse_mlsd(*text));
    long code = 0;
    curl_easy_getinfo(impl_->easy.get(), CURLINFO_RESPONSE_CODE, &code);
    const bool unknown_command = code == 500 || code == 502 || code == 504;  // RFC 959 §4.2.2
    if (!unknown_command) return std::unexpected(text.error());
    impl_->no_mlsd = true;
  }
  impl_->prepare(directory, true);
  const auto text = impl_->fetch();
  if (!text) return std::unexpected(text.error());
  return impl_->understood(parse_list(*text));
}

bool FtpAccount::lacks_mlsd() const { return impl_->no_mlsd; }

std::expected<io::Bytes, FtpAccount::Failure> FtpAccount::download(const std::string& file) {
  impl_->prepare(file, false);
  impl_->set(CURLOPT_SERVER_RESPONSE_TIMEOUT, first_byte_seconds);
  impl_->set(CURLOPT_LOW_SPEED_TIME, first_byte_seconds);
  return impl_->fetch();
}

std::expected<void, FtpAccount::Failure> FtpAccount::upload(const std::string& file, io::ByteView content) {
  impl_->prepare(file, false);
  const curl_read_callback give = [](char* to, std::size_t size, std::size_t count, void* from) -> std::size_t {
    auto& left = *static_cast<io::ByteView*>(from);
    const std::size_t some = std::min(left.size(), size * count);
    std::memcpy(to, left.data(), some);
    left.remove_prefix(some);
    return some;
  };
  impl_->set(CURLOPT_UPLOAD, 1L);
  impl_->set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(content.size()));
  impl_->set(CURLOPT_READFUNCTION, give);
  impl_->set(CURLOPT_READDATA, static_cast<void*>(&content));
  return impl_->perform();
}

std::expected<void, FtpAccount::Failure> FtpAccount::make_directory(const std::string& directory) {
  return impl_->command("MKD " + directory);
}

std::expected<void, FtpAccount::Failure> FtpAccount::remove(const std::string& path, bool directory) {
  return impl_->command((directory ? "RMD " : "DELE ") + path);
}

}  // namespace atspec::target
