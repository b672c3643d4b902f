#!/usr/bin/env python3
"""Adds to a file of facts about ACI classes what it lacks of the classes named in scripts/aci-classes.txt.

    python3 scripts/aci-facts.py CATALOGUE.db FACTS.json > MORE-FACTS.json
    node scripts/generate-aci-model.mjs MORE-FACTS.json

CATALOGUE.db is the catalogue of all classes of APIC 6.0(9c) in the Python package niwaki (Apache-2.0, 2.1.0; its wheel has
it at niwaki/query/_catalog/catalog.db). A class that FACTS.json has keeps its facts; only its number, its superclasses
and the parents that the new classes are to it are added. Needs nothing but Python's own library.
"""
import json
import sqlite3
import sys
import zlib
from pathlib import Path

LIST = Path(__file__).with_name("aci-classes.txt")
OWN = Path(__file__).with_name("aci-own-facts.json")
FLAGS = ("isConfigurable", "needsPropDelimiters", "createOnly", "readWrite", "readOnly", "isNaming", "secure", "implicit")
UNIVERSAL = (
    "tagAnnotation", "tagTag", "tagInst", "tagExtMngdInst", "aaaRbacAnnotation",
    "faultInst", "faultCounts", "healthInst",
)  # fmt: skip
#: Largest values of the number types that have a range of their own only where a validator narrows them.
SIZES = {"scalar:UByte": 0xFF, "scalar:Uint16": 0xFFFF, "scalar:Uint32": 0xFFFFFFFF}
TYPES = {
    "scalar:Bool": "bool",
    "scalar:Date": "date",
    "address:Ip": "ip",
    "address:IPv4": "ip",
    "address:IPv6": "ip",
    "address:MAC": "mac",
    "base:Encap": "encap",
    "base:IfIndex": "ifIndex",
    "reference:BinRef": "ref",
    "string:Password": "password",
}


def unpacked(blob):
    return json.loads(zlib.decompress(blob)) if blob else {}


def class_name(qualified):
    return qualified.replace(":", "", 1)


class Catalogue:
    def __init__(self, file):
        self.db = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self.db.row_factory = sqlite3.Row

    def row(self, name):
        return self.db.execute(
            "SELECT mo.*, text AS label FROM mo LEFT JOIN label_pool ON label_pool.id = label_id WHERE class_name = ?",
            (name,),
        ).fetchone()

    def properties(self, class_id):
        return self.db.execute(
            "SELECT s.wire_name, s.default_val, s.flags, s.residual, enum.content AS enum, base.value AS base "
            "FROM class_prop JOIN prop_sig s ON s.id = sig_id LEFT JOIN enum ON enum.id = enum_id "
            "LEFT JOIN type_pool base ON base.id = base_type_id WHERE class_prop.class_id = ? ORDER BY s.wire_name",
            (class_id,),
        ).fetchall()

    def names(self, table, column, class_id):
        rows = self.db.execute(f"SELECT {column} FROM {table} WHERE class_id = ?", (class_id,))
        return [class_name(row[0]) for row in rows]

    def faults(self, class_id):
        return dict(self.db.execute("SELECT code, name FROM fault WHERE class_id = ? ORDER BY code", (class_id,)))

    def relation(self, name):
        return self.db.execute("SELECT * FROM relation WHERE rs_class = ?", (name,)).fetchone()


def constants(row):
    """Names of the values of a property, in the order of their numbers, without the marker of the default."""
    listed = [item for item in unpacked(row["enum"]) or [] if item["localName"] != "defaultValue"]
    numbered = [(int(item["value"]), item["localName"]) for item in listed if item["value"].isdigit()]
    return sorted(numbered)


def limits(residual):
    """Range or length, and the expression: the catalogue lists one validator for all, or one for each."""
    validators = residual.get("validators", [])
    bounds = next(([it.get("min"), it.get("max")] for it in validators if "min" in it or "max" in it), None)
    patterns = [pattern for it in validators for pattern in it.get("regexs", []) if pattern.get("type") == "include"]
    return bounds, patterns[0]["regex"] if len(patterns) == 1 else None


def default_of(row, kind, names):
    if row["default_val"] is None:
        return None
    value = json.loads(row["default_val"])
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "bool":
        return {"true": "yes", "false": "no"}.get(text, text)
    by_number = {str(number): name for number, name in names}
    if kind == "bitmask" and text == "0":
        return by_number.get("0")
    return by_number.get(text, text)


