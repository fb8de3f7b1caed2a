#ifndef TIDEMARK_SERVICES_CATALOG_API_TOKEN_SECRET_H_
#define TIDEMARK_SERVICES_CATALOG_API_TOKEN_SECRET_H_

#include <string>

namespace tidemark::catalog {

// A new bearer secret: `tm_` and 43 characters of base64url, of 32 random bytes of the operating
// system. Dies when the system has none to give: a weak secret is worse than no service.
std::string NewTokenSecret();

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_API_TOKEN_SECRET_H_
