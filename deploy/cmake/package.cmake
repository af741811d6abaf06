# A Debian package: `cpack --config build/PRESET/CPackConfig.cmake -B build/package`.
# Everything that is installed beside the program; the program's own rule is in daemon/.
install(FILES deploy/systemd/tocsin.service DESTINATION lib/systemd/system COMPONENT tocsin)
install(FILES deploy/debian/tocsin.yaml DESTINATION /etc/tocsin COMPONENT tocsin)
install(FILES deploy/README.md deploy/runbook.md deploy/recovery.md deploy/reference.md
  DESTINATION share/doc/tocsin COMPONENT tocsin)
install(FILES deploy/tocsin.yaml DESTINATION share/doc/tocsin/examples COMPONENT tocsin)
install(FILES deploy/prometheus/tocsin.rules.yaml deploy/grafana/tocsin-operator.json
    deploy/grafana/tocsin-analyst.json
  DESTINATION share/tocsin COMPONENT tocsin)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tocsin)
set(CPACK_PACKAGE_CONTACT "The tocsin project <tocsin@example.com>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL tocsin)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_TOCSIN_PACKAGE_NAME tocsin)
set(CPACK_DEBIAN_TOCSIN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_TOCSIN_DESCRIPTION "finds anomalies in Kafka streams
 Reads events from Kafka topics, learns what is normal for every entity in them,
 scores each event as it arrives, and writes scored records and alerts back, in
 one transaction with what it has read.")
set(CPACK_DEBIAN_TOCSIN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_TOCSIN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_TOCSIN_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_TOCSIN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_TOCSIN_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
  ${PROJECT_SOURCE_DIR}/deploy/debian/prerm
  ${PROJECT_SOURCE_DIR}/deploy/debian/postrm
  ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles)
# The program is built by then, and nothing else belongs in it.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
