//! The standards the reader tells apart.

use std::fmt;

/// What a run of bytes is. Detection looks at content only, never at names or declared types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standard {
    /// ANSI ASC X12 (`ISA` … `IEA`).
    X12,
    /// UN/EDIFACT, ISO 9735 (`UNB` … `UNZ`, interactive `UIB` … `UIZ`).
    Edifact,
    /// UN/GTDI as used by TRADACOMS (`STX=` … `END=`).
    Tradacoms,
    /// VDA 4905, 4906, 4908, 4913 and 4915 fixed records.
    Vda,
    /// An XML document.
    Xml,
    /// Text that is none of the others.
    Txt,
    /// A PDF document.
    Pdf,
    /// Anything with control bytes or a known magic number.
    Binary,
}

impl Standard {
    /// The name used in every output: `X12`, `EDIFACT`, `TRADACOMS`, `VDA`, `XML`, `TXT`, `PDF`, `Binary`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X12 => "X12",
            Self::Edifact => "EDIFACT",
            Self::Tradacoms => "TRADACOMS",
            Self::Vda => "VDA",
            Self::Xml => "XML",
            Self::Txt => "TXT",
            Self::Pdf => "PDF",
            Self::Binary => "Binary",
        }
    }

    /// True for the four standards whose parcels are split into interchanges. The others are one document per parcel.
    #[must_use]
    pub const fn has_envelope(self) -> bool {
        matches!(self, Self::X12 | Self::Edifact | Self::Tradacoms | Self::Vda)
    }

    /// The tag of the interchange header, for messages.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::X12 => "ISA",
            Self::Edifact => "UNB",
            Self::Tradacoms => "STX",
            _ => "header",
        }
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
