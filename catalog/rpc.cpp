#include "catalog/rpc.h"

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"
#include "platform/text/json.h"

namespace eda::catalog {

using identity::Actor;
using identity::MethodPermission;
using identity::Permission;
using plans::FieldType;

namespace {

#define CATALOG_SERVICE "eda.catalog.v1.CatalogService/"

constexpr MethodPermission methods[] = {
    {CATALOG_SERVICE "GetObject", Permission::read},
    {CATALOG_SERVICE "ListObjects", Permission::read},
    {CATALOG_SERVICE "Search", Permission::read},
    {CATALOG_SERVICE "ListDomains", Permission::read},
};

bool written_by_people(const plans::Field& row) {
  return row.type == FieldType::duration || row.type == FieldType::size;
}

Value manifest_record(const plans::Field& row, const Value& record) {
  Value::Map out;
  if (!record.as_map()) return record;
  for (auto& [name, value] : *record.as_map()) {
    auto* member = row.member(name);
    out.emplace(name, member && written_by_people(*member) ? Value(plans::value_text(*member, value)) : value);
  }
  return out;
}

// A value as a manifest would have it: durations and sizes as people write them, all else as data.
Value manifest_value(const plans::Field& row, const plans::WishField& field) {
  if (!field.value) return {};
  if (row.type == FieldType::record_list && field.value->as_list()) {
    Value::List records;
    for (auto& record : *field.value->as_list()) records.push_back(manifest_record(row, record));
    return records;
  }
  return written_by_people(row) ? Value(plans::value_text(row, *field.value)) : *field.value;
}

// "spec.contacts.email" or spec.config["a.b"] into nested maps below "spec".
void place(Value::Map& spec, std::string_view path, Value value) {
  auto [field, key] = plans::split_path(path);
  auto rest = field.substr(field.find('.') + 1);
  Value::Map* level = &spec;
  std::vector<std::string> steps;
  for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    steps.emplace_back(rest.substr(0, dot));
    rest.remove_prefix(dot + 1);
  }
  steps.emplace_back(rest);
  if (!key.empty()) steps.push_back(key);
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    auto [next, fresh] = level->try_emplace(steps[i], Value(Value::Map()));
    level = next->second.mutable_map();
  }
  level->insert_or_assign(steps.back(), std::move(value));
}

void fill_metadata(const plans::Wish& wish, v1::Metadata* out) {
  out->set_team(plans::wished_text(wish, "metadata.team"));
  out->set_domain(plans::wished_text(wish, "metadata.domain"));
  for (auto& [key, value] : plans::wished_map(wish, "metadata.labels")) {
    if (value.as_text()) (*out->mutable_labels())[key] = *value.as_text();
  }
  for (auto& [key, value] : plans::wished_map(wish, "metadata.annotations")) {
    if (value.as_text()) (*out->mutable_annotations())[key] = *value.as_text();
  }
  auto* guarded = plans::wished(wish, "metadata.deletionProtection");
  if (guarded && guarded->as_bool()) out->set_deletion_protection(*guarded->as_bool());
}

void fill_status(const store::Entry& entry, v1::Status* out) {
  const auto& object = entry.object;
  out->set_state(std::string(plans::state_name(object.state)));
  out->set_generation(object.generation);
  out->set_observed_generation(object.observed_generation);
  out->mutable_owner()->set_team(entry.owner.team);
  out->mutable_owner()->set_contact(entry.owner.contact);
  out->mutable_owner()->set_service(entry.owner.service);
  rpc::to_proto(object.created_at, out->mutable_created_at());
  rpc::to_proto(object.updated_at, out->mutable_updated_at());
  out->set_updated_by(object.updated_by);
  out->set_uid(object.uid);
}

void fill_facts(const plans::Object& object, v1::Status* out) {
  for (auto& condition : object.conditions) {
    auto* item = out->add_conditions();
    item->set_type(condition.type);
    item->set_status(condition.status);
    item->set_reason(condition.reason);
    item->set_message(condition.message);
    item->set_next(condition.next);
    rpc::to_proto(condition.since, item->mutable_since());
  }
  if (object.observed.as_map()) rpc::to_proto(object.observed, out->mutable_observed());
}

std::string text_of(const plans::KindRules* rules, const std::string& path, const std::optional<Value>& value) {
  if (!value) return {};
  auto* row = rules ? rules->field(path) : nullptr;
  return row ? plans::value_text(*row, *value) : text::to_json(*value);
}

void fill_difference(const plans::Object& object, const plans::KindRules* rules, v1::Status* out) {
  for (auto& drift : object.drift) {
    auto* item = out->add_drift();
    item->set_field(drift.field);
    item->set_wish(text_of(rules, drift.field, drift.wish));
    item->set_fact(text_of(rules, drift.field, drift.fact));
    rpc::to_proto(drift.since, item->mutable_since());
    item->set_what(drift.what);
  }
  for (auto& [path, over] : object.overlay) {
    auto* item = out->add_overlays();
    item->set_field(path);
    item->set_value(text_of(rules, path, over.value));
    rpc::to_proto(over.until, item->mutable_until());
    item->set_by(over.by);
    item->set_reason(over.reason);
  }
}

void fill_edges(const store::Entry& entry, v1::Status* out) {
  for (auto& edge : entry.edges) {
    auto* item = out->add_edges();
    rpc::to_proto(edge.service, item->mutable_service());
    rpc::to_proto(edge.stream.stream, item->mutable_stream());
    item->set_group(edge.group);
    auto& other = entry.object.ref.kind == "service" ? edge.stream.owner : edge.reader;
    item->set_team(other.team);
    item->set_contact(other.contact);
    item->set_grant(std::string(grant_name(grant_of(edge.reader.team, edge.stream))));
  }
}

