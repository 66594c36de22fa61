//! Expressions and functions: what stands on the left gives what stands on the right.

#[cfg(target_arch = "wasm32")]
#[macro_use]
extern crate yurt_everywhere;

use serde_json::{Value, json};
use yurt_jobspec::{ParseInput, parse};

/// The value of an expression in a task's `config`, or the first message.
fn evaluate(expression: &str) -> Result<Value, String> {
    let source = format!(
        "job \"a\" {{\n  group \"g\" {{\n    task \"t\" {{\n      config {{\n        x = {expression}\n\
         \x20     }}\n    }}\n  }}\n}}\n"
    );
    let parsed = parse(&ParseInput {
        file_name: "t.hcl",
        source: &source,
        ..Default::default()
    });
    match parsed.document {
        Some(document) => Ok(document["TaskGroups"][0]["Tasks"][0]["Config"]["x"].clone()),
        None => Err(format!(
            "{}; {}",
            parsed.diagnostics[0].summary, parsed.diagnostics[0].detail
        )),
    }
}

#[test]
fn functions_give_the_recorded_values() {
    let table = [
        ("abs(-3)", json!(3)),
        ("ceil(1.2)", json!(2)),
        ("floor(1.8)", json!(1)),
        ("signum(-3)", json!(-1)),
        ("log(8,2)", json!(3)),
        ("pow(2,8)", json!(256)),
        ("max(1,3,2)", json!(3)),
        ("max([1,2]...)", json!(2)),
        ("min(3,1)", json!(1)),
        ("parseint(\"ff\",16)", json!(255)),
        ("title(\"hello world\")", json!("Hello World")),
        ("trim(\"??a??\",\"?\")", json!("a")),
        ("chomp(\"a\\n\\n\")", json!("a")),
        ("strlen(\"héé\")", json!(3)),
        ("strrev(\"abc\")", json!("cba")),
        ("reverse(\"abc\")", json!("cba")),
        ("substr(\"hello\",1,3)", json!("ell")),
        ("substr(\"hello\",-3,-1)", json!("llo")),
        ("split(\",\",\"a,b\")", json!(["a", "b"])),
        ("split(\",\",\"\")", json!([""])),
        ("join(\",\",[\"a\",\"b\"])", json!("a,b")),
        ("replace(\"a-b\",\"-\",\"+\")", json!("a+b")),
        ("regex_replace(\"a1b2\",\"[0-9]\",\"#\")", json!("a#b#")),
        ("indent(2,\"a\\nb\")", json!("a\n  b")),
        (
            "format(\"%s-%03d-%v-%q\",\"a\",5,true,\"z\")",
            json!("a-005-true-\"z\""),
        ),
        (
            "format(\"%.2f|%5s|%-4s|%x|%t|%%\",1.5,\"a\",\"b\",255,true)",
            json!("1.50|    a|b   |ff|true|%"),
        ),
        ("formatlist(\"%s!\",[\"a\",\"b\"])", json!(["a!", "b!"])),
        (
            "formatdate(\"YYYY-MM-DD hh:mm:ss\",\"2020-02-29T13:04:05Z\")",
            json!("2020-02-29 13:04:05"),
        ),
        (
            "formatdate(\"EEE, DD MMM YY 'at' HHaa ZZZZZ\",\"2020-02-29T13:04:05+01:00\")",
            json!("Sat, 29 Feb 20 at 01pm +01:00"),
        ),
        (
            "timeadd(\"2020-02-29T23:30:00Z\",\"1h\")",
            json!("2020-03-01T00:30:00Z"),
        ),
        ("length([\"a\"])", json!(1)),
        ("keys({b=1,a=2})", json!(["a", "b"])),
        ("values({b=1,a=2})", json!([2, 1])),
        ("lookup({a=1},\"b\",7)", json!(7)),
        ("merge({a=1},{b=2})", json!({"a": 1, "b": 2})),
        ("concat([1],[2])", json!([1, 2])),
        ("flatten([1,[2,[3]]])", json!([1, 2, 3])),
        ("distinct([\"a\",\"b\",\"a\"])", json!(["a", "b"])),
        ("compact([\"a\",\"\"])", json!(["a"])),
        ("chunklist([1,2,3],2)", json!([[1, 2], [3]])),
        ("slice([1,2,3,4],1,3)", json!([2, 3])),
        ("sort([\"b\",\"a\"])", json!(["a", "b"])),
        ("range(3)", json!([0, 1, 2])),
        ("range(1,4)", json!([1, 2, 3])),
        ("range(1,10,3)", json!([1, 4, 7])),
        ("contains([\"a\"],\"a\")", json!(true)),
        ("element([\"a\",\"b\"],3)", json!("b")),
        ("index([\"a\",\"b\"],1)", json!("b")),
        ("coalesce(\"\",\"b\")", json!("")),
        ("coalescelist([],[\"b\"])", json!(["b"])),
        ("setunion([\"b\"],[\"a\"])", json!(["a", "b"])),
        ("setintersection([\"b\",\"a\"],[\"a\"])", json!(["a"])),
        (
            "setproduct([\"a\"],[\"x\",\"y\"])",
            json!([["a", "x"], ["a", "y"]]),
        ),
        ("zipmap([\"a\",\"b\"],[1,2])", json!({"a": 1, "b": 2})),
        ("convert(\"3\",number)", json!(3)),
        ("can(attr.x)", json!(true)),
        ("can(1 + \"x\")", json!(false)),
        ("try(attr.x,\"d\")", json!("${attr.x}")),
        ("try({}.a,\"d\")", json!("d")),
        (
            "jsonencode({b=[1,null],a=\"<\"})",
            json!("{\"a\":\"\\u003c\",\"b\":[1,null]}"),
        ),
        ("jsondecode(\"{\\\"a\\\":[1.5]}\").a[0]", json!(1.5)),
        (
            "yamlencode({a=1,b=[\"x\"]})",
            json!("\"a\": 1\n\"b\":\n- \"x\"\n"),
        ),
        ("yamldecode(\"y\")", json!(true)),
        ("csvdecode(\"a,b\\n1,2\\n\")", json!([{"a": "1", "b": "2"}])),
        ("base64encode(\"hi\")", json!("aGk=")),
        ("base64decode(\"aGk=\")", json!("hi")),
        ("urlencode(\"a b&c/d\")", json!("a+b%26c%2Fd")),
        ("md5(\"\")", json!("d41d8cd98f00b204e9800998ecf8427e")),
        (
            "uuidv5(\"dns\",\"example.com\")",
            json!("cfbff0d1-9375-5685-968c-48ce8b15ae17"),
        ),
        ("cidrhost(\"10.0.0.0/24\",5)", json!("10.0.0.5")),
        ("cidrnetmask(\"10.0.0.0/12\")", json!("255.240.0.0")),
        ("cidrsubnet(\"10.0.0.0/16\",8,2)", json!("10.0.2.0/24")),
        (
            "cidrsubnets(\"10.0.0.0/16\",8,8)",
            json!(["10.0.0.0/24", "10.0.1.0/24"]),
        ),
        ("basename(\"/a/b.txt\")", json!("b.txt")),
        ("dirname(\"/a/b.txt\")", json!("/a")),
        ("strlen(uuidv4())", json!(36)),
    ];
    for (expression, expected) in table {
        assert_eq!(evaluate(expression), Ok(expected), "{expression}");
    }
}

