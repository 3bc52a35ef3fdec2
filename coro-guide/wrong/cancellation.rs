//! Ann and Bob carry letters. Who is cancelled on the way takes the letter along.

use std::rc::Rc;

use coro_channel::Channel;

struct Post {
    tray: Channel<u32>,
    delivered: Channel<u32>,
}

/// Carries letters until the post is closed.
fn carry(post: &Post) {
    while let Some(letter) = post.tray.get() {
        coro::note(format_args!("takes {letter}"));
        coro::cede(); // walks: others run, and one of them may cancel us
        post.delivered.put(letter);
        coro::note(format_args!("brings {letter}"));
    }
}

pub(crate) fn main() {
    let post = Rc::new(Post {
        tray: Channel::unbounded(),
        delivered: Channel::unbounded(),
    });
    let [ann, bob] = ["ann", "bob"].map(|name| {
        let post = post.clone();
        coro::Builder::new().desc(name).spawn(move || carry(&post))
    });
    post.tray.put(1);
    assert_eq!(post.delivered.get(), Some(1));
    ann.cancel(); // no letter is on its way: nothing can be lost
    post.tray.put(2);
    assert_eq!(post.delivered.get(), Some(2));
    post.tray.shutdown();
    bob.join().expect("nobody cancels him");
    let end = ann.join().expect_err("she has no result");
    assert!(end.is_cancelled());
}