// brief: names, owners, state; whole: with spec and facts; and who manages each field, where one object is asked for.
enum class Depth { brief, whole, with_managers };

void to_proto(const store::Entry& entry, const plans::Kinds& kinds, Depth depth, v1::Object* out) {
  const auto& object = entry.object;
  auto* rules = kinds.find(object.ref.kind);
  out->set_api_version("eda/v1");
  out->set_kind(rules ? std::string(rules->kind) : object.ref.kind);
  out->mutable_metadata()->set_name(object.ref.name);
  out->mutable_metadata()->set_cluster(object.ref.cluster);
  fill_metadata(object.wish, out->mutable_metadata());
  fill_status(entry, out->mutable_status());
  if (depth == Depth::brief || !rules) return;
  Value::Map spec;
  for (auto& [path, field] : object.wish) {
    auto* row = rules->field(path);
    if (row && path.starts_with("spec.")) place(spec, path, manifest_value(*row, field));
  }
  rpc::to_proto(Value(std::move(spec)), out->mutable_spec());
  fill_facts(object, out->mutable_status());
  fill_difference(object, rules, out->mutable_status());
  if (depth != Depth::with_managers) return;
  fill_edges(entry, out->mutable_status());
  for (auto& [path, field] : object.wish) {
    if (!field.manager.empty()) (*out->mutable_status()->mutable_managers())[path] = field.manager;
  }
}

std::vector<std::string> texts(const google::protobuf::RepeatedPtrField<std::string>& items) {
  return {items.begin(), items.end()};
}

Terms terms_of(const v1::Selection& selection) {
  return {texts(selection.tags()), texts(selection.labels()), texts(selection.domains()), texts(selection.teams())};
}

// `team` and `domain` came before selections and say one term each.
Terms terms_of(const v1::ListObjectsRequest& request) {
  auto terms = terms_of(request.selection());
  if (!request.team().empty()) terms.teams.push_back(request.team());
  if (!request.domain().empty()) terms.domains.push_back(request.domain());
  return terms;
}

void to_proto(const Hit& hit, v1::SearchHit* out) {
  rpc::to_proto(hit.object, out->mutable_object());
  out->set_match(std::string(match_name(hit.match)));
  out->set_domain(hit.domain);
  out->mutable_tags()->Add(hit.tags.begin(), hit.tags.end());
  out->set_description(hit.description);
  out->set_state(hit.state);
  out->mutable_owner()->set_team(hit.owner.team);
  out->mutable_owner()->set_contact(hit.owner.contact);
  out->set_next(next_step(hit));
}

void to_proto(const store::Domain& domain, v1::Domain* out) {
  out->set_name(domain.name);
  out->mutable_teams()->Add(domain.teams.begin(), domain.teams.end());
  out->set_services(domain.services);
  out->set_streams(domain.streams);
  out->set_objects(domain.objects);
}

class CatalogFace final : public v1::CatalogService::Service {
 public:
  CatalogFace(Reading& reading, const plans::Kinds& kinds, identity::Gate& gate)
      : reading_(reading), kinds_(kinds), gate_(gate) {}

  grpc::Status GetObject(grpc::ServerContext* context, const v1::GetObjectRequest* request,
                         v1::GetObjectResponse* response) override {
    return rpc::serve(*context, gate_, CATALOG_SERVICE "GetObject", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto entry, reading_.get(actor, rpc::from_proto(request->object())));
      to_proto(entry, kinds_, Depth::with_managers, response->mutable_object());
      return {};
    });
  }

  grpc::Status ListObjects(grpc::ServerContext* context, const v1::ListObjectsRequest* request,
                           v1::ListObjectsResponse* response) override {
    return rpc::serve(*context, gate_, CATALOG_SERVICE "ListObjects", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto selection, parse_selection(terms_of(*request)));
      store::Filter filter{request->kind(), request->cluster(), std::move(selection)};
      EDA_ASSIGN(auto page, reading_.list(actor, filter, rpc::page_of(*request)));
      auto depth = request->brief() ? Depth::brief : Depth::whole;
      for (auto& entry : page.rows) to_proto(entry, kinds_, depth, response->add_objects());
      response->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status ListDomains(grpc::ServerContext* context, const v1::ListDomainsRequest* request,
                           v1::ListDomainsResponse* response) override {
    return rpc::serve(*context, gate_, CATALOG_SERVICE "ListDomains", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto page, reading_.domains(rpc::page_of(*request)));
      for (auto& domain : page.rows) to_proto(domain, response->add_domains());
      response->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status Search(grpc::ServerContext* context, const v1::SearchRequest* request,
                      v1::SearchResponse* response) override {
    return rpc::serve(*context, gate_, CATALOG_SERVICE "Search", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto selection, parse_selection(terms_of(request->selection())));
      EDA_ASSIGN(auto found,
                 reading_.search(request->query(), texts(request->kinds()), selection, request->page_size()));
      for (auto& hit : found.hits) to_proto(hit, response->add_hits());
      response->set_more(found.more);
      response->set_spelling_unforgiven(!found.spelling);
      return {};
    });
  }

 private:
  Reading& reading_;
  const plans::Kinds& kinds_;
  identity::Gate& gate_;
};

}  // namespace

std::span<const MethodPermission> catalog_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_catalog_face(Reading& reading, const plans::Kinds& kinds, identity::Gate& gate) {
  return std::make_unique<CatalogFace>(reading, kinds, gate);
}

}  // namespace eda::catalog
