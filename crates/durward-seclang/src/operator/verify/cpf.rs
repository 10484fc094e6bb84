//! `@verifyCPF`: Brazilian taxpayers (Cadastro de Pessoas Físicas), eleven digits of which two are check digits.

use super::{first, is_filler, weighted};

pub(in crate::operator) fn is_cpf(text: &[u8]) -> bool {
    let Some(digits) = first::<11>(text) else {
        return false;
    };
    let check = |sum: u32| match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    let [.., one, two] = digits;
    !(is_filler(&digits) || digits == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0])
        && one == check(weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]))
        && two == check(weighted(&digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]))
}

#[cfg(test)]
mod tests {
    use crate::operator::OperatorName::VerifyCpf;
    use crate::operator::testing::{verdicts, where_found};

    #[test]
    fn vectors() {
        const PATTERN: &[u8] = b"([0-9]{3}\\.?){3}-?[0-9]{2}";
        verdicts(
            VerifyCpf,
            &[
                (PATTERN, b"529.982.247-25", true),
                (PATTERN, b"52998224725", true),
                (PATTERN, b"529.982.247-24", false),
                (PATTERN, b"111.111.111-11", false),
                (PATTERN, b"01234567890", false),
                (PATTERN, b"5299822472", false),
                (PATTERN, b"", false),
                (PATTERN, b"9952998224725", true),
            ],
        );
        assert_eq!(where_found(VerifyCpf, PATTERN, b"x 52998224725"), Some(2..13));
    }
}
