#pragma once
// PostgreSQL's client library, loaded when a rehearsal asks for it: nothing else of backout needs
// it, or can reach a network.

#include <string>

#include <libpq-fe.h>
#include <tl/expected.hpp>

namespace backout::rehearsal {

/// The functions of libpq that a rehearsal calls, by their own names.
struct Libpq {
  decltype(&::PQconninfoParse) conninfo_parse;
  decltype(&::PQconninfoFree) conninfo_free;
  decltype(&::PQfreemem) freemem;
  decltype(&::PQconnectdbParams) connect;
  decltype(&::PQstatus) status;
  decltype(&::PQhostaddr) host_address;
  decltype(&::PQhost) host;
  decltype(&::PQerrorMessage) error_message;
  decltype(&::PQfinish) finish;
  decltype(&::PQserverVersion) server_version;
  decltype(&::PQsetNoticeProcessor) set_notice_processor;
  decltype(&::PQsendQuery) send_query;
  decltype(&::PQgetResult) get_result;
  decltype(&::PQputCopyEnd) put_copy_end;
  decltype(&::PQresultStatus) result_status;
  decltype(&::PQresultErrorField) error_field;
  decltype(&::PQntuples) rows;
  decltype(&::PQnfields) columns;
  decltype(&::PQgetvalue) value;
  decltype(&::PQgetisnull) is_null;
  decltype(&::PQclear) clear;
};

/// The library of this machine; why there is none otherwise.
tl::expected<const Libpq*, std::string> libpq();

}  // namespace backout::rehearsal
