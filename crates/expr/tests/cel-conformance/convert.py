#!/usr/bin/env python3
"""Turns the CEL specification's conformance files into `cases.json`.

    convert.py PATH/TO/cel-spec/tests/simple/testdata > cases.json

A case is [name, expression, bindings or null, expected]; what is expected is {"value": JSON}, {"double":
text} or {"error": true}. Values are
written as the language gives them to JSON: bytes as base64, timestamps and durations as text, keys of maps as text. What
JSON cannot hold is asked for instead: `math.isNaN(..)`, `(..) == double('Infinity')`, `(..) == int`.

Left out are whole files about protobuf and the static checker, and single cases that need either (counted under "dropped").
"""

import base64
import json
import pathlib
import re
import sys

FILES = """basic comparisons conversions encoders_ext fields fp_math integer_math lists logic macros macros2
    bindings_ext math_ext namespace network_ext optionals parse plumbing string string_ext timestamps""".split()

TOKEN = re.compile(r"""\s+|\#[^\n]*|(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<sign>[{}\[\]:;,<>])|(?P<word>[^\s{}\[\]:;,<>"'#]+)""")


def tokens(text):
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        position = match.end()
        if match.lastgroup:
            yield match.lastgroup, match.group()


ESCAPES = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11}


def unescape(literal):
    """The bytes of a quoted text."""
    body, out, i = literal[1:-1], bytearray(), 0
    while i < len(body):
        if body[i] != "\\":
            out += body[i].encode()
            i += 1
            continue
        kind = body[i + 1]
        if kind in ESCAPES:
            out.append(ESCAPES[kind])
            i += 2
        elif kind in "xX":
            digits = re.match(r"[0-9a-fA-F]{1,2}", body[i + 2:]).group()
            out.append(int(digits, 16))
            i += 2 + len(digits)
        elif kind in "01234567":
            digits = re.match(r"[0-7]{1,3}", body[i + 1:]).group()
            out.append(int(digits, 8) & 255)
            i += 1 + len(digits)
        elif kind in "uU":
            width = 4 if kind == "u" else 8
            out += chr(int(body[i + 2:i + 2 + width], 16)).encode()
            i += 2 + width
        else:
            out += kind.encode()
            i += 2
    return bytes(out)


class Reader:
    """Reads a message of the text format into a list of (name, value)."""

    def __init__(self, text):
        self.tokens = list(tokens(text))
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def next(self):
        self.at += 1
        return self.tokens[self.at - 1]

    def message(self, end=None):
        fields = []
        while self.peek()[1] != end and self.peek()[0]:
            kind, name = self.next()
            if name in (",", ";"):
                continue
            if name == "[":
                name = ""
                while self.peek()[1] != "]":
                    name += self.next()[1]
                self.next()
                name = "[" + name + "]"
            if self.peek()[1] == ":":
                self.next()
            for value in self.values():
                fields.append((name, value))
        if end:
            self.next()
        return fields

    def values(self):
        kind, text = self.peek()
        if text == "[":
            self.next()
            found = []
            while self.peek()[1] != "]":
                if self.peek()[1] == ",":
                    self.next()
                    continue
                found += self.values()
            self.next()
            return found
        return [self.value()]

    def value(self):
        kind, text = self.next()
        if text in ("{", "<"):
            return self.message("}" if text == "{" else ">")
        if kind == "text":
            whole = unescape(text)
            while self.peek()[0] == "text":
                whole += unescape(self.next()[1])
            return whole
        return text


class Dropped(Exception):
    pass


def one(fields, name, default=None):
    return next((value for key, value in fields if key == name), default)


def all_of(fields, name):
    return [value for key, value in fields if key == name]


def fraction(nanos):
    return "." + f"{nanos:09}".rstrip("0") if nanos else ""


def well_known(fields):
    name, inner = fields[0]
    seconds, nanos = int(one(inner, "seconds", "0")), int(one(inner, "nanos", "0"))
    if name.endswith("google.protobuf.Duration]"):
        sign = "-" if seconds < 0 or nanos < 0 else ""
        return f"{sign}{abs(seconds)}{fraction(abs(nanos))}s"
    if name.endswith("google.protobuf.Timestamp]"):
        days, rest = divmod(seconds, 86400)
        import datetime
        day = datetime.date.fromordinal(datetime.date(1970, 1, 1).toordinal() + days)
        return f"{day.year:04}-{day.month:02}-{day.day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}{fraction(nanos)}Z"
    raise Dropped("protobuf messages")


