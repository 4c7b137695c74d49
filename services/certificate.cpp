// A certificate and its key.
//
// What the real thing does: a revoked certificate does not come back; one that has expired is
// accepted by nobody, so that going back to it restores nothing (O2 and Ericsson 2018-12-06:
// certificates inside of the software); `expires` says when one ends, and `way-back-expires` holds
// that against the deploy and the path. Pinned clients accept the key that they know only. Sources:
// RFC 5280 3.3, CA/Browser Forum Baseline Requirements 4.9.1 (revocation). What this fake leaves
// out: chains, OCSP, names.
//
// Facts: current; revoked.<serial>, expired.<serial>.
#include <fmt/format.h>

#include "services/amend.hpp"
#include "services/row_kind.hpp"
#include "services/validity.hpp"

namespace backout::services {

using model::ValueType;

namespace {

constexpr TextArg kCertificateSerial = TextArg("serial", "Which one.").required();

Outcome install(const Call& call) {
  const std::string serial = call.arg(kCertificateSerial);
  if (serial == "unknown") return Outcome::opaque("which certificate it is, the plan does not say");
  if (call.now.has("revoked." + serial))
    return Outcome::refused(fmt::format("certificate has been revoked: {}", serial));
  if (call.now.has("expired." + serial))
    return Outcome::refused(fmt::format("certificate has expired: {}", serial));
  return call.becomes(call.now.with("current", serial));
}

KindRow certificate_row() {
  KindRow row;
  row.name = "certificate";
  row.help = "A certificate and its key.";
  row.fields = {
      field("current", ValueType::string, "The one that is served before the deploy.", true),
      field("expired", ValueType::strings,
            "Those that have expired, or will have by the time of a rollback."),
      expires_field(), field("provider", ValueType::string, "Who issues it.")};
  row.verbs = {
      {{"install", {kCertificateSerial}, "Serves a certificate, a new or an older one."},
       install,
       [](const Call& call) {
         const std::string& was = call.now.get("current");
         if (call.now.has("expired." + was) || call.now.has("revoked." + was))
           return no_undo(fmt::format("'{}' is not valid any more", was));
         return call.back("install", {{kCertificateSerial.name(), was}});
       },
       no_traits},
      {{"revoke", {kCertificateSerial}, "Revokes a certificate for good."},
       [](const Call& call) {
         return call.becomes(call.now.with("revoked." + call.arg(kCertificateSerial), "true"));
       },
       [](const Call& call) {
         return call.now.has("revoked." + call.arg(kCertificateSerial))
                    ? nothing_to_undo()
                    : no_undo("a revoked certificate stays revoked");
       },
       [](const Context&, const Action& action, Traits& traits) {
         traits.irrevocable =
             fmt::format("the revocation of '{}'", kCertificateSerial.in(action.args));
       }}};
  row.aliases = {"tls"};
  row.incidental = {"expired"};
  row.initial = [](const Context& context, ServiceIndex self,
                   std::vector<model::Mistake>& mistakes) {
    const model::Service& service = context.plan().services[self];
    check_expires(service, mistakes);
    Amended record = Record().with("current", service.fields.text("current"));
    for (const std::string& each : service.fields.strings("expired"))
      record.with("expired." + each, "true");
    return record;
  };
  return row;
}

}  // namespace

const Kind& kind_certificate() {
  static const std::unique_ptr<const Kind> kKind = make_kind(certificate_row());
  return *kKind;
}

}  // namespace backout::services
