#include "catalog/rpc_events.h"

#include "platform/rpc/call.h"
#include "platform/rpc/convert.h"

namespace eda::catalog {

namespace v1 = eda::events::v1;
using identity::Actor;
using identity::MethodPermission;
using identity::Permission;

namespace {

#define EVENT_SERVICE "eda.events.v1.EventService/"

constexpr MethodPermission methods[] = {
    {EVENT_SERVICE "ListEvents", Permission::read},
    {EVENT_SERVICE "FollowEvents", Permission::read},
    {EVENT_SERVICE "VerifyTrail", Permission::audit},
};

template <class Request>
events::Filter filter_of(const Request& request) {
  events::Filter filter;
  filter.actor = request.actor();
  filter.verb = request.verb();
  if (request.has_object()) filter.object = rpc::from_proto(request.object());
  return filter;
}

void to_proto(const events::Event& event, v1::Event* out) {
  rpc::to_proto(event.at, out->mutable_at());
  out->set_actor(event.actor);
  out->set_verb(event.verb);
  rpc::to_proto(event.object, out->mutable_object());
  if (!event.before.is_null()) rpc::to_proto(event.before, out->mutable_before());
  if (!event.after.is_null()) rpc::to_proto(event.after, out->mutable_after());
  out->set_reason(event.reason);
  out->set_request_id(event.request_id);
  out->set_plan_id(event.plan_id);
}

void to_proto(const events::Head& head, v1::Head* out) {
  out->set_number(head.number);
  if (head.number == 0) return;
  out->set_hash(events::hex(head.hash));
  out->set_signature(events::hex(head.signature));
  out->set_key(head.key);
  rpc::to_proto(head.at, out->mutable_at());
}

Result<events::Mark> mark_of(std::int64_t number, const std::string& hash, std::string_view what) {
  auto parsed = events::hash_from_hex(hash);
  if (number == 0) return events::Mark{};
  if (number > 0 && parsed) return events::Mark{number, *parsed};
  return fail(Code::invalid, "HEAD_SYNTAX", std::string(what) + ": a number from 1 on and 64 hex digits are needed",
              "give both as edad gave them");
}

Result<events::Question> question_of(const v1::VerifyTrailRequest& request) {
  events::Question question;
  question.limit = request.limit();
  EDA_ASSIGN(question.after, mark_of(request.after(), request.after_hash(), "after"));
  if (request.known().number() == 0) return question;
  const auto& known = request.known();
  EDA_ASSIGN(auto mark, mark_of(known.number(), known.hash(), "known"));
  auto signature = events::from_hex(known.signature());
  if (!signature)
    return fail(Code::invalid, "HEAD_SYNTAX", "known: the signature is not hex", "give it as edad gave it");
  question.known = events::Head{mark.number, mark.hash, rpc::from_proto(known.at()), *signature, known.key()};
  return question;
}

void to_proto(const events::Verdict& verdict, v1::VerifyTrailResponse* out) {
  for (auto& fault : verdict.faults) {
    auto* item = out->add_faults();
    item->set_number(fault.number);
    item->set_event(fault.event);
    item->set_what(std::string(events::what_name(fault.what)));
    item->set_message(fault.message);
  }
  out->set_verified(verdict.verified.number);
  out->set_hash(events::hex(verdict.verified.hash));
  to_proto(verdict.head, out->mutable_head());
  out->set_done(verdict.done);
}

class EventFace final : public v1::EventService::Service {
 public:
  EventFace(Trail& trail, identity::Gate& gate) : trail_(trail), gate_(gate) {}

  grpc::Status ListEvents(grpc::ServerContext* context, const v1::ListEventsRequest* request,
                          v1::ListEventsResponse* response) override {
    return rpc::serve(*context, gate_, EVENT_SERVICE "ListEvents", [&](const Actor& actor) -> Result<> {
      auto filter = filter_of(*request);
      if (request->has_since()) filter.since = rpc::from_proto(request->since());
      EDA_ASSIGN(auto page, trail_.list(actor, filter, rpc::page_of(*request)));
      for (auto& event : page.rows) to_proto(event, response->add_events());
      response->set_next_page_token(page.next_token);
      return {};
    });
  }

  grpc::Status FollowEvents(grpc::ServerContext* context, const v1::FollowEventsRequest* request,
                            v1::FollowEventsResponse* response) override {
    return rpc::serve(*context, gate_, EVENT_SERVICE "FollowEvents", [&](const Actor& actor) -> Result<> {
      EDA_ASSIGN(auto news,
                 trail_.follow(actor, filter_of(*request), request->horizon(),
                               std::chrono::milliseconds(request->wait_ms()), [&] { return context->IsCancelled(); }));
      for (auto& event : news.events) to_proto(event, response->add_events());
      response->set_horizon(news.horizon);
      return {};
    });
  }

  grpc::Status VerifyTrail(grpc::ServerContext* context, const v1::VerifyTrailRequest* request,
                           v1::VerifyTrailResponse* response) override {
    return rpc::serve(*context, gate_, EVENT_SERVICE "VerifyTrail", [&](const Actor&) -> Result<> {
      EDA_ASSIGN(auto question, question_of(*request));
      EDA_ASSIGN(auto verdict, trail_.verify(question));
      to_proto(verdict, response);
      return {};
    });
  }

 private:
  Trail& trail_;
  identity::Gate& gate_;
};

}  // namespace

std::span<const MethodPermission> event_methods() {
  return methods;
}

std::unique_ptr<grpc::Service> make_event_face(Trail& trail, identity::Gate& gate) {
  return std::make_unique<EventFace>(trail, gate);
}

}  // namespace eda::catalog
