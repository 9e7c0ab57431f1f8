#!/usr/bin/python3
"""sbom.py --version VERSION FILE...: what the built files consist of and need, as SPDX 2.3 (JSON), on standard output.

Debian tells names, versions and licences' places of what is there when it runs. The same bytes for the same files and
packages: the time is SOURCE_DATE_EPOCH's, or that of the package's changelog. Standard library, binutils and dpkg only.
"""
import argparse
import datetime
import email.utils
import hashlib
import json
import os
import re
import subprocess
from urllib.parse import quote

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# What is compiled in from headers, and what is loaded by name at run time, which no linker knows.
FROM_HEADERS = ("libcli11-dev", "libtomlplusplus-dev", "nlohmann-json3-dev")
LOADED_BY_NAME = ("libsqlite3-0",)


def said(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, cwd=ROOT,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def owner(path):
    """The package of a file. What /lib says is in /usr/lib to one part of Debian 12's packages and not to another."""
    real = os.path.realpath(path)
    for name in (real, real.removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(": ")[0].split(",")[0].split(":")[0]
    raise SystemExit(f"sbom.py: no package has {path}")


def needed(file):
    return set(re.findall(r"\(NEEDED\)\s+Shared library: \[(.*)\]", said("readelf", "--wide", "--dynamic", file)))


def library_paths():
    """soname -> path, as the loader finds it."""
    rows = re.findall(r"^\t(\S+) \((?:[^)]*)\) => (\S+)$", said("/sbin/ldconfig", "-p"), re.M)
    return dict(reversed(rows))


def fields(package):
    version, source, page = said("dpkg-query", "-W", "-f", "${Version}\t${source:Package}\t${Homepage}\n",
                                 package).splitlines()[0].split("\t")
    return version, source, page


def build_packages():
    """The packages of the group `build`, with their purpose."""
    with open(os.path.join(ROOT, "scripts", "packages.txt"), encoding="utf-8") as file:
        rows = (line.split(None, 2) for line in file)
        return {row[1]: row[2].strip() for row in rows if len(row) == 3 and row[0] == "build"}


def identifier(name):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", name)


def package_entry(name):
    version, source, page = fields(name)
    entry = {"SPDXID": identifier(name), "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION",
             "filesAnalyzed": False, "supplier": "Organization: Debian", "licenseConcluded": "NOASSERTION",
             "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
             "licenseComments": f"/usr/share/doc/{name}/copyright in Debian's package",
             "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                               "referenceLocator": f"pkg:deb/debian/{quote(name)}@{quote(version)}"}]}
    if source != name:
        entry["sourceInfo"] = f"built by Debian from the source package {source}"
    if page:
        entry["homepage"] = page
    return entry


def relations(files):
    """(package, relation to ours)."""
    paths = library_paths()
    sonames = set().union(*(needed(file) for file in files))
    for package in {owner(paths[name]) for name in sonames}:
        yield package, "DYNAMIC_LINK", False
    yield owner(said("g++", "-print-file-name=libstdc++.a").strip()), "STATIC_LINK", False
    for package in FROM_HEADERS:
        yield package, "CONTAINS", False
    for package in LOADED_BY_NAME:
        yield package, "RUNTIME_DEPENDENCY_OF", True
    for package in set(build_packages()) - set(FROM_HEADERS):
        yield package, "BUILD_DEPENDENCY_OF", True


def document(version, files):
    ours = identifier("jpki-pkcs11")
    rows = sorted(relations(files))
    missing = [name for name in {row[0] for row in rows}
               if subprocess.run(["dpkg-query", "-s", name], capture_output=True).returncode != 0]
    rows = [row for row in rows if row[0] not in missing]  # what this build did without
    main = {"SPDXID": ours, "name": "jpki-pkcs11", "versionInfo": version, "downloadLocation": "NOASSERTION",
            "filesAnalyzed": False, "licenseConcluded": "Apache-2.0", "licenseDeclared": "Apache-2.0",
            "copyrightText": "NOASSERTION", "primaryPackagePurpose": "LIBRARY"}
    links = [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": ours}]
    for package, relation, reverse in rows:
        ends = (identifier(package), ours) if reverse else (ours, identifier(package))
        links.append({"spdxElementId": ends[0], "relationshipType": relation, "relatedSpdxElement": ends[1]})
    packages = [main] + [package_entry(name) for name in sorted({row[0] for row in rows})]
    digest = hashlib.sha256(json.dumps([packages, links], sort_keys=True).encode()).hexdigest()
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"jpki-pkcs11-{version}", "documentNamespace": f"urn:sha256:{digest}",
            "creationInfo": {"created": moment(), "creators": ["Tool: jpki-pkcs11-scripts-sbom.py"]},
            "packages": packages, "relationships": links}


def moment():
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    if not seconds:
        with open(os.path.join(ROOT, "packaging", "changelog.Debian"), encoding="utf-8") as file:
            dates = re.findall(r"^ -- .*>  (.*)$", file.read(), re.M)
        seconds = email.utils.parsedate_to_datetime(dates[0]).timestamp()
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--version", required=True)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    print(json.dumps(document(options.version, [os.path.abspath(file) for file in options.files]), indent=1,
                     sort_keys=True))


if __name__ == "__main__":
    main()
