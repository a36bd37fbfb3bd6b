"""Reads a bill with SPDX's own model, which refuses unknown types, fields and values, and lists its libraries."""
import sys

from spdx_python_model import v3_0_1 as spdx3

objects = spdx3.SHACLObjectSet()
with open(sys.argv[1], "rb") as file:
    spdx3.JSONLDDeserializer().read(file, objects)
missing = objects.link()
assert not missing, f"named and not there: {missing}"
for found in objects.foreach():
    for needed in found:
        pass
libraries = [
    f"{p.name} {p.software_packageVersion}"
    for p in objects.foreach_type(spdx3.software_Package)
    if p.software_primaryPurpose == spdx3.software_SoftwarePurpose.library
]
print(", ".join(sorted(libraries)))
