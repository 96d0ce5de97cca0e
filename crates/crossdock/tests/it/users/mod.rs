mod create;
mod key;
mod key_guarded;
mod list;
mod rank;
mod role;
mod terminate;
mod update;
