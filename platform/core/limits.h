#pragma once
// Limits on every input. They stand here, in `edad config` and in the error that a larger input gets.

#include <cstddef>

namespace eda::limits {

inline constexpr std::size_t manifest_bytes = 32u << 20;   ///< all files of one call together
inline constexpr std::size_t manifest_documents = 20'000;  ///< all files of one call together
inline constexpr std::size_t manifest_fields = 1'000'000;  ///< all files of one call together
inline constexpr std::size_t document_values = 100'000;    ///< names and values of one document, aliases expanded
inline constexpr std::size_t document_aliases = 1'000;     ///< `*name` in one document
inline constexpr std::size_t message_bytes = 4u << 20;     ///< one gRPC message, either way
inline constexpr std::size_t http_body_bytes = 4u << 20;   ///< one JSON request
inline constexpr std::size_t http_header_bytes = 16u << 10;
inline constexpr std::size_t staged_documents = 1'000;  ///< one Stage call
inline constexpr std::size_t fields_per_document = 2'000;
inline constexpr std::size_t list_items = 1'000;      ///< items of one list field
inline constexpr std::size_t labels = 64;             ///< labels or annotations of one object
inline constexpr std::size_t key_bytes = 255;         ///< one key of a map field
inline constexpr std::size_t text_bytes = 4'096;      ///< one text value (description, reason, …)
inline constexpr std::size_t name_code_points = 100;  ///< Team, Service, Tag, domain
inline constexpr std::size_t topic_name_bytes = 249;  ///< Kafka: org.apache.kafka.common.internals.Topic
inline constexpr std::size_t nesting = 32;            ///< YAML and JSON depth

}  // namespace eda::limits
