#!/usr/bin/env python3
"""Mutates JSON documents and says what Python's parser makes of each.

    fuzz-json.py SEED COUNT

prints a line a document: the document in hexadecimal, then a tab and either `-` where it is refused or its value in a
form that keeps integers exact and floats by their bits. The tests of the JSON target read this.
"""
import json
import random
import struct
import sys

SEEDS = [
    b'{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labels":{"x":"y"}},"spec":{"containers":[{"name":"c"}]}}',
    b'[0,-0,1,-1,9223372036854775807,-9223372036854775808,9223372036854775808,1.5,-2.25e10,1E-7,1e308,1e999,123456.789e-30]',
    b'["","\\u0041\\ud83d\\ude00\\n\\"\\\\\\/\\b\\f\\r\\t","\\ud800","\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"]',
    b' { "a" : [ true , false , null ] , "a" : { } , "b" : [ [ ] ] } ',
]
ALPHABET = b'{}[]:,"\\ 0123456789+-.eEtrufalsn/\x00\n\t\x7f\x80\xc3\xff\xed\xa0ud8c'


class Refused(Exception):
    pass


def refuse(text):
    raise Refused(text)


def decimal(text):
    value = float(text)
    if value in (float("inf"), float("-inf")):
        refuse(text)
    return value


def integer(text):
    value = int(text)
    return value if -(2**63) <= value < 2**63 else decimal(text)


def canonical(value):
    if value is None:
        return "n"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, int):
        return "i%d" % value
    if isinstance(value, float):
        return "d%016x" % struct.unpack(">Q", struct.pack(">d", value))[0]
    if isinstance(value, str):
        # Lone halves of surrogate pairs become U+FFFD, as in Go.
        text = "".join("\ufffd" if 0xD800 <= ord(c) < 0xE000 else c for c in value)
        return "s" + text.encode().hex()
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    # Keys that are alike only once lone halves are replaced are one key, as in Go.
    members = {canonical(key): canonical(item) for key, item in value}
    return "{" + ",".join(k + ":" + v for k, v in sorted(members.items())) + "}"


class Members:
    def __init__(self, pairs):
        self.pairs = pairs

    def __iter__(self):
        return iter(self.pairs)


DECODER = json.JSONDecoder(
    object_pairs_hook=Members, parse_constant=refuse, parse_float=decimal, parse_int=integer, strict=True)


def answer(document):
    try:
        return canonical(DECODER.decode(document.decode("utf-8")))
    except (ValueError, Refused, RecursionError):
        return "-"


def mutate(rng):
    document = bytearray(rng.choice(SEEDS))
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3, 8])):
        place = rng.randrange(len(document) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            document[place:place] = bytes([rng.choice(ALPHABET)])
        elif kind == 1:
            del document[place:place + rng.choice([1, 1, 2, 10])]
        elif kind == 2:
            document[place:place + 1] = bytes([rng.choice(ALPHABET)])
        else:
            start = rng.randrange(len(document) + 1)
            document[place:place] = document[start:start + rng.randrange(12)]
    return bytes(document)


def main():
    rng = random.Random(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        document = mutate(rng)
        print(document.hex() + "\t" + answer(document))


main()
