#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "services/postgres/catalog_more.hpp"
#include "services/postgres/handlers.hpp"
#include "services/postgres/names.hpp"

namespace backout::postgres {
namespace {

/// What an extension brings: names of types and of functions, separated by blanks. Functions stand for all their overloads.
struct Contents {
  std::string_view name;
  std::string_view types;
  std::string_view functions;
};

constexpr auto kExtensions = std::to_array<Contents>({
    {"uuid-ossp", "", "uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil "
                      "uuid_ns_dns uuid_ns_oid uuid_ns_url uuid_ns_x500"},
    {"pgcrypto", "", "armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv gen_random_bytes gen_random_uuid gen_salt "
                     "hmac pgp_key_id pgp_pub_decrypt pgp_pub_encrypt pgp_sym_decrypt pgp_sym_decrypt_bytea pgp_sym_encrypt "
                     "pgp_sym_encrypt_bytea"},
    {"citext", "citext", "citext_eq citext_cmp"},
    {"hstore", "hstore", "akeys avals delete each exist hstore hstore_to_json hstore_to_jsonb skeys slice svals"},
    {"pg_trgm", "gtrgm", "similarity show_trgm set_limit show_limit word_similarity strict_word_similarity"},
    {"btree_gin", "", ""},
    {"btree_gist", "", ""},
    {"ltree", "ltree lquery ltxtquery", "subltree subpath nlevel lca text2ltree ltree2text"},
    {"tablefunc", "", "crosstab connectby normal_rand"},
    {"unaccent", "", "unaccent unaccent_lexize"},
    {"fuzzystrmatch", "", "levenshtein soundex difference metaphone dmetaphone"},
    {"intarray", "query_int", "sort uniq idx subarray icount"},
    {"cube", "cube", "cube_distance cube_dim"},
    {"earthdistance", "earth", "earth_distance ll_to_earth earth_box"},
    {"pg_stat_statements", "", "pg_stat_statements_reset"},
    {"plpgsql", "", ""},
    {"postgres_fdw", "", ""},
    {"dblink", "", "dblink dblink_connect dblink_exec"},
    {"pg_buffercache", "", ""},
    {"pgstattuple", "", "pgstattuple"},
    {"lo", "lo", ""},
    {"isn", "ean13 isbn issn", ""},
    {"moddatetime", "", "moddatetime"},
    {"vector", "vector", "cosine_distance l2_distance inner_product vector_dims"},
    {"postgis", "geometry geography box2d box3d raster",
     "st_area st_asgeojson st_astext st_buffer st_centroid st_contains st_distance st_dwithin st_geogfromtext st_geomfromgeojson "
     "st_geomfromtext st_intersects st_makepoint st_makevalid st_point st_setsrid st_srid st_transform st_union st_within st_x st_y"},
});

template <class Visit>
void for_each_word(std::string_view words, const Visit& visit) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (end > 0) visit(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

void add_contents(Database& database, ObjectId extension, ObjectId schema, const Contents& contents) {
  const Dependency member{.on = extension, .kind = DependencyKind::extension};
  for_each_word(contents.types, [&](std::string_view name) {
    auto type = std::make_shared<Type>();
    type->schema = schema;
    type->name = name;
    type->variety = 'b';
    type->needs.push_back(member);
    database.add(std::move(type));
  });
  for_each_word(contents.functions, [&](std::string_view name) {
    auto function = std::make_shared<Function>();
    function->schema = schema;
    function->name = name;
    function->language = "c";
    // moddatetime is the one that triggers call.
    function->returns = name == "moddatetime" ? "trigger" : "";
    function->needs.push_back(member);
    database.add(std::move(function));
  });
}

}  // namespace

Checked<void> create_extension(Execution& execution, const PgQuery__Node& node) {
  const PgQuery__CreateExtensionStmt& statement = *node.create_extension_stmt;
  Database& database = execution.database;
  const std::string_view name = statement.extname;
  if (name == "plpgsql" || database.lookup(NameSpace::extension, 0, name) != 0) {
    if (statement.if_not_exists != 0) return {};
    return tl::unexpected(refuse("42710", fmt::format("extension \"{}\" already exists", name)));
  }
  std::string schema_name;
  for (std::size_t at = 0; at < statement.n_options; ++at) {
    const PgQuery__DefElem& option = *statement.options[at]->def_elem;
    if (std::string_view(option.defname) == "schema") schema_name = string_of(option.arg);
  }
  auto schema = creation_schema(database, schema_name);
  if (!schema) return tl::unexpected(schema.error());
  const auto* contents = std::find_if(kExtensions.begin(), kExtensions.end(), [&](const Contents& c) { return c.name == name; });
  auto extension = std::make_shared<Extension>();
  extension->name = name;
  extension->definition = database.find(*schema)->name;
  const ObjectId id = database.add(std::move(extension));
  if (contents != kExtensions.end()) add_contents(database, id, *schema, *contents);
  else database.put_in_doubt(id, fmt::format("what the extension \"{}\" brings", name));
  return {};
}

}  // namespace backout::postgres
