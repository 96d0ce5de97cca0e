mod create;
mod key;
mod list;
mod rank;
mod role;
mod terminate;
mod update;
