//! What functions are given, told by the names that programmers use for it.

use crate::literal;

/// True for a parameter or member that holds what a wallet is opened with. Passwords and API keys are not among them: signing
/// in to a service means sending these.
pub fn is_wallet_secret(name: &str) -> bool {
    const SECRETS: &[&str] = &[
        "keypair",
        "mnemonic",
        "mnemonicphrase",
        "mnemonicwords",
        "privatekey",
        "privkey",
        "recoveryphrase",
        "secretphrase",
        "secretrecoveryphrase",
        "seedphrase",
        "seedwords",
        "walletprivatekey",
    ];
    // asked of every parameter and member: nothing is allocated for it
    (7..=24).contains(&name.len())
        && SECRETS.iter().any(|secret| {
            let letters = name.bytes().filter(|b| *b != b'_');
            letters.map(|b| b.to_ascii_lowercase()).eq(secret.bytes())
        })
}

/// True for a parameter of a function that holds what a wallet is opened with. A `seed` is one where the function is about it
/// (`checkValidityOfSeed(seed)`); elsewhere it starts a generator of random numbers.
pub fn is_wallet_secret_of(function: &str, name: &str) -> bool {
    is_wallet_secret(name)
        || (name == "seed" && {
            let function = function.to_ascii_lowercase();
            function.contains("seed")
                && !function.starts_with("set")
                && !function.contains("random")
        })
}

/// True for the type of such a parameter.
pub fn is_wallet_type(name: &str) -> bool {
    matches!(
        name,
        "Keypair" | "KeyPair" | "PrivateKey" | "Mnemonic" | "LocalAccount" | "SigningKey"
    )
}

/// True for an API that opens a wallet with what it is given.
pub fn opens_wallet(api: &str) -> bool {
    const OPENERS: &[&str] = &[
        "ecpair",
        "ethers.wallet",
        "from_base58",
        "from_bytes",
        "from_key",
        "from_mnemonic",
        "from_private_key",
        "from_secret",
        "frommnemonic",
        "fromphrase",
        "fromprivatekey",
        "fromsecret",
        "fromseed",
        "fromwif",
        "mnemonicto",
        "privatekeyto",
        "privatetoaddress",
        "to_seed",
    ];
    let api = api.to_ascii_lowercase();
    OPENERS.iter().any(|opener| api.contains(opener))
}

/// True for a name that server frameworks give the request they hand to a handler.
pub fn is_request(name: &str) -> bool {
    matches!(name, "req" | "request" | "_req")
}

/// True for a name that is given to the message which a messenger's library hands to a handler.
pub fn is_message(name: &str) -> bool {
    matches!(name, "event" | "m" | "message" | "msg" | "update")
}

/// True for a decorator or method of messengers' libraries by which a function becomes a handler of messages.
pub fn registers_handler(name: &str) -> bool {
    matches!(
        name,
        "channel_post_handler"
            | "edited_message_handler"
            | "message"
            | "message_handler"
            | "on_edited_message"
            | "on_message"
    )
}

/// True for a part of a request that whoever sent it wrote.
pub fn is_request_part(name: &str) -> bool {
    matches!(
        name,
        "args"
            | "body"
            | "cookies"
            | "data"
            | "form"
            | "GET"
            | "get"
            | "headers"
            | "header"
            | "json"
            | "META"
            | "params"
            | "POST"
            | "query"
            | "query_params"
            | "query_string"
            | "rawBody"
            | "url"
            | "values"
    )
}

/// True for the header (RFC 5322, 3.6.3) of a mail that is copied to somebody unseen, set to an address that stands in the code.
pub fn is_hidden_copy(key: &str, value: &str) -> bool {
    if !key.eq_ignore_ascii_case("bcc") || value.len() > 254 {
        return false;
    }
    let value = value.trim().trim_end_matches('>');
    let address = value.rsplit_once('<').map_or(value, |(_, address)| address);
    address.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !address.contains(|c: char| c.is_whitespace() || matches!(c, ',' | '{'))
            && domain
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
    })
}

/// What a member of a transaction says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payment {
    /// Who gets the money.
    Payee,
    /// How much.
    Amount,
    /// What a contract is asked to do: its address is no payee.
    Call,
}

/// What a member of a transaction says, by its name in the libraries of Ethereum and Solana.
pub fn payment(key: &str) -> Option<Payment> {
    Some(match key {
        "to" | "toPubkey" | "to_pubkey" => Payment::Payee,
        "value" | "lamports" | "amount" => Payment::Amount,
        "data" | "input" => Payment::Call,
        _ => return None,
    })
}

/// True for an address that money can be sent to: of the chains with a recognisable form, or of Solana (32 bytes in base58).
pub fn is_account(text: &str) -> bool {
    if text.starts_with("0x") {
        return literal::is_wallet(text);
    }
    let base58 = |b: u8| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l');
    (32..=44).contains(&text.len())
        && text.bytes().all(base58)
        && text.bytes().any(|b| b.is_ascii_lowercase())
        && text.bytes().any(|b| b.is_ascii_uppercase())
        && text.bytes().filter(u8::is_ascii_digit).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_secret_where_the_function_is_about_it() {
        assert!(is_wallet_secret_of("checkValidityOfSeed", "seed"));
        assert!(is_wallet_secret_of("pay", "mnemonic"));
        for function in ["sample", "setSeed", "random_seed"] {
            assert!(!is_wallet_secret_of(function, "seed"), "{function}");
        }
    }

    #[test]
    fn secrets_of_wallets_are_told_from_credentials_of_services() {
        for name in [
            "mnemonic",
            "privateKey",
            "private_key",
            "_seed_phrase",
            "keypair",
        ] {
            assert!(is_wallet_secret(name), "{name}");
        }
        for name in [
            "password",
            "api_key",
            "secret_key",
            "public_key",
            "key",
            "seed",
        ] {
            assert!(!is_wallet_secret(name), "{name}");
        }
    }

    #[test]
    fn accounts_are_told_from_other_words() {
        assert!(is_account("0x52908400098527886E0F7030069857D2E4169EE7"));
        assert!(is_account("7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU"));
        for other in [
            "0x0000000000000000000000000000000000000000",
            "11111111111111111111111111111111",
            "recipient",
            "theAddressOfWhoeverWantsToBePaidHere",
        ] {
            assert!(!is_account(other), "{other}");
        }
    }
}
