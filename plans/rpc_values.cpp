#include "plans/rpc_values.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "identity/token.h"
#include "plans/rpc.h"
#include "platform/rpc/convert.h"

namespace eda::plans {

namespace {

Document from_proto(const v1::Document& document) {
  Document out;
  out.kind = document.kind();
  out.cluster = document.cluster();
  out.name = document.name();
  out.at = rpc::from_proto(document.at());
  for (auto& field : document.fields()) {
    Said said;
    if (field.said_case() == v1::SaidField::kValue) said.value = rpc::from_proto(field.value());
    said.at = rpc::from_proto(field.at());
    for (auto& [part, at] : field.parts()) said.parts.emplace(part, rpc::from_proto(at));
    out.fields.insert_or_assign(field.path(), std::move(said));
  }
  return out;
}

v1::Action to_proto(Action action) {
  switch (action) {
    case Action::create:
      return v1::ACTION_CREATE;
    case Action::change:
      return v1::ACTION_CHANGE;
    case Action::adopt:
      return v1::ACTION_ADOPT;
    case Action::remove:
      return v1::ACTION_DELETE;
    case Action::unchanged:
      return v1::ACTION_UNCHANGED;
  }
  return v1::ACTION_UNSPECIFIED;
}

v1::Risk to_proto(Risk risk) {
  return static_cast<v1::Risk>(static_cast<int>(risk) + 1);
}

void to_proto(const KindRules* rules, const FieldChange& change, eda::common::v1::FieldChange* out) {
  auto* row = rules ? rules->field(change.path) : nullptr;
  out->set_path(change.path);
  if (change.from) {
    rpc::to_proto(*change.from, out->mutable_from());
    if (row) out->set_from_text(value_text(*row, *change.from));
  }
  if (change.to) {
    rpc::to_proto(*change.to, out->mutable_to());
    if (row) out->set_to_text(value_text(*row, *change.to));
  }
}

}  // namespace

std::string body_hash(const google::protobuf::Message& request) {
  std::string text = request.GetDescriptor()->full_name() + "\n";
  google::protobuf::io::StringOutputStream out(&text);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);
  request.SerializeToCodedStream(&coded);
  coded.Trim();
  return identity::digest(text);
}

Result<PlanInput> from_proto(const v1::PlanRequest& request, std::vector<std::string> staged) {
  PlanInput input;
  input.request_id = request.request_id();
  if (!input.request_id.empty()) input.body_hash = body_hash(request);
  input.cluster = request.cluster();
  input.set = ApplySet{request.set(), request.set_team()};
  input.source = request.source();
  input.reason = request.reason();
  if (request.prune()) input.unnamed = PlanInput::Unnamed::prune;
  if (request.force_conflicts()) input.conflicts = Conflicts::force;
  if (request.has_until()) input.until = rpc::from_proto(request.until());
  input.intent = request.to_apply() ? PlanInput::Intent::apply : PlanInput::Intent::look;
  for (auto& document : request.documents()) input.documents.push_back(from_proto(document));
  for (auto& blob : staged) {
    v1::StageRequest part;
    if (!part.ParseFromString(blob))
      return fail(Code::internal, "STAGE_DAMAGED", "the stage cannot be read", "stage anew");
    std::string().swap(blob);
    for (auto& document : part.documents()) input.documents.push_back(from_proto(document));
  }
  for (auto& ref : request.deletions()) input.deletions.push_back(rpc::from_proto(ref));
  return input;
}

void to_proto(const store::Progress& progress, v1::Progress* out) {
  rpc::to_proto(progress.object, out->mutable_object());
  out->set_state(progress.state);
  out->set_generation(progress.generation);
  out->set_observed_generation(progress.observed_generation);
  out->set_message(progress.message);
  out->set_next(progress.next);
}

void to_proto(const Summary& summary, v1::Plan* out) {
  out->set_id(summary.id);
  out->set_state(summary.state);
  out->set_hash(summary.hash);
  out->set_actor(summary.actor);
  rpc::to_proto(summary.created_at, out->mutable_created_at());
  rpc::to_proto(summary.expires_at, out->mutable_expires_at());
  out->set_risk(to_proto(summary.risk));
  out->set_creates(static_cast<std::uint32_t>(summary.creates));
  out->set_changes(static_cast<std::uint32_t>(summary.changes));
  out->set_adopts(static_cast<std::uint32_t>(summary.adopts));
  out->set_deletes(static_cast<std::uint32_t>(summary.deletes));
  out->set_unchanged(static_cast<std::uint32_t>(summary.unchanged));
  out->mutable_confirm()->Add(summary.confirm.begin(), summary.confirm.end());
  out->set_set(summary.set.name);
  out->set_set_team(summary.set.team);
  out->set_cluster(summary.cluster);
  out->set_source(summary.source);
  out->set_reason(summary.reason);
  out->set_prunes(static_cast<std::uint32_t>(summary.prunes));
  if (summary.applied_at) rpc::to_proto(*summary.applied_at, out->mutable_applied_at());
  out->set_hand_overs(static_cast<std::uint32_t>(summary.hand_overs));
}

void to_proto(const KindRules* rules, const store::Revision& revision, v1::Revision* out) {
  out->set_generation(revision.generation);
  rpc::to_proto(revision.at, out->mutable_at());
  out->set_actor(revision.actor);
  out->set_reason(revision.reason);
  out->set_plan_id(revision.plan_id);
  out->set_source(revision.source);
  out->set_file(revision.file);
  for (auto& change : revision.fields) {
    auto* field = out->add_fields();
    to_proto(rules, change, field);
    if (auto wish = revision.wish.find(change.path); wish != revision.wish.end()) {
      field->set_manager(wish->second.manager);
    }
  }
}

void to_proto(const Draft& draft, v1::Change* out) {
  rpc::to_proto(draft.ref, out->mutable_object());
  out->set_action(to_proto(draft.action));
  out->set_risk(to_proto(draft.risk));
  out->mutable_risk_reasons()->Add(draft.risk_reasons.begin(), draft.risk_reasons.end());
  for (auto& change : draft.fields) {
    auto* field = out->add_fields();
    to_proto(draft.rules, change, field);
    if (auto wish = draft.after.find(change.path); wish != draft.after.end()) field->set_manager(wish->second.manager);
  }
  out->set_owner(draft.owner);
  out->mutable_affected()->Add(draft.affected.begin(), draft.affected.end());
  out->mutable_notes()->Add(draft.notes.begin(), draft.notes.end());
  rpc::to_proto(draft.at, out->mutable_at());
  out->set_pruned(draft.because == Draft::Because::pruned);
}

void to_proto(const PlanOutput& output, v1::PlanResponse* out) {
  to_proto(output.summary, out->mutable_plan());
  for (auto& draft : output.drafts) to_proto(draft, out->add_changes());
  out->set_next_page_token(output.next_token);
}

}  // namespace eda::plans
