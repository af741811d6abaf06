# One folder of the project is one static library and one test program, so that reading its
# CMakeLists.txt is reading what it may use.
#
#   tocsin_folder(NAME SOURCES a.cc… HEADERS a.h… TESTS a_test.cc… BENCHMARKS a_bench.cc…
#                 PUBLIC lib… PRIVATE lib… TEST_LIBRARIES lib… ONE_BY_ONE filter)
#
# (ONE_BY_ONE: only what this filter of GoogleTest chooses becomes a test of ctest by itself)
# makes tocsin_NAME, and where tests are built tocsin_NAME_test and tocsin_NAME_bench.
function(tocsin_folder name)
  cmake_parse_arguments(arg "" "ONE_BY_ONE"
    "SOURCES;HEADERS;TESTS;BENCHMARKS;PUBLIC;PRIVATE;TEST_LIBRARIES" ${ARGN})
  if(arg_SOURCES)
    add_library(tocsin_${name} STATIC ${arg_SOURCES})
    set(reach PUBLIC)
    target_link_libraries(tocsin_${name} PRIVATE tocsin_warnings ${arg_PRIVATE})
  else()
    add_library(tocsin_${name} INTERFACE)
    set(reach INTERFACE)
  endif()
  target_sources(tocsin_${name} ${reach} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}
    FILES ${arg_HEADERS})
  target_link_libraries(tocsin_${name} ${reach} tocsin_numbers ${arg_PUBLIC})
  if(TOCSIN_TESTS AND arg_TESTS)
    add_executable(tocsin_${name}_test ${arg_TESTS})
    target_link_libraries(tocsin_${name}_test PRIVATE tocsin_${name} tocsin_warnings
      GTest::gtest_main ${arg_TEST_LIBRARIES})
    gtest_discover_tests(tocsin_${name}_test TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
      TEST_FILTER "${arg_ONE_BY_ONE}")
  endif()
  if(TOCSIN_TESTS AND arg_BENCHMARKS)
    add_executable(tocsin_${name}_bench ${arg_BENCHMARKS})
    target_link_libraries(tocsin_${name}_bench PRIVATE tocsin_${name} tocsin_warnings
      benchmark::benchmark_main ${arg_TEST_LIBRARIES})
    add_test(NAME ${name}.bench COMMAND tocsin_${name}_bench --benchmark_min_time=0.001)
    set_tests_properties(${name}.bench PROPERTIES LABELS bench)
  endif()
endfunction()
