"""A small Chinese shop, for tests that need events of 2024 more than a catalog."""

NEW_YEAR_US = 1_704_038_400_000_000  # in Shanghai

CATALOG = """
name: observatories/test
displayNames: {en: Test}
observatory: {timeZone: Asia/Shanghai, currency: CNY, scale: 2, start: 2024-01-01}
---
name: sources/shop
displayNames: {en: Shop}
source: {kind: LIVE, reports: {start: 2024-01-01, end: 2025-01-01}}
---
name: identifierSchemes/account
displayNames: {en: Accounts}
identifierScheme: {schemeClass: ACCOUNT, normalisation: NONE}
"""
