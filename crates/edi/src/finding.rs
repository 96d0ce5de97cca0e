//! What the reader has to say about the data: exact codes, an offset and a remedy.

use std::fmt;

/// Something noticed in the data: a warning (`W…`), a reason to hold the interchange back (`E…`) or the whole parcel (`P…`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule spoke.
    pub code: Code,
    /// Byte offset in the parcel, 0-based.
    pub at: u64,
    /// The segment or record within the interchange, counted from 1 at its header; 0 outside an interchange.
    pub segment: u64,
    /// What is wrong, with the values found. Never holds a password element.
    pub message: String,
    /// What the sender or the operator can do.
    pub remedy: &'static str,
}

impl Finding {
    pub(crate) fn new(code: Code, at: u64, message: impl Into<String>) -> Self {
        Self { code, at, segment: 0, message: message.into(), remedy: code.remedy() }
    }

    pub(crate) fn in_segment(mut self, segment: u64) -> Self {
        self.segment = segment;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}: {}", self.code.as_str(), self.at, self.message)
    }
}

macro_rules! codes {
    ($($name:ident, $row:literal, $remedy:literal;)*) => {
        /// The rules, named by their published code. The number in brackets is the row of the robustness table it comes from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = concat!("[row ", stringify!($row), "] ", $remedy)] $name,)* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The published text of the code, for example `W213`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// The row of the robustness table the code belongs to.
            #[must_use]
            pub const fn row(self) -> u8 {
                match self { $(Self::$name => $row,)* }
            }

            /// What to do about it, in one sentence.
            #[must_use]
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy,)* }
            }
        }
    };
}

codes! {
    P001, 1, "Send a file that holds data.";
    P002, 2, "Send a file that holds data.";
    W101, 3, "Write the file without a byte order mark.";
    W102, 6, "Strip mail headers, control cards and comments before sending.";
    W103, 7, "Strip what stands outside the interchanges before sending.";
    E104, 9, "Convert the file to an ASCII-compatible code and send it again.";
    W201, 11, "Pad the ISA elements to their fixed lengths so that ISA is 106 bytes long.";
    E201, 12, "Write all 16 elements of ISA and send the interchange again.";
    W202, 13, "Send the data without line breaks inside segments.";
    E202, 14, "Write a segment terminator behind ISA16 and send the interchange again.";
    W203, 15, "Write the component separator in ISA16.";
    W204, 16, "Send the file without converting it to UTF-8, or use ASCII delimiters.";
    E203, 17, "Use four different delimiters that are neither letters, digits nor blanks.";
    W205, 18, "Write U in ISA11 before version 00402 and a repetition separator from 00402 on.";
    W206, 19, "Write a published control version in ISA12, for example 00401 or 00501.";
    W207, 20, "Write P for production or T for test in ISA15.";
    W208, 21, "Write ISA13 as nine digits, zero padded.";
    E210, 22, "Make header and trailer carry the same control number, or release the interchange by hand.";
    W211, 23, "Write the control number with the same padding in header and trailer.";
    E211, 24, "Send the complete file again; it ends before the trailer.";
    E212, 25, "Write the missing trailer and send the interchange again.";
    W212, 26, "End the trailer with the segment terminator.";
    W213, 27, "Count the groups or messages again before writing the trailer.";
    W214, 28, "Count again before writing the group or set trailer.";
    W215, 29, "Make group and set trailers carry the number of their headers.";
    W216, 30, "Close every group and set with its trailer, and open it with its header.";
    W217, 31, "Check that the sending system writes its groups.";
    W218, 34, "Write the number of bytes of the object, in digits, before it.";
    W219, 35, "Leave the service request out; it is not provided.";
    E220, 36, "Write the interchange header ISA before the groups and send the file again.";
    E221, 37, "Write the interchange header before the messages and send the file again.";
    E222, 38, "Write UNB behind UNA and send the file again.";
    W223, 39, "Make UNA declare the delimiters the data uses, or leave UNA out.";
    W224, 40, "End segments with the terminator, or declare the line end in UNA.";
    E230, 42, "Name the recipient in UIB, or set a default receiver for the mailbox.";
    E231, 43, "Write the receiver id in the interchange header and send the file again.";
    W236, 48, "Check the sender and receiver ids.";
    W250, 54, "Write the interchange date as a valid date.";
    W260, 56, "Write VDA records of 128 bytes.";
    E260, 57, "Send VDA data in records of 128 bytes, or with line ends.";
    E261, 58, "Write the trailer record and send the transmission again.";
    W261, 58, "Count the records again before writing the trailer.";
    W262, 59, "Check whether a transmission was lost: the old number should be the last new one.";
    W263, 60, "Number MHD 1, 2, 3 within the transmission and close each message with MTR.";
    E270, 61, "Name exactly one receiver in the SBDH, or set up a fan-out rule.";
    W271, 62, "Send well-formed XML.";
}

impl Code {
    /// True when the finding keeps the interchange from being delivered.
    #[must_use]
    pub const fn refuses(self) -> bool {
        matches!(self.as_str().as_bytes(), [b'E' | b'P', ..])
    }

    /// Which of two reasons is told first: framing before partners, partners before numbers.
    pub(crate) const fn rank(self) -> u8 {
        match self {
            Self::E211 | Self::E212 | Self::E261 => 3,
            Self::E230 | Self::E231 | Self::E270 => 2,
            Self::E210 => 1,
            _ => 4,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
