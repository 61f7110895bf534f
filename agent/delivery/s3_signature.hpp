// AWS Signature Version 4 for one object of an S3-compatible store. Pure.
#pragma once
#include "agent/delivery/errand.hpp"
#include "jurukunci/clock.hpp"

namespace jk::delivery {

struct S3Credentials {
    std::string region, access_key, secret_key;
};

/// Adds x-amz-date, x-amz-content-sha256 and Authorization. The target must be plain: letters, digits and "/-._~".
void sign_for_s3(Errand& errand, const S3Credentials& credentials, WallTime now);

} // namespace jk::delivery