def property_fact(row):
    base = row["base"] or ""
    flags = {name for bit, name in enumerate(FLAGS) if row["flags"] & (1 << bit)}
    names = constants(row)
    bounds, pattern = limits(unpacked(row["residual"]))
    fact = {"type": "string"}
    if "Enum" in base:
        fact = {"type": "enum", "values": [name for _, name in names]} if names else fact
    elif "Bitmask" in base:
        fact = {"type": "bitmask", "values": [name for _, name in names]} if names else fact
    elif base.startswith(("scalar:U", "scalar:S")):
        fact = {"type": "number"}
        bounds = bounds or ([0, SIZES[base]] if base in SIZES else None)
        if bounds:
            fact["range"] = bounds
        if names:
            fact["named"] = {str(number): name for number, name in names}
    else:
        fact = {"type": TYPES.get(base, "string")}
        if bounds and fact["type"] in ("string", "password"):
            fact["length"] = bounds
    if pattern and fact["type"] in ("string", "password"):
        fact["regex"] = pattern
    default = default_of(row, fact["type"], names)
    if default is not None:
        fact["default"] = default
    if flags & {"createOnly", "isNaming"}:
        fact["createOnly"] = True
    # "implicit" is the APIC's word for what it alone sets.
    if not flags & {"isConfigurable"} and "isNaming" not in flags:
        fact["readonly"] = True
    if "secure" in flags:
        fact["secure"] = True
    return fact


class Facts:
    def __init__(self, catalogue, base, wanted):
        self.catalogue = catalogue
        self.facts = base
        self.wanted = wanted
        self.common = base["$common"]

    def add(self, name, row):
        relation = self.catalogue.relation(name)
        kind = "mo" if relation is None else {"named": "relNamed"}.get(relation["rel_type"], "relExplicit")
        residual = unpacked(row["residual"])
        base = self.common["bases"][kind]
        properties = {
            it["wire_name"]: property_fact(it)
            for it in self.catalogue.properties(row["id"])
            if it["wire_name"] not in base or self._is_own(it)
        }
        self.facts[name] = {
            "label": row["label"] or "",
            "classId": row["class_id"],
            "rnFormat": row["rn_format"],
            "identifiedBy": json.loads(row["identified_by"]),
            "containedBy": self._known(residual.get("containedBy", {})),
            "universal": [it for it in UNIVERSAL if it in map(class_name, residual.get("contains", {}))],
            "isConfigurable": bool(row["is_configurable"]),
            "creatable": row["is_creatable_deletable"],
            "base": kind,
            "relation": self._relation(relation),
            "faults": self.catalogue.faults(row["id"]) or None,
            "superClasses": self.catalogue.names("inherits", "ancestor", row["id"]),
            "source": "catalogue of APIC 6.0(9c)",
            "properties": properties,
        }

    def add_kin(self, name, row):
        """A known class below the new ones: its facts name only the parents that were known before."""
        fact = self.facts[name]
        fact["classId"] = row["class_id"]
        fact["superClasses"] = fact.get("superClasses") or self.catalogue.names("inherits", "ancestor", row["id"])
        if fact.get("containedBy") == ["*"]:
            return
        parents = self._known(unpacked(row["residual"]).get("containedBy", {}))
        fact["containedBy"] = sorted({*fact.get("containedBy", []), *parents})

    def _known(self, qualified):
        return sorted(name for name in map(class_name, qualified) if name in self.wanted)

    @staticmethod
    def _is_own(row):
        """The Dn of an explicit relation is the base's only where nobody writes it."""
        return row["wire_name"] == "tDn" and bool(row["flags"] & 1)

    def _relation(self, relation):
        if relation is None:
            return None
        target, reverse = class_name(relation["to_mo"]), class_name(relation["to_rel_mo"] or "")
        source = class_name(relation["from_mo"])
        self._expand(target)
        row = self.catalogue.row(reverse) if reverse else None
        if row is not None and row["rn_format"]:
            known = self.common["reverseRelations"]
            known.setdefault(reverse, {"rnFormat": row["rn_format"], "on": target})
        return {
            "type": relation["rel_type"],
            "to": target,
            "cardinality": relation["cardinality"],
            "fromClass": source,
            **({"reverse": reverse} if row is not None and row["rn_format"] else {}),
        }

    def _expand(self, target):
        """An abstract target: the concrete classes of the list that are of its kind."""
        row = self.catalogue.row(target)
        if row is None or not row["is_abstract"] or target in self.common["abstract"]:
            return
        kinds = [name for name in self.catalogue.names("subclass", "subclass", row["id"]) if name in self.wanted]
        self.common["abstract"][target] = sorted(kinds)


def main(catalogue_file, base_file):
    base = json.loads(Path(base_file).read_text())
    own = json.loads(OWN.read_text())
    lines = (line.split("#")[0].strip() for line in LIST.read_text().splitlines())
    wanted = [line for line in lines if line]
    facts = Facts(Catalogue(catalogue_file), base, set(wanted))
    known = set(base)
    missing = []
    for name in wanted:
        if name in own:
            continue
        row = facts.catalogue.row(name)
        if name in known:
            if row is not None:
                facts.add_kin(name, row)
        elif row is None:
            missing.append(name)
        else:
            facts.add(name, row)
    if missing:
        sys.exit(f"in neither {catalogue_file} nor {base_file}: {', '.join(missing)}")
    json.dump(facts.facts, sys.stdout, indent=1)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: aci-facts.py CATALOGUE.db FACTS.json")
    main(*sys.argv[1:])
