#pragma once
// Three small kinds with one field of each type, so that the reader's tests do not follow the products' tables.

#include "plans/kind.h"
#include "platform/core/name.h"
#include "platform/text/unicode.h"

namespace eda::plans::test {

inline const Field stream_fields[] = {
    {.path = "spec.topic", .type = FieldType::text, .example = "orders.placed"},
    {.path = "spec.description", .type = FieldType::text, .example = "Orders of the shop."},
    {.path = "spec.visibility",
     .type = FieldType::choice,
     .example = "protected",
     .choices = {"private", "protected", "public"}},
    {.path = "spec.partitions", .type = FieldType::integer, .example = "12", .least = 1, .most = 10'000},
    {.path = "spec.retention", .type = FieldType::duration, .example = "7d", .least = -1},
    {.path = "spec.grace", .type = FieldType::duration, .example = "1h", .least = 1'000, .most = 86'400'000},
    {.path = "spec.retentionSize", .type = FieldType::size, .example = "500MiB", .least = -1},
    {.path = "spec.cleanup",
     .type = FieldType::choice,
     .example = "delete",
     .choices = {"delete", "compact", "compact,delete"}},
    {.path = "spec.config", .type = FieldType::text_map, .example = "{min.insync.replicas: \"2\"}"},
    {.path = "spec.mirrors", .type = FieldType::text, .example = "orders.placed", .refers = "stream"},
};

inline const Field team_fields[] = {
    {.path = "spec.description", .type = FieldType::text, .example = "Carts and orders."},
    {.path = "spec.contacts.email", .type = FieldType::text, .example = "checkout@shop.example"},
    {.path = "spec.notify", .type = FieldType::boolean, .example = "true"},
    {.path = "spec.contacts.chat", .type = FieldType::text, .example = "\"#checkout\""},
    {.path = "spec.members", .type = FieldType::choice_map, .example = "{ada: lead}", .choices = {"member", "lead"}},
};

inline const Field cluster_fields[] = {
    {.path = "spec.bootstrap", .type = FieldType::text_list, .example = "[localhost:9092]"},
};

inline const KindRules stream_kind{.kind = "Stream",
                                   .plural = "streams",
                                   .scope = Scope::cluster,
                                   .rank = 2,
                                   .fields = stream_fields,
                                   .name_fault = topic_name_fault};
inline const KindRules team_kind{.kind = "Team", .plural = "teams", .rank = 0, .fields = team_fields};
inline const KindRules cluster_kind{.kind = "Cluster", .plural = "clusters", .rank = 1, .fields = cluster_fields};

inline Kinds small_kinds() {
  return Kinds({&stream_kind, &team_kind, &cluster_kind});
}

}  // namespace eda::plans::test
