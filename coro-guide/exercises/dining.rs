//! A bank whose accounts have a lock each. Two transfers in opposite directions wait for each other.

use coro_sync::Mutex;

/// A bank.
pub struct Bank {
    accounts: Vec<Mutex<u32>>,
}

impl Bank {
    /// Returns a bank with an account for each balance.
    pub fn new(balances: &[u32]) -> Bank {
        Bank {
            accounts: balances.iter().map(|&sum| Mutex::new(sum)).collect(),
        }
    }

    /// Returns what all have together.
    pub fn total(&self) -> u32 {
        let all: Vec<_> = self.accounts.iter().map(|account| account.lock()).collect();
        all.iter().map(|balance| **balance).sum()
    }

    /// Moves `amount` from an account to another one, if there is as much; returns whether there was.
    /// `record` is called in the middle, and lets others run.
    ///
    /// Whoever asks for the total never finds a sum that is on its way. Any transfers may be made at
    /// the same time, also from an account to itself, and all end. Transfers between different
    /// accounts do not wait for each other.
    pub fn transfer(&self, from: usize, to: usize, amount: u32, record: impl FnOnce()) -> bool {
        let mut payer = self.accounts[from].lock();
        let mut payee = self.accounts[to].lock();
        let is_enough = *payer >= amount;
        if is_enough {
            *payer -= amount;
            record();
            *payee += amount;
        }
        is_enough
    }
}