#[test]
fn expressions_give_the_recorded_values() {
    let table = [
        (
            "\"a${attr.cpu.arch}b-${1+2}\"",
            json!("a${attr.cpu.arch}b-3"),
        ),
        ("\"${upper(attr.x)}\"", json!("${ATTR.X}")),
        ("\"${attr.x == \"y\" ? \"a\" : \"b\"}\"", json!("b")),
        ("\"${~ attr.x ~}\"", json!("${attr.x}")),
        ("\"${(attr.x)}\"", json!("${attr.x}")),
        ("\"${attr.x}}\"", json!("${attr.x}}}")),
        ("\"${attr.x} }\"", json!("${attr.x} } }")),
        ("\"{${attr.x}}\"", json!("{${attr.x}}}")),
        ("True", json!("${True}")),
        ("\"${env[\"HOME\"]}\"", json!("${env[\"HOME\"]}")),
        (
            "\"$NAME {{ x }} $${a} %%{b}\"",
            json!("$NAME {{ x }} ${a} %{b}"),
        ),
        ("1 == \"1\"", json!(false)),
        ("\"5\" + 1", json!(6)),
        ("true ? 1 : \"b\"", json!("1")),
        ("\"${3}\"", json!(3)),
        ("1.50", json!(1.5)),
        ("\"${10000000000000000000000}\"", json!(1e22)),
        (
            "\"n${10000000000000000000000}\"",
            json!("n10000000000000000000000"),
        ),
        (
            "[for i, v in [\"a\",\"b\"] : \"${i}${v}\" if v != \"a\"]",
            json!(["1b"]),
        ),
        (
            "{for k, v in {a=1,b=1} : v => k...}",
            json!({"1": ["a", "b"]}),
        ),
        ("[{n=1},{n=2}].*.n", json!([1, 2])),
        (
            "{ k = \"v\", n = { m = 1 } }",
            json!([{"k": "v", "n": [{"m": 1}]}]),
        ),
        ("merge({k=1},{})", json!({"k": 1})),
        ("!(1 > 2 || false) && -3 < -2", json!(true)),
        ("2 + 3 * 4 - 10 % 4", json!(12)),
    ];
    for (expression, expected) in table {
        assert_eq!(evaluate(expression), Ok(expected), "{expression}");
    }
}

