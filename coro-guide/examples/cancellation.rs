//! Ann and Bob carry letters. Who is cancelled on the way has put the letter back before the end.

use std::rc::Rc;

use coro_channel::Channel;

struct Post {
    tray: Channel<u32>,
    delivered: Channel<u32>,
}

/// A letter that is on its way. It goes back into the tray, unless it is delivered.
struct OnItsWay<'a>(&'a Post, Option<u32>);

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        if let Some(letter) = self.1.take() {
            self.0.tray.put(letter);
            coro::note("puts it back");
        }
    }
}

/// Carries letters until the post is closed.
fn carry(post: &Post) {
    while let Some(letter) = post.tray.get() {
        let mut on_its_way = OnItsWay(post, Some(letter));
        coro::note(format_args!("takes {letter}"));
        coro::cede(); // walks: others run, and one of them may cancel us
        post.delivered.put(letter);
        on_its_way.1 = None;
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
