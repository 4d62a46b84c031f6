//! Currencies, and how amounts of them are written.

/// A currency, and how many decimal places its amounts have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Currency {
    code: String,
    places: u32,
}

impl Currency {
    /// Returns a currency by its ISO 4217 code. The minor unit of one that the standard does not single out is a hundredth.
    pub fn new(code: &str) -> Currency {
        let places = match code {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
            | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        };
        Currency {
            code: code.to_owned(),
            places,
        }
    }

    /// Returns its code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns how many decimal places its amounts have.
    pub fn places(&self) -> u32 {
        self.places
    }

    /// Writes an amount of at least nothing.
    pub fn spell(&self, minor_units: i64) -> String {
        if self.places == 0 {
            return minor_units.to_string();
        }
        let unit = 10_i64.pow(self.places);
        format!(
            "{}.{:0width$}",
            minor_units / unit,
            minor_units % unit,
            width = self.places as usize
        )
    }
}