#[test]
fn wrong_calls_say_what_the_reference_says() {
    let table = [
        (
            "max()",
            "Error in function call; Call to function \"max\" failed: must pass at least one \
            number.",
        ),
        (
            "parseint(\"zz\",10)",
            "Invalid function argument; Invalid value for \"number\" parameter: \
            cannot parse \"zz\" as a base 10 integer.",
        ),
        (
            "reverse([1])",
            "Invalid function argument; Invalid value for \"str\" parameter: string \
            required, but have tuple.",
        ),
        (
            "format(\"%d\",\"a\")",
            "Error in function call; Call to function \"format\" failed: \
            unsupported value for \"%d\" at 0: a number is required.",
        ),
        (
            "format(\"%s\")",
            "Error in function call; Call to function \"format\" failed: not enough \
            arguments for \"%s\" at 0: need index 1 but have 0 total.",
        ),
        (
            "length(\"abc\")",
            "Error in function call; Call to function \"length\" failed: collection \
            must be a list, a map or a tuple.",
        ),
        (
            "slice([1],0,2)",
            "Invalid function argument; Invalid value for \"end_index\" parameter: \
            end index must not be greater than the length of the list.",
        ),
        (
            "element([],0)",
            "Error in function call; Call to function \"element\" failed: cannot use \
            element function with an empty list.",
        ),
        (
            "contains(\"abc\",\"b\")",
            "Error in function call; Call to function \"contains\" failed: \
            argument must be list, tuple, or set.",
        ),
        (
            "csvdecode(\"\")",
            "Error in function call; Call to function \"csvdecode\" failed: missing \
            header line.",
        ),
        (
            "cidrhost(\"10.0.0.0/24\",500)",
            "Error in function call; Call to function \"cidrhost\" \
            failed: prefix of 24 does not accommodate a host numbered 500.",
        ),
        (
            "file(\"a\")",
            "Error in function call; Call to function \"file\" failed: filesystem \
            function disabled.",
        ),
        (
            "tostring(1)",
            "Call to unknown function; There is no function named \"tostring\".",
        ),
        (
            "foo::bar()",
            "Call to unknown function; There are no functions in namespace \"foo::\".",
        ),
        (
            "{for x in [1,2] : \"a\" => x}",
            "Duplicate object key; Two different items produced the \
            key \"a\" in this 'for' expression. If duplicates are expected, use the ellipsis (...) \
            after the value expression to enable grouping by key.",
        ),
        (
            "true ? \"a\" : [1]",
            "Inconsistent conditional result types; The true and false result \
            expressions must have consistent types. The 'true' value is string, but the 'false' \
            value is tuple.",
        ),
        (
            "[for x in 5 : x]",
            "Iteration over non-iterable value; A value of type number cannot be \
            used as the collection in a 'for' expression.",
        ),
    ];
    for (expression, expected) in table {
        assert_eq!(
            evaluate(expression),
            Err(expected.to_owned()),
            "{expression}"
        );
    }
}

#[test]
fn evaluation_is_bounded() {
    let nested = "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]";
    let message = evaluate(nested).unwrap_err();
    assert!(message.starts_with("Evaluation too large"), "{message}");
}
