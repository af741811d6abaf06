# Tests that need a real Kafka: one broker for a whole run of ctest, started before the first of
# them and wiped after the last. Where Java or Maven is missing there are none.
find_program(TOCSIN_JAVA java)
find_program(TOCSIN_MAVEN mvn)
if(TOCSIN_JAVA AND TOCSIN_MAVEN)
  set(TOCSIN_HAS_REAL_KAFKA ON)
  cmake_path(GET PROJECT_BINARY_DIR FILENAME preset)
  set(broker ctest-${preset})
  set(TOCSIN_REAL_KAFKA_BOOTSTRAP ${PROJECT_SOURCE_DIR}/build/kafka/${broker}/bootstrap)
  add_test(NAME real_kafka.start
    COMMAND ${PROJECT_SOURCE_DIR}/deploy/dev/kafka start --name ${broker}
      --config authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
      --config allow.everyone.if.no.acl.found=true)
  add_test(NAME real_kafka.wipe
    COMMAND ${PROJECT_SOURCE_DIR}/deploy/dev/kafka wipe --name ${broker})
  set_tests_properties(real_kafka.start PROPERTIES
    FIXTURES_SETUP real_kafka LABELS kafka ENVIRONMENT TOCSIN_KAFKA_DIR=)
  set_tests_properties(real_kafka.wipe PROPERTIES
    FIXTURES_CLEANUP real_kafka LABELS kafka ENVIRONMENT TOCSIN_KAFKA_DIR=)
endif()

# tocsin_real_kafka_test(TARGET PREFIX): its tests find the broker's address in the file that
# TOCSIN_REAL_KAFKA names, and run one at a time.
function(tocsin_real_kafka_test target prefix)
  if(NOT TOCSIN_HAS_REAL_KAFKA)
    message(STATUS "${target} is built but not run: Java or Maven is missing")
    return()
  endif()
  gtest_discover_tests(${target} TEST_PREFIX "${prefix}." DISCOVERY_TIMEOUT 60 PROPERTIES
    FIXTURES_REQUIRED real_kafka LABELS kafka RESOURCE_LOCK real_kafka TIMEOUT 180
    ENVIRONMENT TOCSIN_REAL_KAFKA=${TOCSIN_REAL_KAFKA_BOOTSTRAP})
endfunction()