def key_text(fields):
    value = to_json(fields)
    return value if isinstance(value, str) else json.dumps(value)


def to_json(fields, bound=False):
    name, value = fields[0] if fields else ("null_value", None)
    if name == "null_value":
        return None
    if name == "bool_value":
        return value == "true"
    if name in ("int64_value", "uint64_value"):
        if bound and name == "uint64_value":
            raise Dropped("bound values that JSON does not have")
        return int(value, 0)
    if name == "double_value":
        number = float(value)
        if number != number or number in (float("inf"), float("-inf")):
            raise Dropped("doubles in collections that JSON does not have")
        return number
    if name == "string_value":
        return value.decode()
    if name == "list_value":
        return [to_json(item, bound) for item in all_of(value, "values")]
    if name == "map_value":
        entries = [(one(entry, "key"), one(entry, "value")) for entry in all_of(value, "entries")]
        if bound and any(key[0][0] != "string_value" for key, _ in entries):
            raise Dropped("bound values that JSON does not have")
        return {key_text(key): to_json(value, bound) for key, value in entries}
    if bound:
        raise Dropped("bound values that JSON does not have")
    if name == "bytes_value":
        return base64.b64encode(value).decode()
    if name == "object_value":
        return well_known(value)
    raise Dropped("protobuf messages")


def expected(expression, fields):
    """The expression to ask, and what it gives."""
    if one(fields, "eval_error") is not None or one(fields, "any_eval_errors") is not None:
        return expression, {"error": True}
    if one(fields, "unknown") is not None or one(fields, "any_unknowns") is not None:
        raise Dropped("unknown values")
    if one(fields, "typed_result") is not None:
        raise Dropped("the static checker")
    value = one(fields, "value")
    if value is None:
        return expression, {"value": True}
    if value and value[0][0] == "type_value":
        return f"({expression}) == {value[0][1].decode()}", {"value": True}
    if value and value[0][0] == "double_value" and value[0][1].lower() in ("nan", "inf", "infinity", "-inf", "-infinity"):
        word = value[0][1].lower()
        if word == "nan":
            return f"math.isNaN({expression})", {"value": True}
        sign = "-" if word.startswith("-") else ""
        return f"({expression}) == double('{sign}Infinity')", {"value": True}
    if value and value[0][0] == "double_value":
        # As text: not every reader of JSON reads doubles to the last bit.
        return expression, {"double": repr(float(value[0][1]))}
    return expression, {"value": to_json(value)}


def case(fields):
    if one(fields, "container") is not None:
        raise Dropped("containers")
    if one(fields, "check_only") == "true" or one(fields, "disable_macros") == "true":
        raise Dropped("the static checker")
    expression = one(fields, "expr").decode()
    if re.search(r"TestAllTypes|NestedTestAllTypes|GlobalEnum|NestedEnum|google\.protobuf\.[A-Z]\w*\s*\{|google\.protobuf\.(Any|Struct|Value|ListValue|\w+Value)\b|proto[23]\b", expression):
        raise Dropped("protobuf messages")
    bindings = {}
    for binding in all_of(fields, "bindings"):
        bindings[one(binding, "key").decode()] = to_json(one(one(binding, "value"), "value"), bound=True)
    expression, result = expected(expression, fields)
    return [one(fields, "name").decode(), expression, bindings or None, result]


def main(folder):
    files, dropped = {}, {}
    for name in FILES:
        whole = Reader((pathlib.Path(folder) / f"{name}.textproto").read_text()).message()
        sections = {}
        for section in all_of(whole, "section"):
            cases = []
            for test in all_of(section, "test"):
                try:
                    cases.append(case(test))
                except Dropped as reason:
                    dropped[str(reason)] = dropped.get(str(reason), 0) + 1
            if cases:
                sections[one(section, "name").decode()] = cases
        files[name] = sections
    lines = []
    for name, sections in files.items():
        inner = []
        for section, cases in sections.items():
            rows = ",\n".join("   " + json.dumps(row, ensure_ascii=True) for row in cases)
            inner.append(f"  {json.dumps(section)}: [\n{rows}\n  ]")
        lines.append(f" {json.dumps(name)}: {{\n" + ",\n".join(inner) + "\n }")
    print("{\n\"dropped\": " + json.dumps(dropped) + ",\n\"files\": {\n" + ",\n".join(lines) + "\n}}")


main(sys.argv[1])
