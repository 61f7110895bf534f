// The compiled half of Asio's TLS (BOOST_ASIO_SEPARATE_COMPILATION); only this program needs it.
#include <boost/asio/ssl/impl/src.hpp>
