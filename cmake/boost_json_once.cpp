// The compiled half of Boost.JSON.
#include <boost/json/src.hpp>
