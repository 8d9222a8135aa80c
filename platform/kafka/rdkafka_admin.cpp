#include "platform/kafka/rdkafka_admin.h"

namespace eda::kafka {
namespace rdkafka {

Rights rights_of(const rd_kafka_AclOperation_t* operations, std::size_t count) {
  Rights rights;
  for (std::size_t i = 0; i < count; ++i) rights.insert(rd_kafka_AclOperation_name(operations[i]));
  return rights;
}

Ask change_of(std::string subject, rd_kafka_admin_op_t operation, Mode mode) {
  return {std::move(subject), operation, mode == Mode::apply ? Effect::change : Effect::read, mode};
}

}  // namespace rdkafka

Result<std::unique_ptr<Admin>> connect(const Connection& connection, CallObserver observer, WarningSink warnings) {
  EDA_ASSIGN(auto client, rdkafka::Client::open(connection, warnings));
  return std::make_unique<rdkafka::RdkafkaAdmin>(std::move(client), connection, std::move(warnings),
                                                 std::move(observer));
}

}  // namespace eda::kafka
