"""Texts that Alertmanager takes or refuses, by their kind; amtool decides: tests/integration/test_foreign_yaml.py."""

from __future__ import annotations

# False: refused. What only newer Go knows, and names behind \p, which we do not judge, are not in the table.
EXPRESSIONS = {
    False: (
        *("(?x)x", "(?a)x", "(?u)x", "(?L)x", "(?i-)x", "(?-:x)", "(?^:x)", "(?#c)x", "(?>x)", "(?=x)", "(?<!x)"),
        *("x*+", "x++", "x?+", "x{2}+", "x**", "x*??", "x{2}{3}", "*", "(+)", "a|*", "{2}", "(?i)*"),
        *("x{1001}", "x{2,1001}", "x{1001,}", "x{2,1}", "(x{100}){100}", "((x{10}){10}){11}", "x{99999999999}"),
        *(r"\Z", r"\u1234", r"\U00012345", r"\N{DIGIT ONE}", r"\1", r"\18", r"\8", r"(?P<a>x)(?P=a)", r"(a)(?(1)b)"),
        *(r"\x4", r"\x{}", r"\x{110000}", r"\p", r"\p{L", r"\pX", r"\é", r"\e", r"\C", r"\E", r"\Q.(", "a\\"),
        *("[a", "[]", "[z-a]", r"[a-\d]", r"[\b]", r"[\z]", r"[\Q-\E]", r"[\1]", r"[\u1234]", "[[:nope:]]", "[a--b]"),
        *(
            "(",
            ")",
            "a)b",
            "(?",
            "(?P<a",
            "(?P<>x)",
            "(?P<a.b>x)",
            "(?P<é>x)",
            "(?|x)",
            "(?R)",
            "(" * 1001 + ")" * 1001,
        ),
    ),
    True: (
        *("(?i)x", "a(?i)x", "(?i-s)x", "(?U)x", "(?mi-sU:x)", "(?i)(?-i)x", "(?:x)", "(?P<1a>x)", "()", "a(?i)*"),
        *("x*?", "x{2}?", "x{1000}", "((x{10}){10}){10}", "x{0}", "x{,2}", "x{", "x{a}", "(?:)*", "^*", "$+", r"\b*"),
        *(r"\z", r"\A", r"\pL", r"\p{L}", r"\p{Greek}", r"\p{^L}", r"\P{L}", r"\Q.(\E", r"\Qa\Eb*", r"\Q\E", r"\x41"),
        *(
            r"\x{41}",
            r"\x{10FFFF}",
            r"\0",
            r"\07",
            r"\123",
            r"\400",
            r"\a",
            r"\-",
            r"\_",
            r"\ ",
            r"\/",
            "\n",
            "é",
            "\x00",
        ),
        *(
            "[]a]",
            "[^]a]",
            "[a-]",
            "[-a]",
            "[[a]",
            "[a||b]",
            r"[\d-z]",
            r"[\pL]",
            r"[\x{41}-\x{5a}]",
            r"[\0]",
            "[[:word:]]",
        ),
        *("[[:^alpha:]-z]", "[[.a.]]", "warning|critical", "a)(b", ""),
    ),
}
URLS = {
    False: (
        *("", "x", "/x", "http:x", "http:///x", "ftp://x/", " http://x", "http://x ", "http://x/\n", "http://x/\t"),
        *("http://x/%zz", "http://x/%", "http://x/#%zz", "http://x%zz/", "http://x%41/", "http://u:p%zz@x/"),
        *("http://u:p/a@h/", "http://u:p^@x/", "http://u:p[@x/", "http://u ser@x/"),
        *(
            "http://x:abc/",
            "http://x:-1",
            "http://x:٣/",
            "http://[::1/",
            "http://[::1]a/",
            "http://[zz]/",
            "http://[]/",
        ),
        *("http://[fe80::1%eth0]/", "http://x y/", "http://x\\y/", "http://{{ x }}/", "http://a|b/", "http://a[b/"),
    ),
    True: (
        *("http://x", "HTTPS://x/", "http://x:80", "http://x:/", "http://[::1]:80/", "http://[fe80::1%25eth0]/"),
        *("http://u:p@x/", "http://u@h@x/", "http://u:p%2Fa@h/", "http://ü/", "http://a_b/", "http://x%C3%BC/"),
        *("http://x/a b", "http://x/ü", "http://x/[a]", "http://x?%zz", "http://x/?a=b c", "http://x/#%41"),
    ),
}
DURATIONS = {
    False: ("", "10", "s", "1d1w", "1s\n", "٣s", "1.5h", "-1s", "300y", "293y", "106752d", "292y300d", "9" * 20 + "s"),
    True: ("30s", "1h30m", "1s500ms", "292y", "106751d", "9223372036854ms", "292y24w3d23h47m16s854ms", "007m"),
}
GROUPS = {
    False: (["...", "a"], ["..", "a"], ["a", "a"], ["a:b"], ["é"], ["a\n"], [""], ["a-b"]),
    True: (["..."], ["a", "__name__"], []),
}
LOGIN = {"client_id": "a", "client_secret": "b", "token_url": "http://t", "scopes": ["openid"]}
LOGINS = {
    False: tuple({**LOGIN, field: ""} for field in ("client_id", "client_secret", "token_url")),
    True: (LOGIN, {**LOGIN, "scopes": []}),
}
