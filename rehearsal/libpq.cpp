#include "rehearsal/libpq.hpp"

#include <dlfcn.h>

namespace backout::rehearsal {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

tl::expected<Libpq, std::string> load() {
  void* library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return tl::unexpected(
        std::string("PostgreSQL's client library libpq.so.5 is not installed (Debian: libpq5)"));
  Libpq api{};
  const bool whole =
      find(library, "PQconninfoParse", api.conninfo_parse) &&
      find(library, "PQconninfoFree", api.conninfo_free) &&
      find(library, "PQfreemem", api.freemem) && find(library, "PQconnectdbParams", api.connect) &&
      find(library, "PQstatus", api.status) && find(library, "PQhostaddr", api.host_address) &&
      find(library, "PQhost", api.host) && find(library, "PQerrorMessage", api.error_message) &&
      find(library, "PQfinish", api.finish) &&
      find(library, "PQserverVersion", api.server_version) &&
      find(library, "PQsetNoticeProcessor", api.set_notice_processor) &&
      find(library, "PQsendQuery", api.send_query) &&
      find(library, "PQgetResult", api.get_result) &&
      find(library, "PQputCopyEnd", api.put_copy_end) &&
      find(library, "PQresultStatus", api.result_status) &&
      find(library, "PQresultErrorField", api.error_field) &&
      find(library, "PQntuples", api.rows) && find(library, "PQnfields", api.columns) &&
      find(library, "PQgetvalue", api.value) && find(library, "PQgetisnull", api.is_null) &&
      find(library, "PQclear", api.clear);
  if (!whole)
    return tl::unexpected(std::string("PostgreSQL's client library libpq.so.5 is older than 12"));
  return api;
}

}  // namespace

tl::expected<const Libpq*, std::string> libpq() {
  static const tl::expected<Libpq, std::string> kLoaded = load();
  if (!kLoaded) return tl::unexpected(kLoaded.error());
  return &*kLoaded;
}

}  // namespace backout::rehearsal
