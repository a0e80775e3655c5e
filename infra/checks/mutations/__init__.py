"""Mutations of the templates, by the check that must find them."""

from . import delivery, protection, serving, witnessing

MUTATIONS = [
    (check, *mutation)
    for table in (delivery.MUTATIONS, protection.MUTATIONS, serving.MUTATIONS, witnessing.MUTATIONS)
    for check, mutations in table.items()
    for mutation in mutations
]
