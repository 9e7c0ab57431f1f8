// e-agency serve: the agency's web server. e-agency fill-in: its form, without a browser. e-agency submit:
// sends a signed application in, and keeps the receipt.
#include <CLI/CLI.hpp>
#include <iostream>

#include "agency.hpp"
#include "base/file.hpp"
#include "base/hex.hpp"
#include "web/client.hpp"

namespace {

namespace web = jpki::web;
namespace service = jpki::service;

struct Options {
  std::string authorities, lists, post, post_key, inbox, certificate, key, address = "127.0.0.1";
  int port = 0;
  std::string url, file, tls_ca, out;
};

service::Instant now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

int serve(const Options& options) {
  auto post = service::KeyFile::read(options.post, options.post_key);
  if (!post) throw std::runtime_error("the post certificate and its key cannot be read, or are not a pair");
  const agency::Office office{{options.authorities, options.lists}, std::move(*post), options.inbox, now};
  web::Site site = agency::site_of(office);
  site.certificate = options.certificate, site.key = options.key;
  site.hosts = {"localhost", "127.0.0.1"};
  std::mutex mutex;
  site.log = [&](const std::string& line) {
    const std::lock_guard lock(mutex);
    std::cout << line << std::endl;
  };
  web::hold_signals();
  web::Server server(std::move(site));
  web::serve_until_told(server, options.address, options.port, [](int port) {
    std::cout << "agency: https://localhost:" << port << '/' << std::endl;
  });
  return 0;
}

// application/x-www-form-urlencoded (WHATWG URL, 5.2), every byte but letters and digits by its number.
std::string encoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += plain ? std::string(1, c) : '%' + jpki::to_hex(jpki::bytes_of({&c, 1}));
  }
  return out;
}

// Sends, and keeps the answer.
int exchange(const Options& options, const std::string& type, jpki::ByteView body) {
  const auto address = web::Address::of(options.url);
  if (!address) throw std::runtime_error("no https address");
  const auto answer = web::post({*address, options.tls_ca, "ja"}, type, body);
  if (answer.status != 200) {
    std::cerr << "refused: " << jpki::text_of(answer.body);
    return 1;
  }
  jpki::create_file(options.out, answer.body);
  std::cout << options.out << '\n';
  return 0;
}

int submit(const Options& options) {
  const auto file = jpki::read_file(options.file);
  if (!file) throw std::runtime_error(options.file + " cannot be read");
  return exchange(options, "application/pkcs7-mime", *file);
}

int fill_in(const Options& options) {
  std::string name, address;
  if (!std::getline(std::cin, name) || !std::getline(std::cin, address))
    throw std::runtime_error("name and address are needed, a line each");
  const std::string form = "name=" + encoded(name) + "&address=" + encoded(address);
  return exchange(options, "application/x-www-form-urlencoded", jpki::bytes_of(form));
}

void add_serve(CLI::App& app, Options& options) {
  auto& verb = *app.add_subcommand("serve", "take applications, on this machine alone");
  verb.add_option("--ca", options.authorities,
                  "CAs that citizens' certificates come from: a file or a folder")
      ->required();
  verb.add_option("--crl", options.lists,
                  "their revocation lists: a file or a folder, read at each application")
      ->required();
  verb.add_option("--post", options.post, "the post certificate (PEM), which signs the receipts")->required();
  verb.add_option("--post-key", options.post_key, "its RSA key (PEM)")->required();
  verb.add_option("--inbox", options.inbox, "the folder that applications are kept in")
      ->required()
      ->check(CLI::ExistingDirectory);
  verb.add_option("--certificate", options.certificate, "the web server's certificate chain (PEM)")
      ->required();
  verb.add_option("--key", options.key, "its key (PEM)")->required();
  verb.add_option("--address", options.address, "where it listens: 127.0.0.1, another of 127.0.0.0/8, or ::1")
      ->capture_default_str();
  verb.add_option("--port", options.port, "0: any that is free")->capture_default_str();
}

void add_exchange(CLI::App& verb, Options& options) {
  verb.add_option("--tls-ca", options.tls_ca, "CAs that vouch for the server (PEM; default: the system's)");
  verb.add_option("--out", options.out, "the file for the answer, which must not be there yet")->required();
}

void add_submit(CLI::App& app, Options& options) {
  auto& verb = *app.add_subcommand("submit", "send a signed application in, and keep the receipt");
  verb.add_option("URL", options.url, "https://localhost:PORT/submit")->required();
  verb.add_option("FILE", options.file, "what jpki sign --format embedded has made")->required();
  add_exchange(verb, options);
}

void add_fill_in(CLI::App& app, Options& options) {
  auto& verb = *app.add_subcommand(
      "fill-in", "the form without a browser: name and address from standard input, a line each");
  verb.add_option("URL", options.url, "https://localhost:PORT/application")->required();
  add_exchange(verb, options);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("An agency that takes applications signed with JPKI cards: an example.", "e-agency");
  app.require_subcommand(1);
  Options options;
  add_serve(app, options);
  add_fill_in(app, options);
  add_submit(app, options);
  CLI11_PARSE(app, argc, argv);
  try {
    if (app.got_subcommand("serve")) return serve(options);
    return app.got_subcommand("fill-in") ? fill_in(options) : submit(options);
  } catch (const std::exception& error) {
    std::cerr << "e-agency: " << error.what() << '\n';
    return 1;
  }
}
