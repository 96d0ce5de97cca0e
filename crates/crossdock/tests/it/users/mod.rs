mod key;
mod rank;
