// Part of unpinned-target: what a way back fetches is whatever stands at the address by then, and
// nothing tests it.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "analyzer/documents/prose.hpp"
#include "analyzer/documents/scripts.hpp"

namespace backout::analyzer::documents {

namespace {

/// The address that a command fetches a file from; empty for none.
std::string address_of(const Command& command) {
  if (command.name() != "curl" && command.name() != "wget") return {};
  for (std::size_t i = command.name_index() + 1; i < command.words.size(); ++i) {
    const std::string& word = command.words[i].text;
    if (word.starts_with("https://") || word.starts_with("http://")) return word;
  }
  return {};
}

bool is_artefact(std::string_view address) {
  return has_any(lower(address), {".tar", ".tgz", ".zip", ".deb", ".rpm", ".jar", ".war", ".whl",
                                  ".gem", ".bin", ".run", ".appimage", "-amd64", "-arm64", "_amd64",
                                  "-x86_64", "linux-x64", "/releases/download/"}) &&
         !has_any(lower(address), {".sig", ".asc", ".sha256", ".sha512", ".md5", "checksums"});
}

/// Where it is kept: `-o FILE`, `-O FILE`, or the name at the address.
std::string file_of(const Command& command, const std::string& address) {
  for (const char* option : {"-o", "--output", "--output-document"}) {
    if (const auto value = command.value(option)) return *value;
  }
  if (command.name() == "wget") {
    if (const auto value = command.value("-O")) return *value;
  }
  return address.substr(address.rfind('/') + 1);
}

bool names_latest(std::string_view address) {
  const std::string low = lower(address);
  return has_any(low, {"/latest/", "-latest.", "_latest.", "latest-", "/latest."}) ||
         low.ends_with("/latest");
}

bool tests_sums(std::string_view low) {
  return has_any(low, {"sha256", "sha512", "shasum", "md5", "checksum", "gpg ", "cosign",
                       "minisign", "signature", "openssl dgst", "attestation", "b2sum", "digest"});
}

/// The shell that runs what comes down the pipe; nullptr for none.
const Command* run_by(const Block& block, std::size_t index) {
  const auto& commands = block.script.commands;
  if (commands[index].context.pipe_length < 2) return nullptr;
  for (std::size_t i = index + 1; i < commands.size() && commands[i].context.pipe_position > 0;
       ++i) {
    static constexpr std::string_view kRun[] = {"bash",    "sh",   "zsh", "python",
                                                "python3", "node", "perl"};
    if (std::ranges::find(kRun, commands[i].name()) != std::end(kRun)) return &commands[i];
  }
  return nullptr;
}

bool is_way_back(const DocumentFacts& facts, const Block& block) {
  if (!is_followed(facts, block) || section_says(facts.document, block.section, {"prereq"}) ||
      section_says_word(facts.document, block.section,
                        {"install", "installation", "setup", "tools", "cli"}))
    return false;
  if (begins_word(lower(block.lead + " " + block.item), {"install"})) return false;
  if (facts.document.is_script)
    return names_rollback(facts) || has(file_name_of(facts), "downgrade");
  return (facts.document.role(block.section) == Role::rollback || is_titled_rollback(facts)) &&
         leads_back(facts, block.section);
}

void report_untested(const Command& command, const std::string& file, Findings& found) {
  add_once(found,
           finding(model::Severity::warning, command.span,
                   fmt::format("nothing tests that '{}' is whole and is the one that was released, "
                               "before it takes the place of what runs",
                               file),
                   "keep its checksum with the release, and `sha256sum -c` before it is unpacked"));
}

}  // namespace

void look_at_downloads(const DocumentFacts& facts, const Block& block, Findings& found) {
  static const std::set<std::string_view> kTake = {"tar", "unzip",   "dpkg",  "rpm",
                                                   "apt", "apt-get", "chmod", "install",
                                                   "mv",  "cp",      "java",  "pip"};
  if (!is_way_back(facts, block)) return;
  const auto& commands = block.script.commands;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const Command& command = commands[i];
    const std::string address = address_of(command);
    if (address.empty() || command.context.substitution) continue;
    if (const Command* shell = run_by(block, i); shell != nullptr) {
      const std::string given = shell->line() + " " + command.line();
      const bool chosen =
          has_any(given, {"VERSION", "--version", " -s "}) ||
          std::ranges::any_of(address, [](char c) { return c >= '0' && c <= '9'; }) ||
          !shell->environment.empty();
      if (chosen) continue;
      add_once(found, finding(model::Severity::warning, command.span,
                              fmt::format("'{}' is run as it comes: whichever version it brings by "
                                          "then, or half of it when the line breaks",
                                          address),
                              "fetch the script of the version that served before, look at its "
                              "checksum, and run it then"));
      continue;
    }
    if (!is_artefact(address) && !names_latest(address)) continue;
    if (names_latest(address)) {
      add_once(found,
               finding(model::Severity::error, command.span,
                       fmt::format("'{}' is whichever was released last, most likely what is sick",
                                   address),
                       "the address of the version that served before, with its checksum"));
      continue;
    }
    const std::string file = file_of(command, address);
    const bool used =
        std::any_of(commands.begin() + static_cast<std::ptrdiff_t>(i) + 1, commands.end(),
                    [&](const Command& each) {
                      return kTake.contains(each.name()) && !file.empty() && has(each.line(), file);
                    });
    const std::uint32_t unit = facts.document.procedure_of(block.section);
    const bool tested =
        tests_sums(lower(block.content.text)) || any_text(facts.document, unit, tests_sums);
    if (used && !tested) report_untested(command, file, found);
  }
}

}  // namespace backout::analyzer::documents
