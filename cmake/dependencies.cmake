# Everything comes from Debian 12 packages (./dev setup); configuring never downloads.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(SQLite3 REQUIRED)
foreach(module libp11 p11-kit-1 libqpdf libqrencode libseccomp harfbuzz libusb-1.0 libsystemd cairo-pdf pangocairo)
    string(MAKE_C_IDENTIFIER ${module} id)
    pkg_check_modules(${id} REQUIRED IMPORTED_TARGET ${module})
endforeach()
pkg_check_modules(harfbuzz_subset REQUIRED IMPORTED_TARGET harfbuzz-subset)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(JURUKUNCI_PYTHON /usr/bin/python3 CACHE FILEPATH "Debian's Python, which has python3-yaml")

# Boost's header-only halves are compiled once, here, instead of in every file that includes them.
add_library(jk_boost STATIC ${PROJECT_SOURCE_DIR}/cmake/boost_once.cpp ${PROJECT_SOURCE_DIR}/cmake/boost_json_once.cpp)
target_link_libraries(jk_boost PUBLIC Boost::headers Threads::Threads OpenSSL::Crypto PRIVATE jk_flags)
target_compile_definitions(jk_boost PUBLIC
    BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED 
    BOOST_ASIO_DISABLE_BOOST_DATE_TIME)

# One precompiled header for all rooms (jk_room reuses it).
add_library(jk_pch OBJECT ${PROJECT_SOURCE_DIR}/cmake/boost_pch.cpp)
target_link_libraries(jk_pch PRIVATE jk_flags PUBLIC jk_boost)
target_precompile_headers(jk_pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/boost_pch.hpp)
