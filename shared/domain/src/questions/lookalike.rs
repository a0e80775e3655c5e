//! Names that may mean the same: people are told, and nothing is guessed.

/// What usual environments are also called.
const USUAL: [&[&str]; 4] = [
    &["production", "prod", "prd"],
    &["staging", "stage", "stg"],
    &["development", "devel", "dev"],
    &["testing", "test", "tst"],
];

/// The shortest names of which one edit is taken for a slip, in characters.
const LEAST: usize = 5;

/// Whether two different names look alike: they differ by case alone, are usual names of one environment, or, of
/// five letters and more, differ by one edit that is not of a digit.
#[must_use]
pub fn look_alike(one: &str, other: &str) -> bool {
    if one == other {
        return false;
    }
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let usual = |name: &str| USUAL.iter().position(|names| names.contains(&name));
    one == other || usual(&one).is_some_and(|group| usual(&other) == Some(group)) || is_one_edit(&one, &other)
}

/// Each pair of names that look alike, in their order.
#[must_use]
pub fn lookalikes<'a>(names: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    let pairs = names.iter().enumerate().flat_map(|(at, one)| names[at + 1..].iter().map(move |other| (*one, *other)));
    pairs.filter(|(one, other)| look_alike(one, other)).collect()
}

/// Whether one character that is no digit was changed, put in or left out.
fn is_one_edit(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if short.len() < LEAST || long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(&long).take_while(|(one, other)| one == other).count();
    let (rest, edited) = if short.len() == long.len() {
        if same == short.len() {
            return false;
        }
        (&short[same + 1..], vec![short[same], long[same]])
    } else {
        (&short[same..], vec![long[same]])
    };
    *rest == long[same + 1..] && !edited.iter().any(char::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_look_alike_by_case_by_use_and_by_a_slip() {
        for (one, other) in [
            ("Production", "production"),
            ("Prod", "production"),
            ("prd", "PROD"),
            ("stage", "staging"),
            ("checkout", "chekout"),
            ("checkout", "checkoot"),
            ("größe", "Größe"),
        ] {
            assert!(look_alike(one, other) && look_alike(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("production", "production"),
            ("cart", "card"),
            ("eu-prod-1", "eu-prod-2"),
            ("node10", "node1"),
            ("production", "staging"),
            ("checkout", "checkuot"),
            ("preview-1", "preview-12"),
            ("", "a"),
        ] {
            assert!(!look_alike(one, other) && !look_alike(other, one), "{one} {other}");
        }
        let names = ["Prod", "cart", "prd", "production"];
        assert_eq!(lookalikes(&names), [("Prod", "prd"), ("Prod", "production"), ("prd", "production")]);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_which_is_first(one in "[a-c1é]{0,8}", other in "[a-c1é]{0,8}") {
            prop_assert_eq!(look_alike(&one, &other), look_alike(&other, &one));
        }
    }
}
