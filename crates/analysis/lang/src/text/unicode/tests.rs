use UnicodeOddityKind as K;
use proptest::prelude::*;

use super::*;

fn found(text: &str, setting: Setting) -> Vec<(UnicodeOddityKind, u32)> {
    oddities(&Places::new(text), setting, Language::Python)
        .into_iter()
        .map(|o| (o.kind, o.count))
        .collect()
}

#[test]
fn a_flag_of_a_subdivision_is_no_hidden_data() {
    let flag = |joiner: &str, tags: &str| {
        let tags: Vec<String> = tags
            .chars()
            .map(|c| char::from_u32(0xe0000 + c as u32).unwrap().to_string())
            .collect();
        format!(
            "s = '\u{1f3f4}{joiner}{}{joiner}\u{e007f}'",
            tags.join(joiner)
        )
    };
    assert_eq!(found(&flag("", "gbeng"), Setting::Code), []);
    assert_eq!(found(&flag("\u{200d}", "gbeng"), Setting::Code), []);
    let long = found(&flag("", "print(1)print(2)"), Setting::Code);
    assert_eq!(long, [(K::HiddenData, 17)]);
}

#[test]
fn deceptions_are_found_in_code() {
    let variation: String = (0..20)
        .map(|i| char::from_u32(0xe0100 + i).unwrap())
        .collect();
    let tags: String = "run"
        .chars()
        .map(|c| char::from_u32(0xe0000 + c as u32).unwrap())
        .collect();
    let fillers = "\u{3164}\u{ffa0}".repeat(10);
    let private: String = (0..40)
        .map(|i| char::from_u32(0xf0000 + i).unwrap())
        .collect();
    let cases: Vec<(String, K, u32)> = vec![
        (
            "if access != \"user\u{202e} \u{2066}// check\u{2069} \u{2066}\" {".into(),
            K::Bidi,
            4,
        ),
        // where a docstring ends, or what is none, is not shown
        (
            "'''Reads.\u{202e} \u{2066};return\u{2069} '''\n".into(),
            K::Bidi,
            3,
        ),
        (
            "f\"{'''\"'''}\"\nx = 1 #\u{202e}\ny = '''\n'''\n".into(),
            K::Bidi,
            1,
        ),
        ("x = 'a\u{200b}b'".into(), K::ZeroWidth, 1),
        ("pass\u{200d}word = 1".into(), K::ZeroWidth, 1),
        (format!("s = `{variation}`"), K::HiddenData, 20),
        (format!("s = '{tags}'"), K::HiddenData, 3),
        (format!("x = '{fillers}'"), K::HiddenData, 20),
        (format!("x = '{private}'"), K::HiddenData, 40),
        ("\u{200b}\u{200c}\u{200d}".repeat(5), K::HiddenData, 15),
        ("import rеquests".into(), K::Homoglyph, 1),
        ("def ѕсоре(): pass".into(), K::Homoglyph, 1),
        ("x = 1\x1b[2K\x1b[1A".into(), K::ControlSequence, 2),
        ("evil()\rhonest()\n".into(), K::ControlSequence, 1),
    ];
    for (text, kind, count) in cases {
        assert_eq!(found(&text, Setting::Code), [(kind, count)], "{text:?}");
    }
}

#[test]
fn honest_uses_are_left_alone() {
    let cases = [
        "print('👩\u{200d}👩\u{200d}👧 ❤\u{fe0f} 1\u{fe0f}\u{20e3}')",
        "flag = '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'",
        "x = 'می\u{200c}خواهم'",
        "he = '\u{202b}שלום עולם\u{202c}'",
        "icon = '\u{f09b}'",
        "Δt = σ_x * µs",
        "# комментарий про HTML-код и JSONа",
        "имя = 'оса'; // ещё JSONа",
        "th = 'ภาษา\u{200b}ไทย'",
        "葛\u{e0100}城",
        "table = ['\u{200b}', \"\u{2060}\"]",
        "a\r\nb\r\n",
        "line\rline\rline",
        "'''\nif access != 'user\u{202e} \u{2066}# check\u{2069} \u{2066}':\n'''\n",
    ];
    for text in cases {
        assert_eq!(found(text, Setting::Code), [], "{text:?}");
    }
    for text in ["soft\u{200b}break", "\u{2066}isolated\u{2069} name", "rеal"] {
        assert_eq!(found(text, Setting::Prose), [], "{text:?}");
    }
}

#[test]
fn long_lines_cost_linear_time() {
    let line = format!("x = '{}'", "é\u{200b}x".repeat(200_000));
    let started = foretaste_model::Stopwatch::start();
    let _ = found(&line, Setting::Code);
    let hidden = "\u{e0100}".repeat(500_000);
    let _ = found(&hidden, Setting::Code);
    assert!(started.elapsed().as_secs() < 5, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn any_text_is_walked(text in "[a\u{200b}\u{200d}\u{fe0f}\u{e0067}\u{202e}\u{f000}аео\r\n ]{0,80}", code: bool) {
        let _ = found(&text, if code { Setting::Code } else { Setting::Prose });
    }
}
