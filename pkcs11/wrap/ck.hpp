// The PKCS#11 types, from p11-kit's header.
#pragma once
#include <p11-kit/pkcs11.h>
