mod login;
mod logout;
mod refresh;
mod session;
