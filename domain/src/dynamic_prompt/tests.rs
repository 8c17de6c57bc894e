use super::*;

fn combinations(prompt: &str) -> Vec<String> {
    parse(prompt).and_then(|prompt| prompt.combinations(8, &mut || 0.0)).unwrap()
}

#[test]
fn combinations_are_those_of_upstream_in_its_order() {
    let recorded: [(&str, &[&str]); 22] = [
        ("a{| very} good", &["a good", "avery good"]),
        (" a {red |green } apple ", &[" a red  apple ", " a green  apple "]),
        ("{2$$a|b|c}", &["a,b", "a,c", "b,a", "b,c", "c,a", "c,b"]),
        ("{1-2$$ and $$x|y}", &["x", "y", "x and y", "y and x"]),
        ("{0-1$$a|b}", &["", "a", "b"]),
        ("{-2$$a|b|c}", &["a", "b", "c", "a,b", "a,c", "b,a", "b,c", "c,a"]),
        ("{2-$$a|b|c}", &["a,b", "a,c", "b,a", "b,c", "c,a", "c,b", "a,b,c", "a,c,b"]),
        ("{0.5::a|2::b}", &["a", "b"]),
        ("{a|{b|c} d}", &["a", "b d", "c d"]),
        (
            "${c={red|blue}} ${c} and ${c}",
            &[" red and red", " red and blue", " blue and red", " blue and blue"],
        ),
        ("${c=!{red|blue}}${c} ${c}", &["red red"]),
        ("${u:dflt} x", &["dflt x"]),
        ("%{a ... b$$ x }", &["a x  b"]),
        ("a # comment\nb", &["a  \nb"]),
        ("a // not {b|c}", &["a // not b", "a // not c"]),
        ("a | b } c", &["a | b } c"]),
        ("{a|a|b}", &["a", "b"]),
        ("{  a|b  }", &["a", "b  "]),
        ("{3$$a|b}", &["a,b", "b,a"]),
        ("{}", &[""]),
        ("", &[]),
        ("(a:1.2) {b:1.1|c}", &["(a:1.2) b:1.1", "(a:1.2) c"]),
    ];
    for (prompt, expected) in recorded {
        assert_eq!(combinations(prompt), expected, "{prompt}");
    }
    assert_eq!(combinations("x __nope__ y"), vec!["x __nope__ y"; 8]);
}

#[test]
fn errors_say_what_upstream_says() {
    let error = |prompt: &str| {
        parse(prompt).and_then(|prompt| prompt.combinations(8, &mut || 0.0)).unwrap_err().to_string()
    };
    assert_eq!(error("100% x"), "Expected end of text, found '%'  (at char 3), (line:1, col:4)");
    assert_eq!(error("{a|b"), "Expected end of text, found '{'  (at char 0), (line:1, col:1)");
    assert_eq!(error("${u}"), "Variable u is not defined in this context");
    assert_eq!(error("{__nope__|x}"), "No values found for wildcard(s): nope");
}

#[test]
fn chance_follows_the_weights() {
    let prompt = parse("{3::a|1::b} {c|d}").unwrap();
    let draw = |numbers: &[f64]| {
        let mut numbers = numbers.iter().copied();
        prompt.draw(&mut || numbers.next().unwrap()).unwrap()
    };
    assert_eq!(draw(&[0.0, 0.7, 0.0, 0.6]), "a d");
    assert_eq!(draw(&[0.0, 0.8, 0.0, 0.1]), "b c");
}

#[test]
fn a_thousand_variants_give_the_first_few_at_once() {
    let prompt = parse(&"{a|b|c|d|e|f|g|h}".repeat(40)).unwrap();
    assert_eq!(prompt.combinations(3, &mut || 0.0).unwrap().len(), 3);
}
